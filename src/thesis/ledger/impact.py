"""What an edit moves: two recorded states of the project compared, value by value.

A state is what executing leaves behind: ``notebooks/``, ``figures/`` and in it
``claims.json``. One state can be the working tree, a git revision, or a ``claims.json``
alone.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from thesis.execution.changes import Change, inline_values, is_table, or_nothing, read_notebook
from thesis.execution.execute import INLINE, notebook_of
from thesis.execution.records import figures_of, read_record
from thesis.failures import StateError
from thesis.tables import KEY_FIGURES, differences, matched, pipe_table

KINDS = {
    "claim": "Claims",
    "key-figure": "Key figures",
    "table": "Values in tables",
    "prose": "Values in the text",
    "figure": "Figures that look different",
}
"""What can move, by name, in the order it is told."""


@dataclass(frozen=True)
class Shown:
    """One value that a page shows: a claim, a key figure, a number in a sentence, a figure's drawing.

    place: where on the page, in a reader's words; value: in English, in full; written: as the
    page writes it; known_by: what it shares with itself in another state, the surest first.
    """

    kind: str
    page: str
    place: str
    value: str
    written: str
    known_by: tuple[object, ...]
    note: str = ""


@dataclass
class State:
    """What one execution shows: its values, and its tables, each a name → (page, record).

    kinds: what the state can tell of; of any other kind it does not say that there is nothing.
    """

    values: list[Shown] = field(default_factory=list)
    tables: dict[str, tuple[str, str]] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset(KINDS)


def state_of_folder(folder: Path) -> State:
    """The recorded state of a checkout; raises StateError where nothing is recorded that can be read."""
    notebooks = sorted((folder / "notebooks").glob("*.ipynb"))
    if not notebooks:
        raise StateError(f"{folder} holds no recorded notebooks: `make site` records them")
    return state_of_pages({Path(path.name).with_suffix(".qmd"): folder for path in notebooks})


def state_of_pages(records: Mapping[Path, Path]) -> State:
    """The state of pages whose records stand in different folders, accepted ones and those that wait.

    records: each page and the folder that holds its record. Raises StateError for what cannot be read.
    """
    state = State()
    for source, folder in records.items():
        path = folder / notebook_of(source)
        notebook, record = read_notebook(path), read_record(folder, source)
        if notebook is None:
            raise StateError(f"{path} cannot be read as a notebook: `make accept` records it anew")
        if record is None:
            raise StateError(f"{path} has no record that can be read: `make accept` records it anew")
        for cell in notebook.cells:
            state.values += (
                _key_figures(source.stem, cell) if cell.cell_type == "code" else _computed(source.stem, cell)
            )
        for name in figures_of(record):
            file = folder / "figures" / name
            if not file.is_file():
                raise StateError(f"{file} is missing: `make accept` records it anew")
            figure = name.removesuffix(".en.svg")
            if name == "claims.json":
                state.values += _claims(file)
            elif is_table(name):
                state.tables[name.removesuffix(".json")] = source.stem, file.read_text(encoding="utf-8")
            elif figure != name and not figure.endswith("-narrow"):
                drawing = hashlib.sha256(file.read_bytes()).hexdigest()
                state.values.append(Shown("figure", source.stem, figure, drawing, drawing, (figure,)))
    return state


def state_of_record(path: Path) -> State:
    """The claims alone, from a ``claims.json``; raises StateError for any other file."""
    return State(list(_claims(path)), kinds=frozenset({"claim"}))


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


def _key_figures(page: str, cell: NotebookNode) -> Iterator[Shown]:
    """The key figures that a cell shows, by their label or their place."""
    records = [output.get("data", {}).get(KEY_FIGURES, []) for output in cell.outputs]
    for place, figure in enumerate(each["en"] for record in records for each in record):
        value, label = figure["value"], figure["label"]
        known_by = ((page, cell["id"], label), (page, cell["id"], place))
        yield Shown("key-figure", page, label, f"{value} {label}", value, known_by)


def _computed(page: str, cell: NotebookNode) -> Iterator[Shown]:
    """The values computed inside a paragraph, by the code that computes them or the words before them."""
    source = cell.metadata.get("source", "")
    literal = INLINE.split(source)  # text, expression, text, expression, …, text
    for before, code, value in zip(
        literal[::2], literal[1::2], inline_values(cell) or () if source else (), strict=False
    ):
        if '"kk"' not in code:  # the Kazakh sentence moves with the English one
            words = "… " + " ".join(before.split()[-6:])
            yield Shown("prose", page, words, value, value, ((page, cell["id"], code), (page, words)))


def _claims(path: Path) -> Iterator[Shown]:
    try:
        records: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        for record in records:
            found = record["recomputed"]
            # In full: a number rounded to six digits could move unseen.
            whole = isinstance(found, float) and found.is_integer()
            full = f"{record['verdict']}, {or_nothing(int(found) if whole else found)}"
            shown = (record.get("recomputed_written") or {}).get("en")
            written = f"{record['verdict']}, {shown}" if shown else full
            statement = record.get("statement", {}).get("en", "")
            yield Shown("claim", record["chapter"], record["id"], full, written, (record["id"],), statement)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StateError(f"{path} is no ledger (claims.json): {error}") from error


def changes(before: State, after: State) -> list[Change]:
    """Everything that moved from one state to the other, by kind and page.

    Only what both states can tell of is compared. Raises StateError for a table that cannot be read.
    """
    both = before.kinds & after.kinds
    found = [*_tables_moved(before, after)] if "table" in both else []
    for kind in both - {"table"}:
        old, new = ([shown for shown in state.values if shown.kind == kind] for state in (before, after))
        pairs = matched(old, new, lambda shown: shown.known_by[0], lambda shown: shown.known_by[-1])
        found += [change for pair in pairs if (change := _moved(*pair))]
    order = list(KINDS)
    return sorted(found, key=lambda change: (order.index(change.kind), change.page))


def _moved(before: Shown | None, after: Shown | None) -> Change | None:
    now = after or before
    if now is None or (before and after and before.value == after.value):
        return None
    one, two = before.written if before else None, after.written if after else None
    if before and after and one == two:  # a difference that rounding hides
        one, two = before.value, after.value
    return Change(now.kind, now.page, now.place, one, two, note=now.note)


def _tables_moved(before: State, after: State) -> Iterator[Change]:
    for name in dict.fromkeys([*before.tables, *after.tables]):
        old, new = before.tables.get(name), after.tables.get(name)
        if old is None or new is None:
            page, _ = new or old or ("", "")
            yield Change("table", page, name, "a table" if old else None, "a table" if new else None)
            continue
        try:
            rows = differences(old[1], new[1])
        except ValueError as error:
            raise StateError(f"figures/{name}.json is no table: {error}; `make accept` records it anew") from error
        yield from (Change("table", new[0], name, row.before, row.after, row.row, row.column) for row in rows)


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
        lines.append(_as_table(of_kind[:LINES_SHOWN]))
        if len(of_kind) > LINES_SHOWN:
            lines += ["", f"… and {len(of_kind) - LINES_SHOWN} more; `thesis impact` lists them."]
        lines += ["", "</details>"]
    return "\n".join(lines) + "\n"


def _as_table(moved: list[Change]) -> str:
    """Changes of one kind as a table in Markdown, with the columns that they fill."""
    columns = {
        "Page": [change.page for change in moved],
        "Place": [change.place for change in moved],
        "Row": [change.row for change in moved],
        "Column": [change.column for change in moved],
        "Statement": [change.note for change in moved],
        "Before": ["" if change.kind == "figure" else or_nothing(change.before) for change in moved],
        "After": [change.appeared if change.kind == "figure" else or_nothing(change.after) for change in moved],
    }
    filled = {name: cells for name, cells in columns.items() if any(cells)}
    rows = [
        [cell.replace("<", "&lt;").replace("@", "&#64;") for cell in row] for row in zip(*filled.values(), strict=True)
    ]
    return pipe_table(list(filled), rows)


def _summary(moved: list[Change]) -> str:
    counts = Counter(change.kind for change in moved)
    return "; ".join(f"{heading}: {counts[kind]}" for kind, heading in KINDS.items() if counts[kind])
