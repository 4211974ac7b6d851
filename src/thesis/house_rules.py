"""The rules of ``data/`` that no Frictionless descriptor can state, one small function each."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thesis.problem import Problem
from thesis.words import UNITS

Row = dict[str, str]


@dataclass(frozen=True)
class Table:
    """One readable table: its file, its description and its rows with their line numbers."""

    file: str
    resource: dict[str, Any]
    rows: list[tuple[int, Row]]

    @property
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
    for line, row in table.rows:
        for name, cell in row.items():
            if name.endswith("_printed") or name not in table.fields or table.fields[name].get("format") == "uri":
                continue
            for word in _WORD.findall(cell):
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
                continue  # not a number at all: Frictionless says so
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
    own = table.resource["schema"].get("primaryKey", [])
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

    A key whose other table cannot be read is passed over: that table is reported itself.
    """
    by_name = {table.resource["name"]: table for table in tables}
    for table in tables:
        for key in table.resource["schema"].get("foreignKeys", []):
            other = by_name.get(key["reference"]["resource"] or table.resource["name"])
            if other is None:
                continue
            columns, wanted = names(key["fields"]), names(key["reference"]["fields"])
            known = {tuple(row[name] for name in wanted) for _, row in other.rows}
            for line, row in table.rows:
                value = tuple(row[name] for name in columns)
                if any(value) and value not in known:
                    yield Problem(
                        table.file,
                        line,
                        ", ".join(columns),
                        f"“{', '.join(value)}”",
                        f"a value of “{', '.join(wanted)}” in the table “{other.resource['name']}”",
                        "Correct the cell or add the row there.",
                    )


def names(fields: str | list[str]) -> list[str]:
    """The fields of a key, which a descriptor may give as one name alone."""
    return [fields] if isinstance(fields, str) else fields


def descriptions(package: dict[str, Any]) -> Iterator[Problem]:
    """Tables and fields have a title and a description in both languages, sources a title, units a name."""
    titles = ("title", "title_kk")
    for resource in package["resources"]:
        table = f"“{resource['name']}”"
        things: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
            (f"the table {table}", resource, (*titles, "description", "description_kk"))
        ]
        things += [
            (f"the field “{field['name']}” of {table}", field, (*titles, "description", "description_kk"))
            for field in resource["schema"]["fields"]
        ]
        things += [(f"a source of {table}", source, titles) for source in resource.get("sources", [])]
        for field in resource["schema"]["fields"]:
            if field.get("unit") and field["unit"] not in UNITS:
                found = f"the unit “{field['unit']}” of the field “{field['name']}” of {table}"
                expected = f"one of {', '.join(UNITS)}"
                remedy = "Correct it, or name it in both languages in UNITS of src/thesis/words.py."
                yield Problem("data/datapackage.json", None, None, found, expected, remedy)
        for place, thing, keys in things:
            for key in keys:
                if not thing.get(key):
                    yield Problem(
                        "data/datapackage.json",
                        None,
                        None,
                        f"no {key} for {place}",
                        "a text",
                        "Add it: the site prints it.",
                    )


def undescribed(project: Path, package: dict[str, Any]) -> Iterator[Problem]:
    """Every CSV file of ``data/`` is described."""
    known = {resource["path"] for resource in package["resources"]}
    for path in sorted((project / "data").rglob("*.csv")):
        name = path.relative_to(project / "data").as_posix()
        if name not in known:
            found = "a table that data/datapackage.json does not describe"
            yield Problem(f"data/{name}", None, None, found, "a description", "Describe it or delete it.")


_ENTRY = re.compile(r"^@\w+\{([^,\s]+),", re.MULTILINE)


def citation_keys(project: Path) -> list[str]:
    """The keys of ``references.bib`` in their order, repeated ones as often as they stand."""
    return _ENTRY.findall((project / "references.bib").read_text(encoding="utf-8"))


def not_utf_8(file: str, error: UnicodeDecodeError, fields: Sequence[str] = ()) -> Problem:
    """Where a file is not UTF-8; fields: the columns, where it is a table."""
    before = error.object[: error.start]
    line, cells = before.count(b"\n") + 1, before[before.rfind(b"\n") + 1 :].count(b",")
    column = fields[cells] if cells < len(fields) else None
    found = f"the byte 0x{error.object[error.start]:02X}, which is not UTF-8 (Windows-1251, perhaps)"
    return Problem(file, line, column, found, "text in UTF-8", "Save the file again with the encoding UTF-8.")


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
