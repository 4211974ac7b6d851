"""Tables: how a cell's value is written for a reader, how a pipe table is written, how two tables differ.

A table that a page shows is recorded as values, ``figures/tbl-….json``: a language's heading and
rows under its name, and how numbers are written under ``columns``. Cells are None, a bool, a
number rounded as it is shown, a text without Markdown, or a day as ``{"date": "2024-03-08"}``.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from thesis.language import LANGUAGES, Text, date, number

MISSING = "—"
"""What stands where there is no value."""

KEY_FIGURES = "application/vnd.thesis.key-figures+json"
"""The form of a cell's output that holds its key figures, each ``{"kk": {"value": …, "label": …}, "en": …}``."""

_YES: Text = {"kk": "иә", "en": "yes"}
_NO: Text = {"kk": "жоқ", "en": "no"}

Item = TypeVar("Item")


def written(value: Any, language: str, decimals: int = 0, sign: bool = False) -> str:
    """A recorded value as a page writes it.

    decimals: digits after a number's decimal mark; sign: a plus before a positive number.
    """
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return (_YES if value else _NO)[language]
    if isinstance(value, dict):
        return date(datetime.date.fromisoformat(value["date"]), language)
    return value if isinstance(value, str) else number(value, language, decimals, sign)


def plain(markdown: str) -> str:
    """The words of a cell's Markdown: of a link its text, no stress, a line break as a space.

    A citation, ``[@key]``, stays: :func:`thesis.references.without_keys` knows what it stands for.
    """
    if not any(mark in markdown for mark in "[*_`\\<&\n"):
        return markdown
    from markdown_it import MarkdownIt  # few tables need it, and no other page waits for it

    [line] = MarkdownIt().parseInline(markdown)
    breaks = {"softbreak", "hardbreak", "html_inline"}
    return "".join(" " if token.type in breaks else token.content for token in line.children or ())


def pipe_table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool] = ()) -> str:
    """A table in Markdown; a bar or a line break in a cell stays inside it.

    right: for each column whether it is aligned to the right; without it, none is.
    """
    marks = ["---:" if aligned else ":---" for aligned in right or [False] * len(headings)]
    cells = ([cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in (headings, *rows))
    head, *body = ("| " + " | ".join(row) + " |" for row in cells)
    return "\n".join([head, "| " + " | ".join(marks) + " |", *body])


@dataclass(frozen=True)
class Difference:
    """One cell, row or column in which two tables differ, as written; None for what was not there.

    row: the row's first cell, numbered where it stands more than once, and "" for a whole column;
    column: the column's heading, and "" for a whole row.
    """

    row: str
    column: str
    before: str | None
    after: str | None


def differences(before: str, after: str) -> list[Difference]:
    """How two recorded tables differ, row by row; English speaks for both languages if it differs.

    before, after: the contents of two records of a table. Raises ValueError for one that is none.
    """
    old, new = _read(before), _read(after)
    for language in reversed(LANGUAGES):
        try:
            # A record without them is written as the other one is.
            one = _written(old, language, old.get("columns") or new.get("columns"))
            other = _written(new, language, new.get("columns") or old.get("columns"))
        except (KeyError, TypeError) as error:
            raise ValueError(f"a cell holds what no table shows ({error!r})") from error
        if found := list(_differences(one, other)):
            return found
    return []


def _read(content: str) -> dict[str, Any]:
    record = json.loads(content)
    tables = [record.get(language) for language in LANGUAGES] if isinstance(record, dict) else []
    if not tables or not all(isinstance(rows, list) and rows for rows in tables):
        raise ValueError("a table has a heading and rows in each language")
    return dict(record)


def _written(record: dict[str, Any], language: str, formats: Any) -> list[list[str]]:
    heading, *rows = record[language]
    given = formats if formats and len(formats) == len(heading) else [{}] * len(heading)
    return [heading, *([written(x, language, **how) for x, how in zip(row, given, strict=True)] for row in rows)]


class _Line(NamedTuple):
    """A row or a column of a table as written."""

    place: int
    name: str
    cells: tuple[str, ...]

    def __str__(self) -> str:
        return " · ".join(self.cells)


def _differences(before: list[list[str]], after: list[list[str]]) -> Iterator[Difference]:
    """Differences of two tables as written, each with its heading as the first row."""
    shared = []
    for old, new in matched(_columns(before), _columns(after), *_alike(before[0], after[0], [lambda it: it.name])):
        if old and new:
            shared.append((old, new))
            if old.name != new.name:
                yield Difference("", old.name, old.name, new.name)
        elif one := old or new:
            yield Difference("", one.name, str(old) if old else None, str(new) if new else None)
    # The same row; else a row of that name; else one that has another name alone, or its place.
    keys: list[Callable[[_Line], Hashable]] = [lambda it: it.cells, lambda it: it.cells[0], lambda it: it.cells[1:]]
    for old, new in matched(_rows(before), _rows(after), *_alike(before, after, keys)):
        cells = [(a.name, old.cells[a.place], new.cells[b.place]) for a, b in shared] if old and new else []
        differing = [cell for cell in cells if cell[1] != cell[2]]
        if old and new and (old.cells[0] == new.cells[0] or len(differing) == 1):
            yield from (Difference(old.name, *cell) for cell in differing)
        elif (one := old or new) and (differing or not cells):
            yield Difference(one.name, "", str(old) if old else None, str(new) if new else None)


def _columns(table: list[list[str]]) -> list[_Line]:
    return [_Line(place, cells[0], cells[1:]) for place, cells in enumerate(zip(*table, strict=True))]


def _rows(table: list[list[str]]) -> list[_Line]:
    seen: Counter[str] = Counter()
    rows = []
    for place, cells in enumerate(table[1:]):
        seen[cells[0]] += 1
        name = cells[0] if seen[cells[0]] == 1 else f"{cells[0]} ({seen[cells[0]]})"
        rows.append(_Line(place, name, tuple(cells)))
    return rows


def _alike(before: Sized, after: Sized, keys: list[Callable[[_Line], Hashable]]) -> list[Callable[[_Line], Hashable]]:
    """The keys by which lines are matched; the place is one where there are as many of them as before."""
    return [*keys, lambda it: it.place] if len(before) == len(after) else keys


def matched(
    before: Iterable[Item], after: Iterable[Item], *keys: Callable[[Item], Hashable]
) -> list[tuple[Item | None, Item | None]]:
    """Each item before with its counterpart after, in the order of those after; None for one that has none.

    keys: what counterparts have in common; what the first key leaves is matched by the next.
    Those that share a key are matched in their order.
    """
    left, right = dict(enumerate(before)), dict(enumerate(after))
    pairs: list[tuple[int, Item | None, Item | None]] = []
    for key in keys:
        waiting: dict[Hashable, list[int]] = {}
        for place, item in left.items():
            waiting.setdefault(key(item), []).append(place)
        for place, item in list(right.items()):
            if there := waiting.get(key(item)):
                pairs.append((place, left.pop(there.pop(0)), right.pop(place)))
    pairs += [(place, item, None) for place, item in left.items()]
    pairs += [(place, None, item) for place, item in right.items()]
    return [(old, new) for _, old, new in sorted(pairs, key=lambda pair: pair[0])]
