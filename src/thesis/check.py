"""Checking ``data/`` against its descriptions, every problem in one run.

What a cell may hold stands in the YAML file beside its table (:mod:`thesis.descriptions`) and
is applied here; the rules that no description states are in :mod:`thesis.house_rules`.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from thesis import house_rules
from thesis.descriptions import FIELDS, Description, Descriptions, is_date, read_descriptions
from thesis.house_rules import Row, Table
from thesis.patterns import PATTERN_LETTERS
from thesis.problem import Problem, not_utf_8

CheckClaims = Callable[[Path, set[str]], list[Problem]]


def check_data(project: Path, claims: CheckClaims | None = None) -> list[Problem]:
    """Check every table of ``data/`` and its description; return all problems.

    The list is sorted by file, line and column; an empty one means that chapters may run.
    claims: what checks the claims instead of :func:`thesis.ledger.claims.check_claims`, given
    the project and the tables that are wrong already.
    """
    descriptions = read_descriptions(project)
    problems = list(descriptions.problems)
    problems += _undescribed(project, descriptions)
    rules: list[Callable[[Table], Iterator[Problem]]] = [_cells, *house_rules.ROW_RULES]
    rules.append(partial(house_rules.own_time, last_day=descriptions.last_day))
    tables: dict[str, Table] = {}
    for name, description in descriptions.tables.items():
        if description.resource is None:
            continue
        table, unreadable = _read(project, description)
        problems += unreadable
        if table is not None:
            tables[name] = table
            absent = {(problem.line, problem.column) for problem in unreadable}
            for rule in rules:
                problems += [it for it in rule(table) if (it.line, it.column) not in absent]
    readable = list(tables.values())
    problems += house_rules.foreign_keys(readable)
    problems += house_rules.recommendation_evidence(readable, descriptions.tables)
    problems += house_rules.sources(project, readable)
    problems += _codes_without_rows(descriptions, tables)
    if "claims" in tables and "loci" in tables:
        wrong = {problem.file for problem in problems}
        invalid = {
            name
            for name, it in descriptions.tables.items()
            if name not in tables or it.file in wrong or tables[name].file in wrong
        }
        problems += (claims or _check_claims)(project, invalid)
    return sorted(set(problems), key=lambda it: (it.file, it.line or 0, it.column or "", it.found))


def _check_claims(project: Path, invalid: set[str]) -> list[Problem]:
    # pandas takes a second to load: not for those who have no claims to check.
    from thesis.ledger.claims import check_claims

    return list(check_claims(project, invalid))


def _undescribed(project: Path, descriptions: Descriptions) -> Iterator[Problem]:
    """Whatever ``data/`` holds beside tables and their descriptions."""
    described = {description.file.removesuffix(".yml") for description in descriptions.tables.values()}
    for path in sorted((project / "data").rglob("*")):
        name = path.relative_to(project).as_posix()
        if path.suffix == ".csv" and path.with_suffix("").relative_to(project).as_posix() not in described:
            if not path.with_suffix(".yml").exists():
                expected = f"its description, {path.stem}.yml, beside it"
                remedy = f"Delete it, or describe it: `thesis describe {name}` drafts the file."
                yield Problem(name, None, None, "a table without a description", expected, remedy)
        elif path.is_file() and path.suffix not in {".csv", ".yml"} and not path.name.startswith("."):
            expected = "a table (.csv) or its description (.yml)"
            yield Problem(name, None, None, "a file of another kind", expected, "Move it out of data/.")


def _read(project: Path, description: Description) -> tuple[Table | None, list[Problem]]:
    """The table as text, cell by cell, as a person sees it in an editor; None where that cannot be had.

    The problems are those of its form: a header that is another, rows too long or too short.
    """
    assert description.resource is not None
    resource = description.resource
    file = f"data/{resource['path']}"
    fields = [field["name"] for field in resource["schema"]["fields"]]
    path = project / file
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no file"
        expected = f"the table “{resource['name']}”"
        return None, [Problem(file, None, None, found, expected, "Add it or drop its description.")]
    data = path.read_bytes()
    if not data.removeprefix(codecs.BOM_UTF8).strip():
        expected = f"a header with {', '.join(fields)}"
        return None, [Problem(file, None, None, "an empty file", expected, "Restore it from git and edit that.")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return None, [not_utf_8(file, error, fields)]
    lines = csv.reader(io.StringIO(text, newline=""))
    rows: list[tuple[int, Row]] = []
    problems: list[Problem] = []
    try:
        header = next(lines)
        if header != fields:
            return None, list(_other_header(file, header, fields, description))
        for cells in lines:
            line = lines.line_num
            if len(cells) != len(fields):
                problems += _other_length(file, line, cells, fields)
            if cells:
                rows.append((line, dict(zip(fields, cells + [""] * (len(fields) - len(cells)), strict=False))))
    except csv.Error as error:
        found = f"a cell that cannot be read ({error})"
        return None, [Problem(file, lines.line_num, None, found, "cells of a readable length", "Shorten the cell.")]
    if not rows and not problems and "may_be_empty" not in resource:
        problems.append(Problem(file, None, None, "a header and no row", "at least one row", "Add the rows."))
    return Table(file, resource, rows), problems


def _other_header(file: str, header: list[str], fields: list[str], description: Description) -> Iterator[Problem]:
    if len(header) == 1 < len(fields):
        found = f"the header “{header[0]}”"
        yield Problem(file, 1, None, found, "columns separated by commas", "Save the file again with the comma.")
        return
    own = Path(description.file).name
    missing = [name for name in fields if name not in header]
    extra = [name for name in header if name not in fields]
    for name in missing:
        expected = f"the column, as line {description.lines[name]} of {own} has it"
        yield Problem(file, 1, name, "no such column", expected, "Add the column, or delete it there.")
    for name in extra:
        remedy = f"Delete it or describe it in {own}."
        yield Problem(file, 1, name, "a column nobody described", "no such column", remedy)
    if not missing and not extra:
        order = ", ".join(fields)
        yield Problem(file, 1, None, f"the columns {', '.join(header)}", f"the order {order}", "Reorder the columns.")


def _other_length(file: str, line: int, cells: list[str], fields: list[str]) -> Iterator[Problem]:
    if not cells:
        yield Problem(file, line, None, "an empty line", "a row", "Delete the line.")
        return
    for name in fields[len(cells) :]:
        yield Problem(file, line, name, "a row that ends too early", "a cell in every column", "Add the cell.")
    for cell in cells[len(fields) :]:
        expected = "as many cells as the header has"
        yield Problem(file, line, None, f"a cell too many, “{cell}”", expected, "Quote a cell that holds a comma.")


# Digits are those of ASCII, and no more of them than a column of numbers can hold.
_TYPES: dict[str, Callable[[str], object]] = {
    "integer": re.compile(r"-?[0-9]{1,18}").fullmatch,
    "number": re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?").fullmatch,
    "date": is_date,
    "year": re.compile(r"(?!0000)[0-9]{4}").fullmatch,
    "boolean": {"true", "false"}.__contains__,
}


def _cells(table: Table) -> Iterator[Problem]:
    """What a cell holds against what its field may hold, and each key once."""
    key = table.resource["schema"]["primaryKey"]
    for name, field in table.fields.items():
        rules = field.get("constraints", {})
        broken = _broken(field["type"], rules)
        unique = rules.get("unique") and key != [name]
        seen: set[str] = set()
        for line, row in table.rows:
            cell = row[name]
            if not cell:
                if rules.get("required"):
                    yield Problem(table.file, line, name, "an empty cell", _kind(field), "Fill the cell.")
                continue
            if broken(cell):
                yield Problem(table.file, line, name, f"“{cell}”", _kind(field), "Correct the cell.")
            elif unique:
                if cell in seen:
                    found = f"“{cell}” a second time"
                    yield Problem(table.file, line, name, found, "each value once", "Delete one of the rows.")
                seen.add(cell)
    first: dict[tuple[str, ...], int] = {}
    for line, row in table.rows:
        value = tuple(row[name] for name in key)
        if any(value) and value in first:
            found = f"“{', '.join(value)}” a second time (it stands in line {first[value]} already)"
            yield Problem(table.file, line, ", ".join(key), found, "each key once", "Delete one of the two rows.")
        first.setdefault(value, line)


def _broken(kind: str, rules: dict[str, Any]) -> Callable[[str], bool]:
    """Whether a cell that is not empty breaks its field's type or a constraint."""
    tests: list[Callable[[str], object]] = [_TYPES[kind]] if kind in _TYPES else []
    if "minimum" in rules:
        tests.append(lambda cell: float(cell) >= rules["minimum"])
    if "maximum" in rules:
        tests.append(lambda cell: float(cell) <= rules["maximum"])
    if "pattern" in rules:
        matches = re.compile(rules["pattern"]).fullmatch
        tests.append(lambda cell: len(cell) <= PATTERN_LETTERS and matches(cell))
    if "enum" in rules:
        tests.append(set(rules["enum"]).__contains__)
    return lambda cell: not all(test(cell) for test in tests)


def _codes_without_rows(descriptions: Descriptions, tables: dict[str, Table]) -> Iterator[Problem]:
    """The words of a code that no row has: it was misspelt, or is not needed any more."""
    holders = [
        (description.file, field, lines, [name])
        for name, description in descriptions.tables.items()
        for field, lines in description.codes.items()
    ]
    # Shared codes are looked for in every table that takes them.
    holders += [(FIELDS, field, lines, _takers(descriptions, field)) for field, lines in descriptions.codes.items()]
    for file, field, lines, names in holders:
        if not names or not all(name in tables and "may_be_empty" not in tables[name].resource for name in names):
            continue  # a table that cannot be read may have them, one that is yet to be filled will
        used = {row[field] for name in names for _, row in tables[name].rows}
        for code, line in lines.items():
            if code not in used:
                found = f"words for the code “{code}” of “{field}”, which no row has"
                yield Problem(file, line, None, found, "the codes that rows have", "Delete or correct the code.")


def _takers(descriptions: Descriptions, field: str) -> list[str]:
    """The tables that have the codes of a shared field, not their own."""
    return [name for name, it in descriptions.tables.items() if field in it.shared and field not in it.codes]


_KINDS = {
    "integer": "a whole number",
    "number": "a number with a decimal point",
    "date": "a date as YYYY-MM-DD",
    "year": "a year in four digits",
    "boolean": "true or false",
    "string": "text",
}


def _kind(field: dict[str, Any]) -> str:
    """What a field may hold, from its type and constraints: “a number … from 0 to 10”."""
    rules = field.get("constraints", {})
    words = _KINDS[field["type"]]
    if "enum" in rules:
        return "one of " + ", ".join(f"“{value}”" for value in rules["enum"])
    if "minimum" in rules and "maximum" in rules:
        words += f" from {rules['minimum']} to {rules['maximum']}"
    elif "minimum" in rules:
        words += f", {rules['minimum']} or more"
    elif "maximum" in rules:
        words += f", {rules['maximum']} or less"
    if "pattern" in rules:
        words += f" of the form {rules['pattern']}"
    return words
