"""Checking ``data/`` against its description, every problem in one run.

The rules stand in ``data/datapackage.json`` and Frictionless applies them; what this
module adds is the words for whoever has to mend the file, and the few rules that no
Frictionless descriptor can state.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from frictionless import Checklist, Package, checks
from frictionless.errors import ForeignKeyError, PrimaryKeyError
from frictionless.report import ReportTask


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with one file: where it is, what stands there, what should.

    file: path from the project's folder; line: counted from 1, the header being line 1,
    or None when the whole file is meant; column: the field's name.
    """

    file: str
    line: int | None
    column: str | None
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f", line {self.line}"
        if self.column is not None:
            place += f", column “{self.column}”"
        return f"{place}: found {self.found}; expected {self.expected}. {self.remedy}"

    def as_dict(self) -> dict[str, Any]:
        """The same for machines, keys in the order above."""
        return asdict(self)


def check_data(project: Path) -> list[Problem]:
    """Check every table that ``data/datapackage.json`` describes; return all problems.

    The list is sorted by file, line and column; an empty one means that chapters may run.
    """
    descriptor = project / "data" / "datapackage.json"
    try:
        package = json.loads(descriptor.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return [Problem("data/datapackage.json", None, None, "no file", "the data package", "Restore it from git.")]
    except json.JSONDecodeError as error:
        found = f"text that is not JSON ({error.msg})"
        return [Problem("data/datapackage.json", error.lineno, None, found, "valid JSON", "Correct the line.")]

    problems: list[Problem] = []
    readable = {}
    for resource in package["resources"]:
        unreadable = list(_unreadable(project, resource))
        problems += unreadable
        if not unreadable:
            readable[resource["name"]] = resource
    # A key that points to a table which cannot be read would be reported once a row; the
    # table itself is already in the list.
    for resource in readable.values():
        keys = resource["schema"].get("foreignKeys", [])
        resource["schema"]["foreignKeys"] = [key for key in keys if key["reference"]["resource"] in readable]
    if readable:
        problems += _broken_rules({**package, "resources": list(readable.values())}, project)
        problems += _unknown_sources(project, readable)
    return sorted(set(problems), key=lambda problem: (problem.file, problem.line or 0, problem.column or ""))


def _unreadable(project: Path, resource: dict[str, Any]) -> Iterator[Problem]:
    """Whatever keeps a file from being read as the table it should be."""
    file = f"data/{resource['path']}"
    fields = [field["name"] for field in resource["schema"]["fields"]]
    path = project / file
    if not path.is_file():
        yield Problem(file, None, None, "no file", f"the table “{resource['name']}”", "Add it or drop its description.")
        return
    data = path.read_bytes()
    if not data.strip():
        yield Problem(
            file,
            None,
            None,
            "an empty file",
            f"a header with {', '.join(fields)}",
            "Restore it from git and edit that.",
        )
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line, cells = before.count(b"\n") + 1, before[before.rfind(b"\n") + 1 :].count(b",")
        column = fields[cells] if cells < len(fields) else None
        yield Problem(
            file,
            line,
            column,
            f"the byte 0x{data[error.start]:02X}, which is not UTF-8 (Windows-1251, perhaps)",
            "text in UTF-8",
            "Save the file again with the encoding UTF-8.",
        )
        return
    header = next(csv.reader(io.StringIO(text)))
    if header == fields:
        return
    if len(header) == 1 < len(fields):
        found = f"the header “{header[0]}”"
        yield Problem(file, 1, None, found, "columns separated by commas", "Save the file again with the comma.")
        return
    missing = [name for name in fields if name not in header]
    extra = [name for name in header if name not in fields]
    for name in missing:
        yield Problem(file, 1, name, "no such column", "the column, as datapackage.json lists it", "Add the column.")
    for name in extra:
        yield Problem(
            file,
            1,
            name,
            "a column nobody described",
            "no such column",
            "Delete it or describe it in datapackage.json.",
        )
    if not missing and not extra:
        order = ", ".join(fields)
        yield Problem(file, 1, None, f"the columns {', '.join(header)}", f"the order {order}", "Reorder the columns.")


def _broken_rules(package: dict[str, Any], project: Path) -> Iterator[Problem]:
    """What Frictionless finds, in the words of whoever edits the file."""
    checklist = Checklist(checks=[checks.table_dimensions(min_rows=1)])
    report = Package.from_descriptor(package, basepath=str(project / "data")).validate(checklist=checklist)
    resources = {resource["name"]: resource for resource in package["resources"]}
    for task in report.tasks:
        for error in task.errors:
            yield _explain(error, task, resources[task.name])


def _explain(error: Any, task: ReportTask, resource: dict[str, Any]) -> Problem:
    file = f"data/{resource['path']}"
    line = getattr(error, "row_number", None)
    column = getattr(error, "field_name", None) or None
    field = next((field for field in resource["schema"]["fields"] if field["name"] == column), None)
    cell = f"“{getattr(error, 'cell', '')}”"
    match error.type:
        case "type-error" if field:
            return Problem(file, line, column, cell, _kind(field), "Correct the cell.")
        case "constraint-error" if field and "required" in error.note:
            return Problem(file, line, column, "an empty cell", _kind(field), "Fill the cell.")
        case "constraint-error" if field and "unique" in error.note:
            return Problem(file, line, column, f"{cell} a second time", "each value once", "Delete one of the rows.")
        case "constraint-error" if field:
            return Problem(file, line, column, cell, _kind(field), "Correct the cell.")
        case "unique-error":
            return Problem(file, line, column, f"{cell} a second time", "each value once", "Delete one of the rows.")
        case "primary-key" if isinstance(error, PrimaryKeyError):
            keys = resource["schema"]["primaryKey"]
            cells = dict(zip((f["name"] for f in resource["schema"]["fields"]), error.cells, strict=False))
            value = ", ".join(str(cells.get(key, "")) for key in keys)
            first = re.search(r"\d+$", error.note)
            found = f"“{value}” a second time" + (f" (it stands in line {first.group()} already)" if first else "")
            return Problem(file, line, ", ".join(keys), found, "each key once", "Delete one of the two rows.")
        case "foreign-key" if isinstance(error, ForeignKeyError):
            value = ", ".join(str(cell) for cell in error.field_cells)
            expected = f"a value of “{', '.join(error.reference_field_names)}” in the table “{error.reference_name}”"
            return Problem(
                file,
                line,
                ", ".join(error.field_names),
                f"“{value}”",
                expected,
                "Correct the cell or add the row there.",
            )
        case "missing-cell":
            return Problem(file, line, column, "a row that ends too early", "a cell in every column", "Add the cell.")
        case "extra-cell":
            expected = "as many cells as the header has"
            return Problem(file, line, None, f"a cell too many, {cell}", expected, "Quote a cell that holds a comma.")
        case "blank-row":
            return Problem(file, line, None, "an empty line", "a row", "Delete the line.")
        case "table-dimensions":
            return Problem(file, None, None, "a header and no row", "at least one row", "Add the rows.")
        case _:
            return Problem(file, line, column, error.message, "a table as described", "See datapackage.json.")


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
    words: str = _KINDS.get(field["type"], field["type"])
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


def citation_keys(project: Path) -> set[str]:
    """The keys of ``references.bib``."""
    text = (project / "references.bib").read_text(encoding="utf-8")
    return set(re.findall(r"^@\w+\{([^,\s]+),", text, re.MULTILINE))


def _unknown_sources(project: Path, resources: dict[str, dict[str, Any]]) -> Iterator[Problem]:
    """A row of ``data/reference/`` whose source ``references.bib`` does not have."""
    known = citation_keys(project)
    for resource in resources.values():
        if not resource["path"].startswith("reference/"):
            continue
        file = f"data/{resource['path']}"
        with (project / file).open(encoding="utf-8-sig", newline="") as lines:
            for line, row in enumerate(csv.DictReader(lines), 2):
                if row.get("source") and row["source"] not in known:
                    found = f"“{row['source']}”"
                    yield Problem(
                        file, line, "source", found, "a key of references.bib", "Add the entry or correct the key."
                    )
