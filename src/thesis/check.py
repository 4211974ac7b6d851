"""Checking ``data/`` against its description, every problem in one run.

The rules stand in ``data/datapackage.json`` and Frictionless applies them; what this
module adds is the words for whoever has to mend the file. The rules that no descriptor
can state are in :mod:`thesis.house_rules`.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from frictionless import Checklist, FrictionlessException, Package, checks
from frictionless.errors import PrimaryKeyError

from thesis import house_rules
from thesis.problem import Problem


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
    except UnicodeDecodeError as error:
        return [house_rules.not_utf_8("data/datapackage.json", error, [])]
    try:
        rules = _rules(package, project)
    except (FrictionlessException, KeyError, TypeError) as error:
        return list(_misdescribed(error))

    problems: list[Problem] = []
    readable = {}
    for resource in package["resources"]:
        unreadable = list(_unreadable(project, resource))
        problems += unreadable
        if unreadable:
            rules.remove_resource(resource["name"])
        else:
            readable[resource["name"]] = resource
    if readable:
        problems += _broken_rules(rules, readable)
        tables = [house_rules.read_table(project, resource) for resource in readable.values()]
        for table in tables:
            for rule in house_rules.ROW_RULES:
                problems += rule(table)
        problems += house_rules.foreign_keys(tables)
        problems += house_rules.sources(project, tables)
        if "claims" in readable and "loci" in readable:
            # pandas takes a second to load, which nobody waits for who has no claims to check.
            from thesis.ledger.claims import check_claims

            sound = {table.file: name for name, table in zip(readable, tables, strict=True)}
            spoilt = {resource["name"] for resource in package["resources"]} - set(readable)
            spoilt |= {sound[problem.file] for problem in problems if problem.file in sound}
            problems += check_claims(project, spoilt)
    problems += house_rules.descriptions(package)
    problems += house_rules.undescribed(project, package)
    return sorted(set(problems), key=lambda it: (it.file, it.line or 0, it.column or "", it.found))


def _rules(package: dict[str, Any], project: Path) -> Package:
    """The rules as Frictionless wants them: without the prose and without foreign keys.

    It copies all it is given for each foreign key, and reads the table that is pointed to
    once a key, which took six seconds for ninety tables; house_rules checks them instead.
    Raises FrictionlessException or KeyError for a description with a mistake.
    """
    keys = ("name", "type", "path", "format", "encoding", "dialect")
    rules = ("name", "type", "format", "constraints")
    resources = [
        {
            **{key: resource[key] for key in keys if key in resource},
            "schema": {
                "fields": [
                    {key: field[key] for key in rules if key in field} for field in resource["schema"]["fields"]
                ],
                "primaryKey": resource["schema"].get("primaryKey", []),
            },
        }
        for resource in package["resources"]
    ]
    # Frictionless asks of a field no more than a name, and what it is not given it cannot check.
    fields = {resource["name"]: _field_names(resource) for resource in package["resources"]}
    for resource in package["resources"]:
        table = resource["name"]
        for key in resource["schema"].get("foreignKeys", []):
            name = key["reference"]["resource"] or table
            if name not in fields:
                raise KeyError(f"the table “{name}”, to which “{table}” has a key")
            for where, names in ((table, key["fields"]), (name, key["reference"]["fields"])):
                for field in house_rules.names(names):
                    if field not in fields[where]:
                        raise KeyError(f"the field “{field}” in “{where}”, of which “{table}” makes a key")
    return Package.from_descriptor({"resources": resources}, basepath=str(project / "data"))


def _field_names(resource: dict[str, Any]) -> set[str]:
    """The names of a table's fields; raises KeyError for a field without a type."""
    for field in resource["schema"]["fields"]:
        if "type" not in field:
            raise KeyError(f"a type for the field “{field['name']}” of “{resource['name']}”")
    return {field["name"] for field in resource["schema"]["fields"]}


def _misdescribed(error: FrictionlessException | KeyError | TypeError) -> Iterator[Problem]:
    """What keeps the description itself from being used."""
    if isinstance(error, FrictionlessException):
        notes = [reason.note for reason in error.reasons] or [error.error.note]
    else:
        notes = [
            f"it lacks {error.args[0]}" if isinstance(error, KeyError) else "a list where names belong, or the reverse"
        ]
    for note in notes:
        found = f"a description with a mistake ({note})"
        yield Problem("data/datapackage.json", None, None, found, "a Frictionless data package", "Correct it.")


def _unreadable(project: Path, resource: dict[str, Any]) -> Iterator[Problem]:
    """Whatever keeps a file from being read as the table it should be."""
    file = f"data/{resource['path']}"
    fields = [field["name"] for field in resource["schema"]["fields"]]
    path = project / file
    if not path.is_file():
        yield Problem(file, None, None, "no file", f"the table “{resource['name']}”", "Add it or drop its description.")
        return
    data = path.read_bytes()
    if not data.removeprefix(codecs.BOM_UTF8).strip():
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
        yield house_rules.not_utf_8(file, error, fields)
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


def _broken_rules(rules: Package, described: dict[str, dict[str, Any]]) -> Iterator[Problem]:
    """What Frictionless finds, in the words of whoever edits the file."""
    report = rules.validate(checklist=Checklist(checks=[checks.table_dimensions(min_rows=1)]))
    for task in report.tasks:
        short = {(error.row_number, error.field_name) for error in task.errors if error.type == "missing-cell"}
        for error in task.errors:
            # What is said already: of an empty line, of a key, of a short row.
            if error.type == "primary-key" and not any(error.cells):
                continue
            if error.type == "unique-error" and [error.field_name] == described[task.name]["schema"].get("primaryKey"):
                continue
            if error.type == "constraint-error" and (error.row_number, error.field_name) in short:
                continue
            yield _explain(error, described[task.name])


def _explain(error: Any, resource: dict[str, Any]) -> Problem:
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
