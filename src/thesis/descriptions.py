"""What the tables of ``data/`` are: one YAML file beside each CSV file, and what they share.

``data/**/NAME.yml`` describes ``NAME.csv``, ``data/fields.yml`` the fields that several tables
have, ``data/package.yml`` the whole. Nothing else in the project knows what these files look
like: everyone is given a table as the Data Package standard has it, a dictionary with
``path``, ``title``, ``schema`` and so on.

Nothing here loads pandas, so that checking is quick.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from glob import glob
from pathlib import Path
from typing import Any, ClassVar

from thesis.patterns import pattern_fault
from thesis.problem import Problem
from thesis.words import UNITS
from thesis.yaml_lines import Node, YamlReading, kind_of, listed, short

FIELDS = "data/fields.yml"
PACKAGE = "data/package.yml"
TYPES = ("string", "integer", "number", "date", "year", "boolean")

_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
_TEXTS = ("title_kk", "title_en", "description_kk", "description_en")
_STANDARD = {"title_en": "title", "description_en": "description"}
"""The standard has one language, which is English here; the other keeps its ending."""

TABLE_KEYS = (*_TEXTS, "sources", "may_be_empty", "key", "fields")
FIELD_KEYS = (
    *("own", "type", *_TEXTS, "unit", "format", "planned"),
    *("required", "unique", "minimum", "maximum", "pattern", "codes", "refers_to"),
)
_CONSTRAINTS = ("required", "unique", "minimum", "maximum", "pattern", "enum")
_ONLY_FOR = {
    "codes": ("string",),
    **dict.fromkeys(("minimum", "maximum"), ("integer", "number", "year")),
    "planned": ("date", "year"),
}
_SOURCE_KEYS = ("title_kk", "title_en", "path")
_PACKAGE_TEXTS = ("name", *_TEXTS, "version", "last_day", "last_day_locus")
_CODE_KEYS = ("kk", "en")


@dataclass(frozen=True)
class Description:
    """One table as its YAML file describes it.

    file: the YAML file; resource: the table as the Data Package standard has it, None where
    the file cannot be used; lines: field → the line where the file names it; shared: the
    fields taken from ``fields.yml``; codes: field → code → the line that gives the code its
    words; problems: all that is wrong with it.
    """

    file: str
    resource: dict[str, Any] | None
    lines: dict[str, int]
    shared: frozenset[str]
    codes: dict[str, dict[str, int]]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Descriptions:
    """All tables by name, what ``fields.yml`` holds, and all that is wrong with any of it.

    codes: shared field → code → the line of ``fields.yml`` that gives the code its words;
    last_day: the last day of the thesis's own time, as YYYY-MM-DD, empty where it cannot be used.
    """

    tables: dict[str, Description]
    codes: dict[str, dict[str, int]]
    last_day: str
    problems: tuple[Problem, ...]


def is_date(text: str) -> bool:
    """Whether a text is a day of the calendar as YYYY-MM-DD, in the digits 0 to 9."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


# ---- finding ----


def table_files(project: Path) -> dict[str, str]:
    """The name of each described table → its YAML file, from the project's folder.

    A table is called like its file; one of ``data/reference/``, which holds what other
    sources say of the same, has ``_reference`` added, one of ``data/after/``, which holds what
    came after the thesis, ``_after``.
    """
    # glob and not Path.rglob, which is ten times as slow: each table that is loaded is looked for.
    files = sorted(glob("data/**/*.yml", root_dir=project, recursive=True))  # noqa: PTH207
    return {_name(file): file for file in files if file not in {FIELDS, PACKAGE}}


def _name(file: str) -> str:
    folder, _, name = file.rpartition("/")
    added = {"data/reference": "_reference", "data/after": "_after"}.get(folder, "")
    return name.rpartition(".")[0] + added


def describe_file(project: Path, file: str) -> dict[str, Any]:
    """A table as its YAML file and the shared fields it names describe it.

    Raises ValueError, with every problem, for a description that cannot be used, and
    FileNotFoundError where there is no such file.
    """
    description = _describe(file, *_contents(project, file))
    if description.resource is None or description.problems:
        raise ValueError("\n".join(map(str, description.problems)))
    return description.resource


def _contents(project: Path, file: str) -> tuple[bytes, bytes]:
    shared = project / FIELDS
    return (project / file).read_bytes(), shared.read_bytes() if shared.is_file() else b""


def digest(project: Path, file: str) -> str | None:
    """The hash of a description with the shared fields it names; None where the file is gone.

    ``data/package.yml`` stands for all descriptions. Raises ValueError for one that cannot be used.
    """
    if not (project / file).is_file():
        return None
    described = build_package(project) if file == PACKAGE else describe_file(project, file)
    return hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()


def build_package(project: Path, homepage: str = "") -> dict[str, Any]:
    """The whole as a Data Package, which any Frictionless tool reads: ``datapackage.json``.

    homepage: where the site is published; left out while nobody knows. Raises ValueError,
    with every problem, for descriptions that cannot be used.
    """
    facts = _package(project)
    resources = [describe_file(project, file) for file in sorted(table_files(project).values(), key=_place)]
    return {"$schema": _PROFILE, **facts, **({"homepage": homepage} if homepage else {}), "resources": resources}


def _place(file: str) -> tuple[str, str]:
    """What sorts tables: those of the folder itself first, then folder by folder."""
    return (str(Path(file).parent), file)


def _package(project: Path) -> dict[str, Any]:
    read = _Reading(PACKAGE)
    facts = read.package((project / PACKAGE).read_bytes())
    if read.problems:
        raise ValueError("\n".join(map(str, read.problems)))
    return facts


# ---- reading all of them ----


def read_descriptions(project: Path) -> Descriptions:
    """Read every description; what is wrong with any is told, and the others are there all the same."""
    problems: list[Problem] = []
    last_day = ""
    for name in (FIELDS, PACKAGE):
        if (problem := _unusable(project, name)) is not None:
            problems.append(problem)
        elif name == PACKAGE:
            read = _Reading(PACKAGE)
            last_day = read.package((project / PACKAGE).read_bytes()).get("last_day", "")
            problems += read.problems
    shared_bytes = (project / FIELDS).read_bytes() if (project / FIELDS).is_file() else b""
    shared, shared_problems = _shared(shared_bytes)
    problems += shared_problems if shared_bytes else ()
    tables: dict[str, Description] = {}
    for path in sorted((project / "data").rglob("*.yml")):
        file = path.relative_to(project).as_posix()
        if file in {FIELDS, PACKAGE}:
            continue
        if (problem := _unusable(project, file)) is not None:
            problems.append(problem)
            continue
        name = _name(file)
        if name in tables:
            found = f"a second table “{name}”, which {tables[name].file} describes too"
            problems.append(Problem(file, None, None, found, "each name once", "Rename one of the two files."))
            continue
        tables[name] = description = _describe(file, path.read_bytes(), shared_bytes)
        problems += description.problems
    undescribed = {_name(path.relative_to(project).as_posix()) for path in (project / "data").rglob("*.csv")}
    problems += _keys_to_nothing(tables, undescribed - set(tables))
    codes = {name: field.codes for name, field in (shared or {}).items() if field.codes}
    return Descriptions(tables, codes, last_day, tuple(problems))


def _unusable(project: Path, file: str) -> Problem | None:
    path = project / file
    if path.is_file():
        return None
    found = "a folder" if path.is_dir() else "no file"
    expected = {FIELDS: "the fields that tables share", PACKAGE: "the facts of the whole data package"}.get(
        file, "the description of a table"
    )
    return Problem(file, None, None, found, expected, "Restore it from git." if found == "no file" else "Rename it.")


def _keys_to_nothing(tables: dict[str, Description], undescribed: Iterable[str]) -> Iterator[Problem]:
    """The keys to a table or a field that is not there; what an undescribed table has is not known."""
    fields: dict[str, set[str] | None] = dict.fromkeys(undescribed)
    fields |= {
        name: None if it.resource is None else {field["name"] for field in it.resource["schema"]["fields"]}
        for name, it in tables.items()
    }
    for description in tables.values():
        for key in description.resource["schema"]["foreignKeys"] if description.resource else ():
            own, table, field = key["fields"], key["reference"]["resource"], key["reference"]["fields"]
            there = fields.get(table, set())
            if there is not None and field not in there:
                found = f"a key of “{own}” to “{table}.{field}”"
                missing = f"a field of the table “{table}”" if table in tables else "a table that is there"
                yield Problem(description.file, description.lines[own], None, found, missing, "Correct refers_to.")


# ---- one file ----


@dataclass(frozen=True)
class _Field:
    """The keys of one field that were given, read but not yet completed by the shared ones."""

    values: dict[str, Any]
    line: int
    codes: dict[str, int]


class _Reading(YamlReading):
    """Reads the three kinds of files and keeps what is wrong with each."""

    def package(self, data: bytes) -> dict[str, Any]:
        keys = self.parse(data)
        if keys is None:
            return {}
        keys = self.mapping(Node(keys, 1), (*_PACKAGE_TEXTS, "licenses", "contributors"), "the package")
        facts: dict[str, Any] = self.texts(keys, _PACKAGE_TEXTS, "the package", None)
        if "last_day" in facts and not is_date(facts["last_day"]):
            found = f"“{short(facts.pop('last_day'))}” as last_day of the package"
            self.problem(keys["last_day"].line, found, "a date as YYYY-MM-DD")
        for key, known in (("licenses", ("name", "title", "path")), ("contributors", ("title", "path", "roles"))):
            facts[key] = []
            for item in self.items(keys, key, "the package", None):
                entry = self.mapping(item, known, f"one of the {key}")
                facts[key].append(self.texts(entry, [name for name in entry if name != "roles"], key, item.line))
                if "roles" in entry:
                    facts[key][-1]["roles"] = [
                        str(role.value)
                        for role in self.items(entry, "roles", key, item.line)
                        if self.is_text(role, "a role", key)
                    ]
        return {_STANDARD.get(key, key): value for key, value in facts.items()}

    def shared(self, data: bytes) -> dict[str, _Field] | None:
        """The shared fields; None where the file cannot be used."""
        keys = self.parse(data)
        if keys is None:
            return None
        fields = {}
        for name, node in keys.items():
            what = f"the shared field “{name}”"
            field = self.field(node, [key for key in FIELD_KEYS if key != "own"], what)
            self.complete(field, what)
            fields[name] = field
        return fields

    def table(self, data: bytes, shared: dict[str, _Field] | None) -> Description:
        keys = self.parse(data)
        if keys is None:
            return self.unusable()
        name, path = _name(self.file), self.file.removeprefix("data/").removesuffix(".yml") + ".csv"
        what = f"the table “{name}”"
        keys = self.mapping(Node(keys, 1), TABLE_KEYS, what)
        texts = self.texts(keys, _TEXTS, what, None)
        sources = []
        for item in self.items(keys, "sources", what, None):
            entry = self.mapping(item, _SOURCE_KEYS, f"a source of “{name}”")
            wanted = [*_SOURCE_KEYS[:2], *(["path"] if "path" in entry else [])]
            source = self.texts(entry, wanted, f"a source of “{name}”", item.line)
            sources.append({_STANDARD.get(key, key): text for key, text in source.items()})
        empty = "may_be_empty" in keys and self._flag(keys["may_be_empty"], "may_be_empty", what)
        given = keys.get("fields")
        if given is None or not isinstance(given.value, dict) or not given.value:
            found = f"{'no' if given is None else kind_of(given) + ' as'} fields of {what}"
            self.problem(
                given.line if given else None, found, "the columns of the table, one below the other", "Add them."
            )
            return self.unusable()
        fields, foreign, lines, taken, codes = [], [], {}, [], {}
        for field_name, node in given.value.items():
            lines[field_name] = node.line
            own = self.field(node, FIELD_KEYS, f"the field “{field_name}” of “{name}”")
            common = None if own.values.get("own") else (shared or {}).get(field_name)
            if own.codes:
                codes[field_name] = own.codes
            if common is not None:
                taken.append(field_name)
            elif shared is not None:
                self.complete(own, f"the field “{field_name}” of “{name}”")
            field, refers_to = self.column(field_name, own, common, f"the field “{field_name}” of “{name}”")
            if own.values.get("own") and shared is not None and field_name not in shared:
                found = f"own: true for the field “{field_name}” of “{name}”"
                self.problem(node.line, found, f"a name that {FIELDS} has too", "Delete it.")
            fields.append(field)
            if refers_to:
                foreign.append({"fields": field_name, "reference": {"resource": refers_to[0], "fields": refers_to[1]}})
        for field in fields:
            for column in (f"{field['name']}_kk", f"{field['name']}_en") if "labels" in field else ():
                if column in lines:
                    found = f"the column “{column}”, which the words of the codes of “{field['name']}” make too"
                    self.problem(lines[column], found, "each name once", "Rename the column.")
        resource = {
            "name": name,
            "type": "table",
            "path": path,
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "dialect": {"csv": {"delimiter": ","}},
            **{_STANDARD.get(key, key): text for key, text in texts.items()},
            "sources": sources,
            **({"may_be_empty": True} if empty else {}),
            "schema": {"fields": fields, "primaryKey": self.key(keys, lines, what), "foreignKeys": foreign},
        }
        return Description(self.file, resource, lines, frozenset(taken), codes, tuple(self.problems))

    def unusable(self) -> Description:
        return Description(self.file, None, {}, frozenset(), {}, tuple(self.problems))

    def key(self, keys: dict[str, Node], lines: dict[str, int], what: str) -> list[str]:
        node = keys.get("key")
        names = [] if node is None else node.value if isinstance(node.value, list) else [node]
        if node is None or not names:
            self.problem(node.line if node else None, f"no key of {what}", "the columns that tell its rows apart")
        found = []
        for name in names:
            if not isinstance(name.value, str) or name.value not in lines:
                shown = f"“{name.value}”" if isinstance(name.value, str) else kind_of(name)
                self.problem(name.line, f"{shown} in the key of {what}", f"one of {listed(lines)}")
            else:
                found.append(name.value)
        return found

    def column(
        self, name: str, own: _Field, common: _Field | None, what: str
    ) -> tuple[dict[str, Any], tuple[str, str] | None]:
        """One column and what it refers to: what the table says of it goes before what ``fields.yml`` says."""
        values = dict(own.values)
        if common is not None:
            shared = common.values.get("type")
            if values.get("type", shared) != shared:
                found = f"the type “{values['type']}” for {what}, which {FIELDS} shares as “{shared}”"
                remedy = "Delete the type, rename the column, or write own: true if only the name is the same."
                self.problem(own.line, found, "the shared type", remedy)
                del values["type"]
            values = {**common.values, **values}
        for key, kinds in _ONLY_FOR.items():
            if values.get(key) is not None and values.get("type", "string") not in kinds:
                self.problem(own.line, f"{key} for {what}", f"the type {' or '.join(kinds)} for that")
                del values[key]
        field: dict[str, Any] = {"name": name, "type": values.get("type", "string")}
        for key in (*_TEXTS, "unit", "format"):
            if key in values:
                field[_STANDARD.get(key, key)] = values[key]
        if values.get("planned"):
            field["planned"] = True
        codes: dict[str, dict[str, str]] = values.get("codes") or {}
        constraints = {**values, "enum": list(codes)} if codes else values
        rules = {key: rule for key in _CONSTRAINTS if (rule := constraints.get(key)) is not None and rule is not False}
        if rules:
            field["constraints"] = rules
        if any(codes.values()):
            field["labels"] = codes
        return field, values.get("refers_to")

    def complete(self, field: _Field, what: str) -> None:
        """Tell what a field that is described in one place lacks."""
        if not field.values:
            remedy = f"Describe it here, or in {FIELDS} if several tables have it."
            self.problem(field.line, f"nothing about {what}", "its type, titles and descriptions", remedy)
            return
        if "type" not in field.values:
            self.problem(field.line, f"no type for {what}", f"one of {listed(TYPES)}", "Add it.")
        for key in _TEXTS:
            if key not in field.values:
                self.problem(field.line, f"no {key} for {what}", "a text", "Add it: the site prints it.")

    def field(self, node: Node, known: Iterable[str], what: str) -> _Field:
        """The keys that are given for a field."""
        keys = self.mapping(node, known, what)
        values: dict[str, Any] = {}
        for key, value in keys.items():
            read = self._readers[key](self, value, key, what)
            if read is not None or key not in _TEXTS:
                values[key] = read  # None, where it is wrong: not the shared one instead
        named = keys["codes"].value if "codes" in keys else None
        codes = {code: words.line for code, words in named.items()} if isinstance(named, dict) else {}
        return _Field(values, node.line, codes)

    def _text(self, node: Node, key: str, what: str) -> str | None:
        if node.value is None or node.value == "":
            return None
        return str(node.value) if self.is_text(node, key, what) else None

    def _unit(self, node: Node, key: str, what: str) -> str | None:
        unit = self._text(node, key, what)
        if unit and unit not in UNITS:
            remedy = "Correct it, or name it in both languages in UNITS of src/thesis/words.py."
            self.problem(node.line, f"“{unit}” as unit of {what}", f"one of {listed(UNITS)}", remedy)
        return unit

    def _type(self, node: Node, key: str, what: str) -> str | None:
        if node.value in TYPES:
            return str(node.value)
        shown = f"“{node.value}”" if isinstance(node.value, str) else kind_of(node)
        self.problem(node.line, f"{shown} as type of {what}", f"one of {listed(TYPES)}")
        return "string"

    def _flag(self, node: Node, key: str, what: str) -> bool | None:
        if node.value in ("true", "false"):
            return node.value == "true"
        shown = f"“{node.value}”" if isinstance(node.value, str) else kind_of(node)
        self.problem(node.line, f"{shown} as {key} of {what}", "true or false")
        return None

    def _number(self, node: Node, key: str, what: str) -> int | float | None:
        if isinstance(node.value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", node.value):
            return float(node.value) if "." in node.value else int(node.value)
        shown = f"“{short(node.value)}”" if isinstance(node.value, str) else kind_of(node)
        self.problem(node.line, f"{shown} as {key} of {what}", "a number with a decimal point")
        return None

    def _pattern(self, node: Node, key: str, what: str) -> str | None:
        if not self.is_text(node, key, what):
            return None
        fault = pattern_fault(str(node.value))
        if fault:
            expected = "letters, classes and groups that are repeated in one place"
            self.problem(node.line, f"the pattern “{short(str(node.value))}” of {what}, {fault}", expected)
            return None
        return str(node.value)

    def _refers_to(self, node: Node, key: str, what: str) -> tuple[str, str] | None:
        parts = str(node.value).split(".") if isinstance(node.value, str) else []
        if len(parts) == 2 and all(parts):
            return (parts[0], parts[1])
        shown = f"“{node.value}”" if isinstance(node.value, str) else kind_of(node)
        self.problem(node.line, f"{shown} as refers_to of {what}", "a table and its field, as “loci.id”")
        return None

    def _codes(self, node: Node, key: str, what: str) -> dict[str, dict[str, str]] | None:
        """The codes with their words in both languages; no words where a list stands."""
        if isinstance(node.value, list) and node.value:
            names = [str(item.value) for item in node.value if self.is_text(item, "a code", what)]
            for name in sorted({name for name in names if names.count(name) > 1}):
                self.problem(node.line, f"the code “{name}” of {what} a second time", "each code once")
            return {name: {} for name in names}
        if isinstance(node.value, dict) and node.value:
            return {
                code: self.texts(
                    self.mapping(words, _CODE_KEYS, f"the code “{code}” of {what}"),
                    _CODE_KEYS,
                    f"the code “{code}” of {what}",
                    words.line,
                )
                for code, words in node.value.items()
            }
        self.problem(node.line, f"{kind_of(node)} as codes of {what}", "a list of codes, or codes with their words")
        return None

    _readers: ClassVar[dict[str, Callable[[_Reading, Node, str, str], Any]]] = {
        **dict.fromkeys((*_TEXTS, "format"), _text),
        "unit": _unit,
        "type": _type,
        **dict.fromkeys(("own", "planned", "required", "unique"), _flag),
        **dict.fromkeys(("minimum", "maximum"), _number),
        "pattern": _pattern,
        "codes": _codes,
        "refers_to": _refers_to,
    }


@lru_cache(maxsize=4)
def _shared(data: bytes) -> tuple[dict[str, _Field] | None, tuple[Problem, ...]]:
    read = _Reading(FIELDS)
    fields = read.shared(data)
    return fields, tuple(read.problems)


@lru_cache(maxsize=512)
def _describe(file: str, data: bytes, shared: bytes) -> Description:
    """A table's description from the contents of its file and of ``fields.yml``."""
    return _Reading(file).table(data, _shared(shared)[0])


# ---- drafting ----

_CODE = re.compile(r"[a-z][a-z0-9-]*")
_MOST_CODES = 15


def draft(project: Path, file: str) -> str:
    """What can be seen of a table, as the beginning of its description; what cannot is left blank.

    file: the CSV file, from the project's folder. Columns that ``data/fields.yml`` has are
    named alone, the others get a type, the key they seem to be or to point to, and blanks for
    their words. Raises ValueError for a file that is no table.
    """
    try:
        lines = csv.reader(io.StringIO((project / file).read_bytes().decode("utf-8-sig"), newline=""))
        header, *rows = [cells for cells in lines if cells]
    except (UnicodeDecodeError, ValueError, csv.Error) as error:
        raise ValueError(f"{file} cannot be read as a table in UTF-8 ({error})") from error
    repeated = sorted({name for name in header if header.count(name) > 1 or not re.fullmatch(r"[a-z][a-z0-9_]*", name)})
    if repeated:
        raise ValueError(f"{file}, line 1: found the columns {listed(repeated)}; expected snake_case names, each once")
    columns = {name: [row[place] if place < len(row) else "" for row in rows] for place, name in enumerate(header)}
    shared = (_shared(_contents(project, FIELDS)[0])[0] if (project / FIELDS).is_file() else None) or {}
    keys = [name for name, cells in columns.items() if rows and all(cells) and len(set(cells)) == len(cells)]
    blanks = "".join(f"{key}:\n" for key in _TEXTS)
    text = f"{blanks}sources:\n- title_kk:\n  title_en:\nkey: {keys[0] if keys else ''}\nfields:\n"
    known = _known_keys(project, file)
    for name, cells in columns.items():
        text += f"  {name}:\n"
        if name not in shared:
            facts = {"type": _seen_type(cells), **dict.fromkeys(_TEXTS, "")}
            if rows and all(cells):
                facts["required"] = "true"
            if name in keys[:1]:
                facts["unique"] = "true"
            values = set(filter(None, cells))
            pointed = [target for target, there in known.items() if facts["type"] == "string" and values <= there]
            if values and len(pointed) == 1:
                facts["refers_to"] = pointed[0]
            elif facts["type"] == "string" and values and _are_codes(values, len(cells)):
                facts["codes"] = "".join(f"\n      {code}: {{kk: , en: }}" for code in sorted(values))
            text += "".join(f"    {key}: {fact}".rstrip() + "\n" for key, fact in facts.items())
    return text


def _are_codes(values: set[str], rows: int) -> bool:
    return len(values) <= min(_MOST_CODES, rows // 2) and all(map(_CODE.fullmatch, values))


def _seen_type(cells: list[str]) -> str:
    known = [cell for cell in cells if cell]
    patterns = {
        "year": r"(1[0-9]|20)[0-9]{2}",
        "integer": r"-?(0|[1-9][0-9]{0,17})",
        "number": r"-?[0-9]{1,15}(\.[0-9]+)?",
        "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "boolean": r"true|false",
    }
    seen = (kind for kind, pattern in patterns.items() if all(re.fullmatch(pattern, cell) for cell in known))
    return next(seen, "string") if known else "string"


def _known_keys(project: Path, file: str) -> dict[str, set[str]]:
    """The values of every other table's key of one column, by “table.column”.

    A key that points to another table itself is left out: that table is the one to point to.
    """
    known = {}
    for name, description in table_files(project).items():
        path = project / f"{description.removesuffix('.yml')}.csv"
        try:
            schema = describe_file(project, description)["schema"]
            (key,) = schema["primaryKey"]
            if path != project / file and key not in {foreign["fields"] for foreign in schema["foreignKeys"]}:
                with path.open(encoding="utf-8-sig", newline="") as lines:
                    known[f"{name}.{key}"] = {row[key] for row in csv.DictReader(lines)}
        except (OSError, ValueError, KeyError, csv.Error):
            continue  # a key of several columns, or a table that `thesis check` complains of
    return known
