"""What differs between two executions of a page, in words a reader of the page would use.

Not lines of JSON: a row and a column of a table, a number in a sentence, the words of a
figure. Used for what re-executing shows (`thesis verify`) and for what is new
(`thesis accept`).
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from thesis.execution.execute import INLINE, notebook_of
from thesis.execution.records import figures_of, read_record
from thesis.language import LANGUAGES

LINES_SHOWN = 8
"""How many lines of one difference are shown; the rest is counted."""

_BLOCK = re.compile(r'^::: \{\.content-visible when-profile="(\w+)"\}\n\n(.*?)\n\n:::$', re.M | re.S)
_DATASET = re.compile(r"\bdata-[0-9a-f]{32}\b")
_TARGET = re.compile(r"\{#((?:tbl|fig)-[\w-]+)\}")
_LETTERS = re.compile(r"<text[^>]*>(.*?)</text>", re.S)


@dataclass(frozen=True)
class Change:
    """One difference: what it is in and, in a few lines, what it was and what it is now.

    kind: ``text``, ``table``, ``figure``, ``output`` or ``file``.
    """

    kind: str
    place: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        shown = [f"    {line}" for line in self.lines[:LINES_SHOWN]]
        left = len(self.lines) - LINES_SHOWN
        return "\n".join([f"  {self.place}", *shown, *([f"    … and {left} more"] if left > 0 else [])])


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


def outputs_change(cell: str, before: Sequence[NotebookNode], after: Sequence[NotebookNode]) -> Change | None:
    """How two executions of a code cell differ in what they show; None when they do not."""
    old, new = output_forms(before), output_forms(after)
    if old == new:
        return None
    target = _TARGET.search(old.get("text/markdown", "")) or _TARGET.search(new.get("text/markdown", ""))
    kind = {"tbl": "table", "fig": "figure"}[target[1][:3]] if target else "output"
    place = f"{kind} {target[1]} (cell “{cell}”)" if target else f"cell “{cell}”"
    for form in ("printed", "text/markdown", "text/plain", *sorted(old.keys() | new.keys())):
        if old.get(form, "") != new.get(form, ""):
            differences = _chart_differences if form.startswith("application/") else text_differences
            return Change(kind, place, tuple(differences(old.get(form, ""), new.get(form, ""))))
    return None


def text_differences(before: str, after: str) -> list[str]:
    """The differing lines of two texts; of a table, the differing cells by row and column.

    Where a text stands in both languages, English speaks for both if it differs.
    """
    blocks, others = _BLOCK.findall(before), _BLOCK.findall(after)
    old, new = dict(blocks), dict(others)
    # A cell that shows several things has several blocks; then the whole is compared.
    if old and new and len(blocks) == len(old) and len(others) == len(new):
        for language in reversed(LANGUAGES):
            if old.get(language) != new.get(language):
                return list(_line_differences(old.get(language, ""), new.get(language, "")))
    return list(_line_differences(before, after))


def _chart_differences(before: str, after: str) -> list[str]:
    """The differing values of a chart's specification; where its shape differs, how much of it."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) == len(new):
        return list(_line_differences(before, after))
    blocks = difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    same = sum(block.size for block in blocks)
    removed, added = len(old) - same, len(new) - same
    return [f"its data and description: {removed} lines only recorded, {added} only computed"]


def _line_differences(before: str, after: str) -> Iterator[str]:
    old, new = before.splitlines(), after.splitlines()
    heading: list[str] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, start, end, begin, finish in matcher.get_opcodes():
        if tag == "equal":
            continue
        removed, added = old[start:end], new[begin:finish]
        if len(removed) == len(added):
            for place, (line, other) in enumerate(zip(removed, added, strict=True), start):
                heading = _heading_above(old, place)
                yield from _cell_differences(heading, line, other)
        else:
            yield from (f"only recorded: {_row(line)}" for line in removed if line.strip())
            yield from (f"only computed: {_row(line)}" for line in added if line.strip())


def _heading_above(lines: list[str], place: int) -> list[str]:
    """The cells of the heading of the table that a line stands in; none outside a table."""
    while place > 0 and lines[place].startswith("|") and lines[place - 1].startswith("|"):
        place -= 1
    return cells_of_row(lines[place]) if lines[place].startswith("|") else []


def cells_of_row(line: str) -> list[str]:
    """The cells of one line of a pipe table; a bar after a backslash is part of its cell."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def _row(line: str) -> str:
    return " · ".join(cells_of_row(line)) if line.startswith("|") else line.strip()


def _cell_differences(heading: list[str], before: str, after: str) -> Iterator[str]:
    old, new = cells_of_row(before), cells_of_row(after)
    if heading and len(old) == len(new) == len(heading):
        for column, one, other in zip(heading, old, new, strict=True):
            if one != other:
                # A row is known by its first cell, unless that is what differs.
                row = f"row “{old[0]}”, " if one != old[0] else ""
                yield f"{row}column “{column}”: recorded {one or '(empty)'}, computed {other or '(empty)'}"
        return
    yield _words_between(before.strip(), after.strip())


def _words_between(before: str, after: str) -> str:
    """The differing part of two long lines with a few words around it."""
    first = next((i for i, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    if first is None:
        first = min(len(before), len(after))
    start = before.rfind(" ", 0, max(first - 25, 0)) + 1
    dots = "…" if start else ""

    def part(text: str) -> str:
        return f"“{dots}{text[start : start + 90].strip()}{'…' if len(text) > start + 90 else ''}”"

    return f"recorded {part(before)}, computed {part(after)}"


def text_change(place: str, before: str, after: str) -> Change | None:
    """How two texts of a cell, prose or code, differ; None when they do not."""
    return None if before == after else Change("text", place, tuple(_line_differences(before, after)))


def inline_values(cell: NotebookNode) -> list[str] | None:
    """The values recorded in a prose cell, in order; None when the prose was edited by hand."""
    template = cell.metadata.get("source", cell.source)
    parts = [re.escape(part) for part in INLINE.split(template)[::2]]
    found = re.fullmatch("(.*?)".join(parts), cell.source, re.S)
    return list(found.groups()) if found else None


def figure_change(name: str, before: bytes | None, after: bytes | None) -> Change | None:
    """How two files of a figure differ: their words where these differ, else their drawing."""
    if before == after:
        return None
    place = f"figure figures/{name}"
    if after is None:
        return Change("figure", place, ("recorded, but no chapter draws it",))
    if before is None:
        return Change("figure", place, ("drawn, but not recorded",))
    old, new = (text.decode("utf-8", "replace") for text in (before, after))
    if name.endswith(".svg"):
        words = [
            [" ".join(unescape(re.sub("<[^>]*>", " ", text)).split()) for text in _LETTERS.findall(file)]
            for file in (old, new)
        ]
        if words[0] != words[1]:
            return Change("figure", place, tuple(_line_differences(*("\n".join(texts) for texts in words))))
        same = sum(one == other for one, other in zip(old.split("<"), new.split("<"), strict=False))
        share = 100 * (1 - same / max(old.count("<") + 1, new.count("<") + 1))
        return Change("figure", place, (f"the same words, drawn otherwise ({share:.0f}% of its elements)",))
    return Change("figure", place, tuple(_chart_differences(_DATASET.sub("data", old), _DATASET.sub("data", new))))


def page_changes(source: Path, before: Path, after: Path) -> list[Change]:
    """Every difference between two records of a page, below two folders.

    Cells are matched by name. Raises no error for a page that one of them lacks, or whose
    notebook cannot be read.
    """
    old, new = _notebook(before, source), _notebook(after, source)
    changes: list[Change] = []
    if not old:
        there = (before / notebook_of(source)).is_file()
        words = "the recorded notebook cannot be read" if there else "a new page"
        changes.append(Change("file", f"{notebook_of(source)}: {words}", ()))
    for name in dict.fromkeys([*old, *new]) if old else ():
        changes += _cell_changes(name, old.get(name), new.get(name))
    return changes + list(figures_changes(figure_files(before, source), figure_files(after, source)))


def figures_changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Iterator[Change]:
    """How figures differ, a line a figure and language: narrow pictures and data only where the wide one is equal."""
    said: set[str] = set()
    for name in sorted(before.keys() | after.keys(), key=lambda name: ("-narrow" in name, name.endswith("json"), name)):
        change = figure_change(name, before.get(name), after.get(name))
        drawing = name.replace("-narrow", "").rsplit(".", 1)[0]
        if change and drawing not in said:
            said.add(drawing)
            yield change


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


def _cell_changes(name: str, old: NotebookNode | None, new: NotebookNode | None) -> Iterator[Change]:
    if old is None or new is None:
        yield Change("text", f"cell “{name}” is {'new' if old is None else 'gone'}", ())
        return
    if old.cell_type != "code" or new.cell_type != "code":
        changes = [text_change(f"text (cell “{name}”)", old.source, new.source)]
    else:
        changes = [
            text_change(f"code (cell “{name}”)", old.source, new.source),
            outputs_change(name, old.outputs, new.outputs),
        ]
    yield from (change for change in changes if change)
