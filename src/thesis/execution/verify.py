"""Executing recorded notebooks again: which cells, tables, figures and numbers still hold.

nbval is the judge. It looks at code cells alone, so every sentence with computed values
gets a cell beside it that prints them; and the figures that the notebook draws are
compared with those in ``figures/``. Nothing that is committed changes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from thesis.drawing import DRAWN_LATER, is_chart, pictures
from thesis.execution import kernels
from thesis.execution.changes import (
    Change,
    by_place,
    figures_changes,
    inline_values,
    is_table,
    output_changes,
    read_notebook,
    table_differences,
    text_changes,
)
from thesis.execution.execute import INLINE, chapters, notebook_of, read_chapter
from thesis.execution.records import figures_of, nobodys, read_record, reasons
from thesis.failures import ChapterError, StateError
from thesis.problem import counted
from thesis.snapshot import Snapshot
from thesis.workers import Workers

_PRINTS = "values-of-"
_COMPARED = ("cell", "value", "table", "figure")


@dataclass
class Verdict:
    """What re-executing one page showed.

    stale: why the record is not current; changes: what differs; cells, values, tables,
    figures: how many there are of each.
    """

    source: Path
    stale: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    cells: int = 0
    values: int = 0
    tables: int = 0
    figures: int = 0

    @property
    def holds(self) -> bool:
        """Whether all of it is as recorded."""
        return not self.stale and not self.changes


def verify(snapshot: Snapshot, sources: list[Path], workers: Workers, report: Callable[[str], None]) -> int:
    """Execute the recorded notebooks of these pages with nbval; report what matches and what does not.

    Returns the exit status: 0 when everything matches, else 1. With all pages given, files in
    ``notebooks/`` and ``figures/`` that no page makes are found as well.
    """
    verdicts = verify_pages(snapshot, sources, workers)
    for verdict in verdicts:
        report(told(verdict))
    everything = set(sources) == set(chapters(snapshot.folder))
    surplus = nobodys(snapshot.folder, sources) if everything else []
    for name in surplus:
        report(f"{name}: no chapter makes it")
    report(summary(verdicts))
    return 0 if all(verdict.holds for verdict in verdicts) and not surplus else 1


def verify_pages(snapshot: Snapshot, sources: list[Path], workers: Workers) -> list[Verdict]:
    """Execute recorded notebooks again and compare all that they show and draw; a verdict a page, in order.

    nbval runs once for each worker, with some of the notebooks: it takes longer to start than
    most of them to execute. Raises StateError where it cannot judge.
    """
    verdicts = {source: Verdict(source, reasons(snapshot, snapshot.folder, source)) for source in sources}
    questions: dict[Path, NotebookNode] = {}
    for source, verdict in verdicts.items():
        recorded = _recorded(snapshot, verdict)
        if recorded is not None:
            questions[source] = with_printed_values(recorded, verdict)
    # The folder is in the snapshot: a kernel that starts there reads the snapshot.
    with tempfile.TemporaryDirectory(prefix="verify-", dir=snapshot.folder) as name:
        folder = Path(name)
        answers = _ask_nbval(questions, folder, workers.number)
        drawn = {source: _drawn(folder / "figures" / source.stem, workers) for source in questions}
    for source, asked in questions.items():
        _compare(snapshot.folder, verdicts[source], asked, answers.get(source, []), drawn[source])
    return list(verdicts.values())


def _recorded(snapshot: Snapshot, verdict: Verdict) -> NotebookNode | None:
    """A page's recorded notebook, None where there is none; notes where it is not the chapter's."""
    notebook = notebook_of(verdict.source)
    recorded = read_notebook(snapshot.folder / notebook)
    if recorded is None:
        if (snapshot.folder / notebook).is_file():
            verdict.stale.append(f"{notebook} cannot be read as a notebook")
        return None
    try:
        verdict.changes += _chapter_changes(
            verdict.source.stem, recorded, read_chapter(snapshot.folder, verdict.source)
        )
    except ChapterError as error:
        verdict.stale += str(error).splitlines()
    return recorded


def _drawn(folder: Path, workers: Workers) -> dict[str, bytes]:
    """The files that a notebook left, and the pictures of its charts."""
    files = {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}
    for made in workers.map(pictures, [(name, content) for name, content in files.items() if is_chart(name)]):
        files |= made
    return files


def _recorded_figures(folder: Path, source: Path, drawn: dict[str, bytes]) -> dict[str, bytes]:
    """The files in ``figures/`` that a page's record names; without a record, those it draws now."""
    record = read_record(folder, source)
    paths = {name: folder / "figures" / name for name in (figures_of(record) if record else drawn)}
    return {name: path.read_bytes() for name, path in paths.items() if path.is_file()}


def _chapter_changes(page: str, recorded: NotebookNode, chapter: NotebookNode) -> Iterator[Change]:
    """Where the recorded prose and code are not the chapter's own."""
    old, new = ({cell["id"]: cell for cell in notebook.cells} for notebook in (recorded, chapter))
    for name in dict.fromkeys([*old, *new]):
        texts = [
            str(cells[name].metadata.get("source", cells[name].source)) if name in cells else "" for cells in (old, new)
        ]
        yield from text_changes(page, f"cell “{name}” is not the chapter’s", *texts)


def with_printed_values(recorded: NotebookNode, verdict: Verdict) -> NotebookNode:
    """The notebook as nbval is given it: beside each computed sentence, a cell that prints its values.

    Counts in `verdict` what there is to compare, and notes there prose that was edited by hand.
    """
    cells = []
    for cell in recorded.cells:
        if cell.cell_type == "code":
            cells.append(cell)
            verdict.cells += 1
            continue
        expressions = INLINE.findall(cell.metadata.get("source", ""))
        if not expressions:
            continue
        values = inline_values(cell)
        if values is None:
            words = "its words are not those of the chapter around the computed values"
            verdict.changes.append(Change("prose", verdict.source.stem, f"text (cell “{cell['id']}”)", note=words))
            continue
        verdict.values += len(values)
        lines = [
            "from thesis.execution.prose import written",
            *(f"print(written({text.strip()}))" for text in expressions),
        ]
        printed = nbformat.v4.new_output("stream", name="stdout", text="".join(f"{value}\n" for value in values))
        beside = nbformat.v4.new_code_cell("\n".join(lines), outputs=[printed], execution_count=1)
        beside["id"] = f"{_PRINTS}{cell['id']}"
        cells.append(beside)
    notebook = nbformat.from_dict({**recorded, "cells": cells})
    return notebook


def _ask_nbval(questions: dict[Path, NotebookNode], folder: Path, workers: int) -> dict[Path, list[dict[str, Any]]]:
    """The verdict of nbval on each cell of some notebooks, in order; `workers` of it run side by side."""
    asked = {source: notebook for source, notebook in questions.items() if _has_code(notebook)}
    for source, notebook in asked.items():
        (folder / "figures" / source.stem).mkdir(parents=True)
        nbformat.write(notebook, folder / _question(source))
    # The longest first, in turn: every nbval is given about as much.
    longest = sorted(asked, key=lambda source: -(folder / _question(source)).stat().st_size)
    shares = [share for place in range(workers) if (share := longest[place::workers])]
    answers: dict[Path, list[dict[str, Any]]] = {source: [] for source in asked}
    # Threads that only wait for another program; they must not parse Python (see thesis.execution.execute).
    with ThreadPoolExecutor(workers) as pool:
        for share, found in zip(shares, pool.map(lambda share: _run_nbval(folder, share), shares), strict=True):
            for answer in found:
                answers[next(source for source in share if _question(source) == answer["notebook"])].append(answer)
    return answers


def _has_code(notebook: NotebookNode) -> bool:
    return any(cell.cell_type == "code" for cell in notebook.cells)


def _question(source: Path) -> str:
    return source.with_suffix(".ipynb").name


def _run_nbval(folder: Path, sources: list[Path]) -> list[dict[str, Any]]:
    """One run of nbval over some notebooks; raises StateError, with pytest's words, where there is no verdict."""
    verdicts = folder / f"verdicts-{sources[0].stem}.json"
    command = [sys.executable, "-m", "pytest", "--quiet", "--nbval", "--nbval-current-env"]
    command += ["-p", "thesis.execution.judge", "--noconftest", "-p", "no:cacheprovider", "-c", os.devnull]
    command += [f"--rootdir={folder}", "--nbval-cell-timeout=120", f"--verdicts={verdicts}"]
    command += [str(folder / _question(source)) for source in sources]
    # What someone asks of pytest for its own runs, such as a choice of tests, is not asked here.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = {
        **inherited,
        **kernels.ENVIRONMENT,
        **kernels.SELECT,
        **DRAWN_LATER,
        "THESIS_FIGURES": str(folder / "figures"),
    }
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    # 0 and 1: all of the cells were judged; anything else: pytest itself could not go on.
    if run.returncode not in {0, 1} or not verdicts.is_file():
        output = f"{run.stdout}{run.stderr}".rstrip()
        named = ", ".join(map(str, sources))
        raise StateError(f"{named}: nbval could not judge; `make setup` installs what it needs\n{output}".rstrip())
    answers: list[dict[str, Any]] = json.loads(verdicts.read_text(encoding="utf-8"))
    return answers


def _compare(
    folder: Path,
    verdict: Verdict,
    questions: NotebookNode,
    answers: list[dict[str, Any]],
    drawn: dict[str, bytes],
) -> None:
    """Note in `verdict` how a page's cells, tables and figures differ from those recorded below `folder`."""
    page = verdict.source.stem
    figures = _recorded_figures(folder, verdict.source, drawn)
    verdict.tables = sum(map(is_table, figures))
    verdict.figures = len({name.split(".")[0].removesuffix("-narrow") for name in figures if name.endswith(".svg")})
    tables = table_differences(figures, drawn)
    cells = {cell["id"]: cell for cell in questions.cells}
    answered = {answer["cell"] for answer in answers}
    for name in cells:
        if name not in answered:
            verdict.changes.append(Change("output", page, f"cell “{name}”", note="nbval did not execute it"))
    for answer in answers:
        name = str(answer["cell"])
        outputs = nbformat.from_dict(answer["outputs"])
        # nbval passes what a comment in the cell tells it to ignore: that is looked at as well.
        changes = output_changes(page, name, cells[name].outputs, outputs, tables)
        if changes and name.startswith(_PRINTS):
            changes = list(_value_changes(page, cells[name], name.removeprefix(_PRINTS), outputs)) or changes
        if not changes and not answer["matches"]:
            changes = [Change("output", page, f"cell “{name}”", note=str(answer["error"]))]
        verdict.changes += changes
    verdict.changes += figures_changes(page, figures, drawn, verdict.changes)


def _value_changes(page: str, cell: NotebookNode, name: str, outputs: list[NotebookNode]) -> Iterator[Change]:
    """Which of a sentence's values are others now, each with the code that computes it."""
    place = f"text (cell “{name}”)"
    expressions = [line[len("print(written(") : -2] for line in cell.source.splitlines()[1:]]
    before = cell.outputs[0].text.splitlines()
    after = "".join(output.get("text", "") for output in outputs).splitlines()
    for code, old, new in zip(expressions, before, after, strict=False):
        if old != new:
            yield Change("prose", page, place, old, new, code=code)
    for output in outputs:
        if output.output_type == "error":
            yield Change("prose", page, place, note=f"{output.ename}: {output.evalue}")


def told(verdict: Verdict) -> str:
    """One page's verdict: a line when all of it holds, else what does not."""
    parts = [counted(getattr(verdict, f"{noun}s"), noun) for noun in _COMPARED if getattr(verdict, f"{noun}s")]
    about = f" · {', '.join(parts)}" if parts else ""
    if verdict.holds:
        return f"✓ {verdict.source}{about}"
    lines = [f"✗ {verdict.source}{about}"]
    lines += [f"  {why}" for why in verdict.stale]
    lines += by_place(verdict.changes)
    if verdict.changes and not verdict.stale:
        lines.append(
            "  What the page reads is unchanged: either it gives another result each time it is executed, "
            "or the packages installed are not those of requirements.lock."
        )
    return "\n".join(lines)


def summary(verdicts: list[Verdict]) -> str:
    """The last line: how much was compared and how many pages do not match."""
    failed = [verdict for verdict in verdicts if not verdict.holds]
    totals = ", ".join(counted(sum(getattr(verdict, f"{noun}s") for verdict in verdicts), noun) for noun in _COMPARED)
    if not failed:
        return f"Everything matches: {counted(len(verdicts), 'notebook')}, {totals}"
    changes = sum(len(by_place(verdict.changes)) for verdict in failed)
    return (
        f"{len(failed)} of {counted(len(verdicts), 'notebook')} changed "
        f"({counted(changes, 'difference')}); compared: {totals}"
    )
