"""What differs between two executions, in words a reader of the page would use.

Not lines of JSON: a row and a column of a table, a number in a sentence, the words of a
figure. Tables are compared by the values they leave in ``figures/``. Used for what
re-executing shows (`thesis verify`), for what is new (`thesis accept`) and for what an edit
moves (`thesis impact`).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import groupby
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from thesis.execution.execute import INLINE, notebook_of
from thesis.execution.records import figures_of, read_record
from thesis.tables import Difference, differences

LINES_SHOWN = 8
"""How many differences of one place are shown; the rest is counted."""

_DATASET = re.compile(r"\bdata-[0-9a-f]{32}\b")
_TARGET = re.compile(r"\{#((?:tbl|fig)-[\w-]+)\}")
_LETTERS = re.compile(r"<text[^>]*>(.*?)</text>", re.S)


@dataclass(frozen=True)
class Change:
    """One thing that differs between two executions.

    kind: ``claim``, ``key-figure``, ``table``, ``prose``, ``figure``, ``output`` or ``file``;
    page: the page that shows it; place: where on the page; row, column: where in a table, by
    the row's first cell and the column's heading; code: what computes a value in a sentence;
    before, after: as written, None for what was not there; note: what is said beside the
    values or, where both are None, instead of them.
    """

    kind: str
    page: str
    place: str
    before: str | None = None
    after: str | None = None
    row: str = ""
    column: str = ""
    code: str = ""
    note: str = ""

    @property
    def within(self) -> str:
        """Where in its place: ``row “Mali”, column “Score”``."""
        row = f"row “{self.row}”" if self.row else ""
        column = f"column “{self.column}”" if self.column else ""
        code = f"`{self.code}`" if self.code else ""
        return ", ".join(filter(None, [row, column, code]))

    def __str__(self) -> str:
        """All of it in one line: ``measured: tbl-scores, row “Mali”, column “Score”: 7.998 → 7.898``."""
        if self.kind == "figure":
            return f"{self.page}: {self.place}{f' ({self.appeared})' if self.appeared else ''}"
        place = ", ".join(filter(None, [self.place, self.within]))
        moved = f"{self.page}: {place}: {or_nothing(self.before)} → {or_nothing(self.after)}"
        return f"{moved} ({self.note})" if self.note else moved

    @property
    def appeared(self) -> str:
        """Whether it is ``new`` or ``gone``; empty where it was there before and is after."""
        return "new" if self.before is None else "gone" if self.after is None else ""

    @property
    def under_place(self) -> str:
        """What was recorded and what is computed, to stand under the place; empty where the place says all."""
        if self.before is None and self.after is None:
            return self.note
        within = f"{self.within}: " if self.column or self.code else ""  # a whole row names itself
        if self.before is None or self.after is None:
            return f"{within}only {'recorded' if self.after is None else 'computed'}: {self.before or self.after}"
        return f"{within}recorded {self.before or '(empty)'}, computed {self.after or '(empty)'}"


def or_nothing(value: object) -> str:
    """A value in words where it may be missing."""
    return "nothing" if value is None else str(value)


def by_place(changes: Iterable[Change]) -> list[str]:
    """Changes in words: a text for each place, its lines under it."""
    texts = []
    for place, found in groupby(changes, key=lambda change: change.place):
        lines = [f"    {line}" for change in found if (line := change.under_place)]
        left = len(lines) - LINES_SHOWN
        more = [f"    … and {left} more"] if left > 0 else []
        texts.append("\n".join([f"  {place}", *lines[:LINES_SHOWN], *more]))
    return texts


def output_forms(outputs: Sequence[NotebookNode]) -> dict[str, str]:
    """What a cell's outputs hold, by form: printed text, Markdown, plain text, chart."""
    forms: dict[str, list[str]] = {}
    for output in outputs:
        if output.output_type == "stream":
            forms.setdefault("printed", []).append(output.text)
        elif output.output_type == "error":
            forms.setdefault("printed", []).append(f"{output.ename}: {output.evalue}")
        for kind, value in output.get("data", {}).items():
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)
            # Vega-Lite's name of a data set is a hash of it: it says nothing to a reader.
            forms.setdefault(kind, []).append(_DATASET.sub("data", text))
    return {kind: "\n".join(texts) for kind, texts in forms.items()}


def output_changes(
    page: str,
    cell: str,
    before: Sequence[NotebookNode],
    after: Sequence[NotebookNode],
    tables: Mapping[str, Sequence[Difference]],
) -> list[Change]:
    """How two executions of a code cell differ in what they show.

    tables: how the tables of the page differ as values, see :func:`table_differences`; of these
    the cell's Markdown tells only what stands around their rows.
    """
    old, new = output_forms(before), output_forms(after)
    if old == new:
        return []
    targets = _targets(old) or _targets(new)
    kind = {"tbl": "table", "fig": "figure"}[targets[0][:3]] if targets else "output"
    place = f"{kind} {targets[0]} (cell “{cell}”)" if targets else f"cell “{cell}”"
    rows = [row for name in targets for row in tables.get(name, ())]
    changes = [Change(kind, page, place, row.before, row.after, row.row, row.column) for row in rows]
    # The plain form of what stands in both languages is English: it speaks for both if it differs.
    for form in ("printed", "text/plain", "text/markdown", *sorted(old.keys() | new.keys())):
        texts = [forms.get(form, "") for forms in (old, new)]
        if texts[0] != texts[1]:
            if rows:
                texts = ["\n".join(line for line in text.splitlines() if not line.startswith("|")) for text in texts]
            differ = _chart_changes if form.startswith("application/") else _line_changes
            return changes + list(differ(kind, page, place, *texts))
    return changes


def _targets(forms: Mapping[str, str]) -> list[str]:
    """The tables and figures that a cell shows, by their names."""
    return list(dict.fromkeys(_TARGET.findall(forms.get("text/markdown", ""))))


def _chart_changes(kind: str, page: str, place: str, before: str, after: str) -> Iterator[Change]:
    """The differing values of a chart's specification; where its shape differs, how much of it."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) == len(new):
        yield from _line_changes(kind, page, place, before, after)
        return
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    same = sum(block.size for block in blocks)
    removed, added = len(old) - same, len(new) - same
    note = f"its data and description: {removed} lines only recorded, {added} only computed"
    yield Change(kind, page, place, note=note)


def _line_changes(kind: str, page: str, place: str, before: str, after: str) -> Iterator[Change]:
    """The differing lines of two texts; there is a change wherever the texts differ."""
    old, new = before.splitlines(), after.splitlines()
    if before != after and [line for line in old if line.strip()] == [line for line in new if line.strip()]:
        yield Change(kind, page, place, note="the same words, other line breaks")
        return
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, begin, finish in matcher.get_opcodes():
        removed, added = old[start:end], new[begin:finish]
        if tag != "equal" and len(removed) == len(added):
            for line, other in zip(removed, added, strict=True):
                yield Change(kind, page, place, *_words_between(line.strip(), other.strip()))
        elif tag != "equal":
            yield from (Change(kind, page, place, before=line.strip()) for line in removed if line.strip())
            yield from (Change(kind, page, place, after=line.strip()) for line in added if line.strip())


def _words_between(before: str, after: str) -> tuple[str, str]:
    """The differing part of two long lines with a few words around it."""
    first = next((i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    if first is None:
        first = min(len(before), len(after))
    start = before.rfind(" ", 0, max(first - 25, 0)) + 1
    dots = "…" if start else ""

    def part(text: str) -> str:
        return f"“{dots}{text[start : start + 90].strip()}{'…' if len(text) > start + 90 else ''}”"

    return part(before), part(after)


def text_changes(page: str, place: str, before: str, after: str) -> Iterator[Change]:
    """How two texts of a cell, prose or code, differ."""
    return _line_changes("prose", page, place, before, after)


def inline_values(cell: NotebookNode) -> list[str] | None:
    """The values recorded in a prose cell, in order; None when the prose was edited by hand."""
    template = cell.metadata.get("source", cell.source)
    parts = [re.escape(part) for part in INLINE.split(template)[::2]]
    found = re.fullmatch("(.*?)".join(parts), cell.source, re.S)
    return list(found.groups()) if found else None


def _file_changes(page: str, name: str, before: bytes | None, after: bytes | None) -> Iterator[Change]:
    """How two files of a figure differ: their words where these differ, else their drawing."""
    kind = "table" if is_table(name) else "figure"
    place = f"{kind} figures/{name}"
    if after is None:
        yield Change(kind, page, place, note="recorded, but no chapter draws it")
        return
    if before is None:
        yield Change(kind, page, place, note="drawn, but not recorded")
        return
    old, new = (text.decode("utf-8", "replace") for text in (before, after))
    if kind == "table":
        try:
            rows = differences(old, new)
        except ValueError as error:
            yield Change(kind, page, place, note=f"cannot be compared: {error}")
            return
        yield from (Change(kind, page, place, row.before, row.after, row.row, row.column) for row in rows)
        if not rows:
            yield Change(kind, page, place, note="the same values, recorded otherwise")
    elif name.endswith(".svg"):
        words = [
            [" ".join(unescape(re.sub("<[^>]*>", " ", text)).split()) for text in _LETTERS.findall(file)]
            for file in (old, new)
        ]
        if words[0] != words[1]:
            yield from _line_changes(kind, page, place, *("\n".join(texts) for texts in words))
            return
        same = sum(one == other for one, other in zip(old.split("<"), new.split("<"), strict=False))
        share = 100 * (1 - same / max(old.count("<") + 1, new.count("<") + 1))
        yield Change(kind, page, place, note=f"the same words, drawn otherwise ({share:.0f}% of its elements)")
    else:
        yield from _chart_changes(kind, page, place, _DATASET.sub("data", old), _DATASET.sub("data", new))


def is_table(name: str) -> bool:
    """Whether a file in ``figures/`` holds a table's values."""
    return name.startswith("tbl-") and name.endswith(".json")


def table_differences(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, list[Difference]]:
    """How the tables of two executions differ as values, by the table's name; only those that do.

    before, after: the files of all figures. A file that is not to be read, after a merge
    perhaps, or that one of them lacks has no rows to compare.
    """
    found = {}
    for name in filter(is_table, before.keys() & after.keys()):
        try:
            rows = differences(before[name].decode(), after[name].decode())
        except ValueError:
            continue
        if rows:
            found[name.removesuffix(".json")] = rows
    return found


def page_changes(source: Path, before: Path, after: Path) -> list[Change]:
    """Every difference between two records of a page, below two folders.

    Cells are matched by name. Raises no error for a page that one of them lacks, or whose
    notebook cannot be read.
    """
    old, new = _notebook(before, source), _notebook(after, source)
    files, others = figure_files(before, source), figure_files(after, source)
    tables = table_differences(files, others)
    changes: list[Change] = []
    if not old:
        there = (before / notebook_of(source)).is_file()
        words = "the recorded notebook cannot be read" if there else "a new page"
        changes.append(Change("file", source.stem, f"{notebook_of(source)}: {words}"))
    for name in dict.fromkeys([*old, *new]) if old else ():
        changes += _cell_changes(source.stem, name, old.get(name), new.get(name), tables)
    return changes + list(figures_changes(source.stem, files, others, changes))


def figures_changes(
    page: str, before: Mapping[str, bytes], after: Mapping[str, bytes], told: Iterable[Change]
) -> Iterator[Change]:
    """How figures differ, once a figure and language: narrow pictures and data only where the wide one is equal.

    told: how the cells differ; a table that one of them names is not told again.
    """
    said = {change.place.split()[1] for change in told if change.kind == "table"}
    for name in sorted(before.keys() | after.keys(), key=lambda name: ("-narrow" in name, name.endswith("json"), name)):
        drawing = name.replace("-narrow", "").rsplit(".", 1)[0]
        if before.get(name) != after.get(name) and drawing not in said:
            said.add(drawing)
            yield from _file_changes(page, name, before.get(name), after.get(name))


def figure_files(folder: Path, source: Path) -> dict[str, bytes]:
    """The files of a page's figures below a folder, as its record names them."""
    record = read_record(folder, source)
    paths = {name: folder / "figures" / name for name in (figures_of(record) if record else ())}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def read_notebook(path: Path) -> NotebookNode | None:
    """A recorded notebook; None where there is none that can be read, as after a merge conflict."""
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, AttributeError, nbformat.ValidationError):
        return None


def _notebook(folder: Path, source: Path) -> dict[str, NotebookNode]:
    notebook = read_notebook(folder / notebook_of(source))
    return {cell["id"]: cell for cell in notebook.cells} if notebook else {}


def _cell_changes(
    page: str,
    name: str,
    old: NotebookNode | None,
    new: NotebookNode | None,
    tables: Mapping[str, Sequence[Difference]],
) -> Iterator[Change]:
    if old is None or new is None:
        yield Change("prose", page, f"cell “{name}” is {'new' if old is None else 'gone'}")
    elif old.cell_type != "code" or new.cell_type != "code":
        yield from text_changes(page, f"text (cell “{name}”)", old.source, new.source)
    else:
        yield from text_changes(page, f"code (cell “{name}”)", old.source, new.source)
        yield from output_changes(page, name, old.outputs, new.outputs, tables)
