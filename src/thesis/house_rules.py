"""The rules of ``data/`` that no description states, one small function each."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from thesis.problem import Problem, not_utf_8

Row = dict[str, str]


@dataclass(frozen=True)
class Table:
    """One readable table: its file, its description and its rows with their line numbers."""

    file: str
    resource: dict[str, Any]
    rows: list[tuple[int, Row]]

    @cached_property
    def fields(self) -> dict[str, dict[str, Any]]:
        """The described fields by name."""
        return {field["name"]: field for field in self.resource["schema"]["fields"]}


def read_table(project: Path, resource: dict[str, Any]) -> Table:
    """Read a table as text, cell by cell, as a person sees it in an editor."""
    file = f"data/{resource['path']}"
    with (project / file).open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines, restval="")
        return Table(file, resource, [(reader.line_num, {k: v for k, v in row.items() if k}) for row in reader])


def translations(table: Table) -> Iterator[Problem]:
    """What stands in one language stands in the other."""
    for name in table.fields:
        if not name.endswith("_kk"):
            continue
        other = name.removesuffix("kk") + "en"
        for line, row in table.rows:
            for filled, empty in ((name, other), (other, name)):
                if row.get(filled) and not row.get(empty):
                    yield Problem(
                        table.file, line, empty, "an empty cell", f"the translation of “{row[filled]}”", "Translate it."
                    )


_CYRILLIC, _LATIN = re.compile(r"[Ѐ-ӿ]"), re.compile(r"[A-Za-z]")
_WORD = re.compile(r"[^\W\d_]+")


def alphabets(table: Table) -> Iterator[Problem]:
    """No word mixes alphabets, and each language is written in its own.

    A Latin “i” in a Kazakh word looks right and is never found by a search. What the
    thesis prints (``…_printed``) is kept as it is.
    """
    checked = [
        name for name, field in table.fields.items() if not name.endswith("_printed") and field.get("format") != "uri"
    ]
    for line, row in table.rows:
        for name in checked:
            cell = row[name]
            if cell.isascii():
                continue  # one alphabet, and no language but English
            for word in _WORD.findall(cell) if _LATIN.search(cell) else ():
                if _CYRILLIC.search(word) and _LATIN.search(word):
                    latin = ", ".join(sorted(set(_LATIN.findall(word))))
                    found = f"“{word}”, in which {latin} is Latin"
                    yield Problem(table.file, line, name, found, "one alphabet in a word", "Type the word again.")
            if name.endswith("_en") and len(_CYRILLIC.findall(cell)) > len(_LATIN.findall(cell)):
                yield Problem(table.file, line, name, f"“{cell}”", "English", "Swap the two languages, or translate.")


def spaces(table: Table) -> Iterator[Problem]:
    """No space at an end of a cell, none doubled, no line break inside."""
    for line, row in table.rows:
        for name, cell in row.items():
            if cell != cell.strip() or "  " in cell or "\n" in cell:
                yield Problem(
                    table.file, line, name, f"“{cell}”", "no space at either end, none doubled", "Delete the spaces."
                )


_NUMBER = re.compile(r"[-−]?\d+(?:[.,]\d+)?")


def _size(text: str) -> float:
    return float(text.lstrip("-−").replace(",", "."))


def printed_numbers(table: Table) -> Iterator[Problem]:
    """A typed number is the printed one, unless a remark says why it is not.

    The sign is left out of the comparison: “fell by 17” is printed without one.
    """
    numeric = [name for name, field in table.fields.items() if field["type"] in {"number", "integer", "year"}]
    for name in numeric:
        if f"{name}_printed" not in table.fields:
            continue
        for line, row in table.rows:
            printed = re.sub(r"[\s%]", "", row.get(f"{name}_printed", ""))
            typed = row.get(name, "")
            if not _NUMBER.fullmatch(printed) or not typed or row.get("remark_en"):
                continue
            if not _NUMBER.fullmatch(typed):
                continue  # not a number at all: that is said already
            if _size(typed) != _size(printed):
                yield Problem(
                    table.file,
                    line,
                    name,
                    f"{typed} where “{row[f'{name}_printed']}” is printed",
                    "the printed number, or a remark that says why not",
                    "Correct the number (a decimal comma becomes a point) or fill remark_kk and remark_en.",
                )


def dates(table: Table) -> Iterator[Problem]:
    """A date agrees with its precision, its year and month, and the end it has."""
    if "date_precision" not in table.fields:
        return
    for line, row in table.rows:
        date, end, precision = row.get("date", ""), row.get("date_end", ""), row.get("date_precision", "")
        if precision == "day" and not date:
            yield Problem(
                table.file,
                line,
                "date",
                "an empty cell",
                "a date, since date_precision is “day”",
                "Fill it or say less.",
            )
        if precision in {"month", "year"} and date:
            expected = f"no day, since date_precision is “{precision}”"
            yield Problem(table.file, line, "date", f"“{date}”", expected, "Use the columns year and month.")
        if date and end and end < date:
            yield Problem(table.file, line, "date_end", f"“{end}”", f"no date before {date}", "Correct one of them.")
        for name, part in (("year", date[:4]), ("month", date[5:7].lstrip("0"))):
            if date and row.get(name) and row[name] != part:
                yield Problem(
                    table.file, line, name, f"“{row[name]}”", f"“{part}”, as in {date}", "Correct one of them."
                )


def duplicates(table: Table) -> Iterator[Problem]:
    """No row says again, under another id, what a row above says."""
    own = table.resource["schema"]["primaryKey"]
    if own != ["id"]:
        return
    said: dict[tuple[str, ...], int] = {}
    for line, row in table.rows:
        content = tuple(cell for name, cell in row.items() if name not in own)
        if len(content) > 2 and content in said:
            yield Problem(
                table.file,
                line,
                None,
                f"the same row as in line {said[content]}",
                "each row once",
                "Delete one of them.",
            )
        said.setdefault(content, line)


_DAY = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")


def own_time(table: Table, last_day: str) -> Iterator[Problem]:
    """A place of the thesis tells of nothing after its last day, and ``data/after/`` of nothing else.

    Only terms and plans, which a field's description calls so (``planned``), may lie later.
    last_day: as YYYY-MM-DD; where it is empty nothing is compared.
    """
    after = table.resource["path"].startswith("after/")
    if not last_day or not (after or "locus" in table.fields):
        return
    # Some tables have years before 1000, which are whole numbers and not of the type year.
    times = [
        name
        for name, field in table.fields.items()
        if (field["type"] in {"date", "year"} or name in {"year", "year_end"}) and not field.get("planned")
    ]
    for line, row in table.rows:
        cells = {name: row[name] for name in times}
        if row.get("month") and "year" in cells:
            cells["month"] = f"{row['year']}-{row['month']:0>2}"
        for name, cell in cells.items():
            # A year or a month is compared with that of the last day: 2025 is not after 2025-04-07.
            part = last_day[: len(cell)]
            wrong = cell < part or cell == last_day if after else cell > part
            if not wrong or not _DAY.fullmatch(cell):
                continue
            if after:
                expected = f"a time after {last_day}, the last day of the thesis"
                remedy = "Correct it, or give the row to a table of data/reference/."
            else:
                expected = f"no time after {last_day}, the last day of the thesis"
                remedy = "Correct it; what came after the thesis stands in data/after/, with a source and no locus."
            yield Problem(table.file, line, name, f"“{cell}”", expected, remedy)
            break  # the row stands in the wrong table: once is enough


ROW_RULES: tuple[Callable[[Table], Iterator[Problem]], ...] = (
    translations,
    alphabets,
    spaces,
    printed_numbers,
    dates,
    duplicates,
)


def foreign_keys(tables: list[Table]) -> Iterator[Problem]:
    """A cell that points to another table names a row that is there.

    A key whose other table cannot be read, or has no such column, is passed over: that is
    reported itself.
    """
    by_name = {table.resource["name"]: table for table in tables}
    for table in tables:
        for key in table.resource["schema"]["foreignKeys"]:
            column, wanted = key["fields"], key["reference"]["fields"]
            other = by_name.get(key["reference"]["resource"])
            if other is None or wanted not in other.fields:
                continue
            known = {row[wanted] for _, row in other.rows}
            for line, row in table.rows:
                if row[column] and row[column] not in known:
                    yield Problem(
                        table.file,
                        line,
                        column,
                        f"“{row[column]}”",
                        f"a value of “{wanted}” in the table “{other.resource['name']}”",
                        "Correct the cell or add the row there.",
                    )


_EVIDENCE = {
    "recommendations": {"id", "tie"},
    "recommendation_evidence": {"recommendation", "table", "key"},
    "evidence_tables": {"table"},
}


def recommendation_evidence(tables: list[Table], described: Collection[str]) -> Iterator[Problem]:
    """Each recommendation has the evidence its tie promises, and each piece of it is there.

    Which table the key of a piece belongs to stands in its own row, so no description can say it.
    A table that cannot be read, or lacks a column asked for, is passed over: that is reported itself.
    described: the names of all tables, those that cannot be read too.
    """
    by_name = {table.resource["name"]: table for table in tables}
    own = {
        name: by_name[name]
        for name, asked in _EVIDENCE.items()
        if name in by_name and asked <= set(by_name[name].fields)
    }
    if holders := own.get("evidence_tables"):
        for line, row in holders.rows:
            if row["table"] and row["table"] not in described:
                expected = "the name of a table of data/"
                yield Problem(holders.file, line, "table", f"“{row['table']}”", expected, "Correct the cell.")
    if (pieces := own.get("recommendation_evidence")) is None:
        return
    for line, row in pieces.rows:
        table = by_name.get(row["table"])
        if row["key"] and table and row["key"] not in {known.get("id") for _, known in table.rows}:
            expected = f"a value of “id” in the table “{row['table']}”, or an empty cell for the whole table"
            remedy = "Correct the cell or add the row there."
            yield Problem(pieces.file, line, "key", f"“{row['key']}”", expected, remedy)
    if recommendations := own.get("recommendations"):
        line_of = {row["recommendation"]: line for line, row in reversed(pieces.rows)}
        for line, row in recommendations.rows:
            first = line_of.get(row["id"])
            if row["tie"] in {"named", "found"} and first is None:
                expected = f"“none”, since {pieces.file} has nothing for “{row['id']}”"
                remedy = "Correct the cell or add the evidence there."
            elif row["tie"] == "none" and first is not None:
                expected = f"“named” or “found”, since line {first} of {pieces.file} has evidence for “{row['id']}”"
                remedy = "Correct the cell or delete the evidence there."
            else:
                continue
            yield Problem(recommendations.file, line, "tie", f"“{row['tie']}”", expected, remedy)


_ENTRY = re.compile(r"^@\w+\{([^,\s]+),", re.MULTILINE)


def citation_keys(project: Path) -> list[str]:
    """The keys of ``references.bib`` in their order, repeated ones as often as they stand."""
    return _ENTRY.findall((project / "references.bib").read_text(encoding="utf-8"))


def sources(project: Path, tables: list[Table]) -> Iterator[Problem]:
    """Every source a row names is in ``references.bib``, and every entry there is used."""
    try:
        keys = citation_keys(project)
    except FileNotFoundError:
        yield Problem("references.bib", None, None, "no file", "the bibliography", "Restore it from git.")
        return
    except UnicodeDecodeError as error:
        yield not_utf_8("references.bib", error)
        return
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Problem("references.bib", None, None, f"two entries “{key}”", "each key once", "Delete one of them.")
    used: set[str] = set()
    for table in tables:
        if "source" not in table.fields:
            continue
        for line, row in table.rows:
            used.add(row["source"])
            if row["source"] and row["source"] not in keys:
                found = f"“{row['source']}”"
                yield Problem(
                    table.file, line, "source", found, "a key of references.bib", "Add the entry or correct the key."
                )
    pages = [project / "index.qmd", *sorted((project / "chapters").glob("*.qmd"))]
    unreadable = False
    for page in pages:
        if page.is_file():
            try:
                used.update(re.findall(r"@([\w:.-]*\w)", page.read_text(encoding="utf-8")))
            except UnicodeDecodeError as error:
                unreadable = True
                yield not_utf_8(page.relative_to(project).as_posix(), error)
    for key in keys:
        # What a page cites that cannot be read is not known.
        if key not in used and not unreadable:
            expected = "a row or a page that cites it"
            yield Problem(
                "references.bib", None, None, f"“{key}”, which nothing cites", expected, "Cite it or delete it."
            )
