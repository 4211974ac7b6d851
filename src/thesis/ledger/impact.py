"""What an edit moves: two recorded states of the project compared, value by value.

A state is what executing leaves behind: ``notebooks/``, ``figures/`` and in it
``claims.json``. One state can be the working tree, a git revision, or a ``claims.json``
alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from thesis.execution.changes import cells_of_row, inline_values, read_notebook
from thesis.execution.execute import INLINE, notebook_of
from thesis.execution.records import figures_of, read_record
from thesis.failures import StateError

KINDS = {
    "claim": "Claims",
    "key-figure": "Key figures",
    "table": "Values in tables",
    "prose": "Values in the text",
    "figure": "Figures that look different",
}
"""What can move, by name, in the order it is told."""


@dataclass(frozen=True)
class Change:
    """One thing that moved.

    kind: one of KINDS; page: the page that shows it; place: where on the page; before,
    after: as written in English, None for what was not there.
    """

    kind: str
    page: str
    place: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.kind == "figure":
            return f"{self.page}: {self.place}{_appeared(self)}"
        return f"{self.page}: {self.place}: {_or_none(self.before)} → {_or_none(self.after)}"


def _or_none(value: object) -> str:
    return "nothing" if value is None else str(value)


def _appeared(change: Change) -> str:
    return " (new)" if change.before is None else " (gone)" if change.after is None else ""


@dataclass
class State:
    """What one execution shows: (kind, page, place) → the value as written in English.

    kinds: what the state can tell of; of any other kind it does not say that there is nothing.
    """

    values: dict[tuple[str, str, str], str] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset(KINDS)

    def add(self, kind: str, page: str, place: str, value: str) -> None:
        """Note a value; a place that comes again on a page is numbered."""
        key, times = (kind, page, place), 1
        while key in self.values:
            times += 1
            key = (kind, page, f"{place} ({times})")
        self.values[key] = value


def state_of_folder(folder: Path) -> State:
    """The recorded state of a checkout; raises StateError where nothing is recorded that can be read."""
    notebooks = sorted((folder / "notebooks").glob("*.ipynb"))
    if not notebooks:
        raise StateError(f"{folder} holds no recorded notebooks: `make site` records them")
    return _state(notebooks, sorted((folder / "figures").glob("*")))


def state_of_pages(records: dict[Path, Path]) -> State:
    """The state of pages whose records stand in different folders, accepted ones and those that wait.

    records: each page and the folder that holds its record.
    """
    drawn = {source: read_record(folder, source) for source, folder in records.items()}
    figures = [records[source] / "figures" / name for source, it in drawn.items() if it for name in figures_of(it)]
    return _state([folder / notebook_of(source) for source, folder in records.items()], figures)


def _state(notebooks: list[Path], figures: list[Path]) -> State:
    state, shown_on = State(), {}
    for path in notebooks:
        notebook = read_notebook(path)
        if notebook is None:
            raise StateError(f"{path} cannot be read as a notebook: `make accept` records it anew")
        for cell in notebook.cells:
            if cell.cell_type == "code":
                for output in cell.outputs:
                    markdown = _english(output.get("data", {}).get("text/markdown", ""))
                    _read_output(state, path.stem, markdown)
                    for name in re.findall(r'figure="([\w-]+)"', markdown):
                        shown_on[name] = path.stem
            elif "source" in cell.metadata:
                for place, value in _computed(cell):
                    state.add("prose", path.stem, place, value)
    for path in sorted(figures):
        name = path.name.removesuffix(".en.svg")
        if path.name == "claims.json":
            _read_claims(state, path)
        elif name != path.name and not name.endswith("-narrow"):
            state.add("figure", shown_on.get(name, "figures"), name, hashlib.sha256(path.read_bytes()).hexdigest())
    return state


def state_of_record(path: Path) -> State:
    """The claims alone, from a ``claims.json``; raises StateError for any other file."""
    state = State(kinds=frozenset({"claim"}))
    _read_claims(state, path)
    return state


def state_of_revision(project: Path, revision: str) -> State:
    """The state recorded in a git revision; raises StateError for what git does not know."""
    command = ["git", "-C", str(project), "archive", "--format=zip", revision, "notebooks", "figures"]
    run = subprocess.run(command, capture_output=True, check=False)
    if run.returncode:
        reason = run.stderr.decode(errors="replace").strip().splitlines()
        raise StateError(f"“{revision}” is no recorded state: {reason[-1] if reason else 'git gave no reason'}")
    with tempfile.TemporaryDirectory(prefix="thesis-") as name:
        with zipfile.ZipFile(io.BytesIO(run.stdout)) as archive:
            archive.extractall(name)
        return state_of_folder(Path(name))


def state_of(project: Path, name: str) -> State:
    """A state by what a person calls it: a ``.json`` file or a git revision."""
    return state_of_record(Path(name)) if name.endswith(".json") else state_of_revision(project, name)


def _english(markdown: str) -> str:
    blocks = markdown.split('::: {.content-visible when-profile="en"}')
    return blocks[1] if len(blocks) > 1 else ""


_TABLE = re.compile(r"^::: \{#(tbl-[\w-]+)\}$")
_KEY_FIGURE = re.compile(r"::: \{\.key-figure\}\n\*\*(.+)\*\*\n\n(.+)\n:::")


def _read_output(state: State, page: str, markdown: str) -> None:
    for value, label in _KEY_FIGURE.findall(markdown):
        state.add("key-figure", page, label, value)
    name, headings = None, None
    for line in markdown.splitlines():
        found = _TABLE.match(line)
        if found:
            name, headings = found[1], None
        elif name and line.startswith("| "):
            cells = cells_of_row(line)
            if headings is None:
                headings = cells
            elif not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
                row = re.sub(r"\[([^]]+)\]\([^)]*\)", r"\1", cells[0])  # a link by its words
                for heading, cell in zip(headings[1:], cells[1:], strict=False):
                    state.add("table", page, f"{name}, {row}, {heading}", cell)
        elif line == ":::":
            name = None


def _computed(cell: NotebookNode) -> Iterator[tuple[str, str]]:
    """The values computed inside a paragraph, each with the words before it."""
    literal = INLINE.split(cell.metadata["source"])  # text, expression, text, expression, …, text
    for before, expression, value in zip(literal[::2], literal[1::2], inline_values(cell) or (), strict=False):
        if '"kk"' not in expression:  # the Kazakh sentence moves with the English one
            yield "… " + " ".join(before.split()[-6:]), value


def _read_claims(state: State, path: Path) -> None:
    try:
        records: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        for record in records:
            found = record["recomputed"]
            # In full: a number rounded to six digits could move unseen.
            whole = isinstance(found, float) and found.is_integer()
            written = _or_none(int(found) if whole else found)
            state.add("claim", record["chapter"], record["id"], f"{record['verdict']}, {written}")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StateError(f"{path} is no ledger (claims.json): {error}") from error


def changes(before: State, after: State) -> list[Change]:
    """Everything that moved from one state to the other, by kind, page and place.

    Only what both states can tell of is compared.
    """
    both = before.kinds & after.kinds
    keys = [
        key
        for key in {**before.values, **after.values}
        if key[0] in both and before.values.get(key) != after.values.get(key)
    ]
    order = list(KINDS)
    found = [Change(*key, before.values.get(key), after.values.get(key)) for key in keys]
    return sorted(found, key=lambda change: (order.index(change.kind), change.page))


def as_json(moved: list[Change]) -> str:
    """The changes for machines: a list of objects with the fields of :class:`Change`."""
    return json.dumps([asdict(change) for change in moved], ensure_ascii=False, indent=1)


def as_text(moved: list[Change]) -> str:
    """The changes for a terminal, one a line, kind by kind."""
    if not moved:
        return "nothing moves"
    lines = [_summary(moved)]
    for kind, heading in KINDS.items():
        of_kind = [change for change in moved if change.kind == kind]
        if of_kind:
            lines += ["", f"{heading} ({len(of_kind)})", *(f"  {change}" for change in of_kind)]
    return "\n".join(lines)


LINES_SHOWN = 50
"""How many changes of a kind a pull request's comment spells out."""


def as_markdown(moved: list[Change]) -> str:
    """The changes for a comment on a pull request: the claims open, the rest folded."""
    if not moved:
        return "### What this change moves\n\nNothing: all that was compared is as before.\n"
    lines = ["### What this change moves", "", _summary(moved)]
    for kind, heading in KINDS.items():
        of_kind = [change for change in moved if change.kind == kind]
        if not of_kind:
            continue
        opened = " open" if kind == "claim" else ""
        lines += ["", f"<details{opened}><summary>{heading} ({len(of_kind)})</summary>", ""]
        lines += ["| Page | Place | Before | After |", "|---|---|---|---|"]
        for change in of_kind[:LINES_SHOWN]:
            values = ("", _appeared(change).strip(" ()")) if kind == "figure" else (change.before, change.after)
            cells = [change.page, change.place, *(_or_none(value) for value in values)]
            lines.append("| " + " | ".join(_cell(cell) for cell in cells) + " |")
        if len(of_kind) > LINES_SHOWN:
            lines += ["", f"… and {len(of_kind) - LINES_SHOWN} more; `thesis impact` lists them."]
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", text).replace("<", "&lt;").replace("@", "&#64;")


def _summary(moved: list[Change]) -> str:
    counts = Counter(change.kind for change in moved)
    return "; ".join(f"{heading}: {counts[kind]}" for kind, heading in KINDS.items() if counts[kind])
