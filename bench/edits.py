"""The small edits after which a build is measured, chosen from what the pages are recorded to read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from bench.growth import Row, read, write

SENTENCE = "A sentence that was put in to measure this."
_ENGLISH = '::: {.content-visible when-profile="en"}\n'
_WORDS = 3
"""A cell of so many words is prose: no chapter looks something up by it."""


def readers(project: Path) -> dict[str, list[str]]:
    """Each table of ``data/`` with the pages that are recorded to have read it, both in order."""
    found: dict[str, list[str]] = {}
    for record in sorted((project / "notebooks" / "records").glob("*.json")):
        for name in dict(json.loads(record.read_text(encoding="utf-8"))["inputs"]):
            if name.startswith("data/") and name.endswith(".csv"):
                found.setdefault(name, []).append(record.stem)
    return dict(sorted(found.items()))


def prose_cell(rows: Iterable[Row]) -> tuple[int, str] | None:
    """The row's place and the column of the first English prose in a table; None when it has none."""
    for place, row in enumerate(rows):
        for name, cell in row.items():
            if name.endswith("_en") and len(cell.split()) >= _WORDS:
                return place, name
    return None


def table_of_two(read_by: Mapping[str, list[str]], with_prose: Iterable[str]) -> str:
    """The first table, by name, that exactly two pages read, or, where there is none, as few more as can be.

    read_by: as :func:`readers` gives it; with_prose: the tables that :func:`change_table` can change.
    Raises LookupError when no such table is read by two pages.
    """
    suited = [name for name in with_prose if len(read_by.get(name, ())) >= 2]
    if not suited:
        raise LookupError("no table with English prose is recorded to be read by two pages; `make accept` records")
    return min(suited, key=lambda name: (len(read_by[name]), name))


def tables_with_prose(project: Path) -> list[str]:
    """The tables of ``data/`` that :func:`change_table` can change, in order."""
    files = sorted((project / "data").rglob("*.csv"))
    return [path.relative_to(project).as_posix() for path in files if prose_cell(read(path))]


def change_table(path: Path) -> None:
    """Add a word to one cell of prose: each time another, since it is longer."""
    rows = read(path)
    cell = prose_cell(rows)
    if cell is None:
        raise LookupError(f"{path} has no English prose")
    place, name = cell
    rows[place][name] += " again"
    write(path, rows)


def longest_chapter(project: Path) -> Path:
    """The chapter with the longest source, relative to the project: the one that costs most to make again."""
    return max((project / "chapters").glob("*.qmd"), key=lambda path: path.stat().st_size).relative_to(project)


def change_sentence(path: Path) -> None:
    """Put one English sentence into a chapter, each time one more."""
    text = path.read_text(encoding="utf-8")
    if _ENGLISH not in text:
        raise LookupError(f"{path} has no block in English")
    path.write_text(text.replace(_ENGLISH, f"{_ENGLISH}{SENTENCE}\n\n", 1), encoding="utf-8")
