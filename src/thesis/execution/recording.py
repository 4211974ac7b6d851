"""From an execution to its record: the pictures drawn, the files written, and what they depend on."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat

from thesis.drawing import is_chart, pictures
from thesis.execution.changes import inline_values, read_notebook
from thesis.execution.execute import Execution, chapters, notebook_of, reworded
from thesis.execution.records import (
    Record,
    code_of,
    digest_of_file,
    digests,
    figures_of,
    read_record,
    remove_dropped,
    write_record,
)
from thesis.failures import StateError
from thesis.snapshot import Snapshot
from thesis.store import Store, key_of, made_by
from thesis.workers import Workers

_EVERY_PAGE_READS = (
    "pyproject.toml",
    "requirements.lock",
    "src/thesis/drawing.py",
    "src/thesis/execution/execute.py",
    "src/thesis/execution/kernels.py",
)


def drawn(execution: Execution, snapshot: Snapshot, store: Store, workers: Workers) -> dict[str, bytes]:
    """The page's figures with the pictures of its charts, drawn now or kept from the same chart before."""
    program = made_by("drawing.py", others=[snapshot.of([*snapshot.below("assets/fonts"), "requirements.lock"])])
    charts = {name: content for name, content in execution.figures.items() if is_chart(name)}
    tasks = [(key_of("pictures", program, name, content), (name, content)) for name, content in charts.items()]
    figures = dict(execution.figures)
    for made in workers.keep(store, _draw, tasks)():
        figures |= {name: picture.encode() for name, picture in json.loads(made).items()}
    return dict(sorted(figures.items()))


def _draw(name: str, specification: bytes) -> bytes:
    """The pictures of a chart as a JSON object, in a process of its own."""
    return json.dumps({file: content.decode() for file, content in pictures(name, specification).items()}).encode()


def write_execution(snapshot: Snapshot, folder: Path, execution: Execution, figures: dict[str, bytes]) -> None:
    """Record a page's execution below `folder`: notebook, figures, and what they depend on.

    figures: all of the page's, drawn. What an earlier record of the page named and no page's
    record names now is removed.
    """
    notebook = notebook_of(execution.source).as_posix()
    (folder / "notebooks").mkdir(parents=True, exist_ok=True)
    (folder / "figures").mkdir(exist_ok=True)
    before = read_record(folder, execution.source)
    nbformat.write(execution.notebook, folder / notebook)
    for name, content in figures.items():
        (folder / "figures" / name).write_bytes(content)
    names = sorted([notebook, *(f"figures/{name}" for name in figures)])
    outputs = {name: digest_of_file(folder / name) for name in names}
    # The typefaces are read by the drawing library itself, which no kernel can watch.
    fonts = [name for name in snapshot.below("assets/fonts") if name.endswith(".ttf") and figures]
    own = (execution.source.as_posix(), code_of(execution.source))
    inputs = digests(snapshot, {*execution.read, *own, *_EVERY_PAGE_READS, *fonts})
    write_record(folder, execution.source, Record(inputs, outputs))
    remove_dropped(folder, before, chapters(snapshot.folder))


def reword(snapshot: Snapshot, folder: Path, source: Path) -> tuple[Execution, dict[str, bytes]]:
    """A page whose prose alone has changed since its record below `folder`, and its figures.

    Raises StateError where the recorded notebook is not what its record says.
    """
    record = read_record(folder, source)
    notebook = read_notebook(folder / notebook_of(source))
    if record is None or notebook is None:
        raise StateError(f"{notebook_of(source)} cannot be read")
    values: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "source" in cell.metadata:
            values += inline_values(cell) or ()
    figures = {name: (folder / "figures" / name).read_bytes() for name in figures_of(record)}
    read = [name for name in record.inputs if name not in {source.as_posix(), code_of(source)}]
    return Execution(source, reworded(snapshot, source, notebook, values), figures, read), figures
