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

import nbformat
from nbformat import NotebookNode

from thesis.execution.changes import Change, figures_changes, inline_values, outputs_change, read_notebook, text_change
from thesis.execution.execute import INLINE, KERNEL_ENVIRONMENT, chapters, notebook_of, read_chapter
from thesis.execution.records import figures_of, nobodys, read_record, reasons
from thesis.failures import ChapterError, StateError

_PRINTS = "values-of-"
_TABLE = "{#tbl-"
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


def verify(project: Path, sources: list[Path], workers: int, say: Callable[[str], None]) -> int:
    """Execute the recorded notebooks of these pages with nbval; tell what matches and what does not.

    Returns the exit status: 0 when everything matches, else 1. With all pages given, files in
    ``notebooks/`` and ``figures/`` that no page makes are found as well.
    """
    with ThreadPoolExecutor(max_workers=workers) as pool:
        verdicts = []
        for verdict in pool.map(lambda source: verify_page(project, source), sources):
            say(told(verdict))
            verdicts.append(verdict)
    surplus = nobodys(project, sources) if set(sources) == set(chapters(project)) else []
    for name in surplus:
        say(f"{name}: no chapter makes it")
    say(summary(verdicts))
    return 0 if all(verdict.holds for verdict in verdicts) and not surplus else 1


def verify_page(project: Path, source: Path) -> Verdict:
    """Execute one recorded notebook again and compare all that it shows and draws."""
    verdict = Verdict(source, reasons(project, project, source))
    recorded = read_notebook(project / notebook_of(source))
    if recorded is None:
        if (project / notebook_of(source)).is_file():
            verdict.stale.append(f"{notebook_of(source)} cannot be read as a notebook")
        return verdict
    try:
        verdict.changes += _chapter_changes(recorded, read_chapter(project, source))
    except ChapterError as error:
        verdict.stale += str(error).splitlines()
    questions = with_printed_values(recorded, verdict)
    building = project / ".build"
    building.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="verify-", dir=building) as name:
        folder = Path(name)
        (folder / "figures").mkdir()
        if any(cell.cell_type == "code" for cell in questions.cells):
            answers = _ask_nbval(questions, folder, source)
            _compare(verdict, questions, answers)
        drawn = {path.name: path.read_bytes() for path in sorted((folder / "figures").iterdir())}
    record = read_record(project, source)
    names = figures_of(record) if record else list(drawn)
    paths = {name: project / "figures" / name for name in names}
    committed = {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
    # A table leaves its values there too: those are counted with the tables.
    verdict.figures = len({name.split(".")[0].removesuffix("-narrow") for name in names if name.endswith(".svg")})
    verdict.changes += figures_changes(committed, drawn)
    return verdict


def _chapter_changes(recorded: NotebookNode, chapter: NotebookNode) -> Iterator[Change]:
    """Where the recorded prose and code are not the chapter's own."""
    old, new = ({cell["id"]: cell for cell in notebook.cells} for notebook in (recorded, chapter))
    for name in dict.fromkeys([*old, *new]):
        texts = [
            str(cells[name].metadata.get("source", cells[name].source)) if name in cells else "" for cells in (old, new)
        ]
        change = text_change(f"cell “{name}” is not the chapter’s", *texts)
        if change:
            yield change


def with_printed_values(recorded: NotebookNode, verdict: Verdict) -> NotebookNode:
    """The notebook as nbval is given it: beside each computed sentence, a cell that prints its values.

    Counts in `verdict` what there is to compare, and notes there prose that was edited by hand.
    """
    cells = []
    for cell in recorded.cells:
        if cell.cell_type == "code":
            cells.append(cell)
            verdict.cells += 1
            # Each table stands there in both languages.
            verdict.tables += (
                sum(str(output.get("data", {}).get("text/markdown", "")).count(_TABLE) for output in cell.outputs) // 2
            )
            continue
        expressions = INLINE.findall(cell.metadata.get("source", ""))
        if not expressions:
            continue
        values = inline_values(cell)
        if values is None:
            words = ("its words are not those of the chapter around the computed values",)
            verdict.changes.append(Change("text", f"text (cell “{cell['id']}”)", words))
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


def _ask_nbval(questions: NotebookNode, folder: Path, source: Path) -> list[dict[str, object]]:
    """The verdict of nbval on each cell, in order; raises StateError, with pytest's words, where there is none."""
    notebook = folder / source.with_suffix(".ipynb").name
    nbformat.write(questions, notebook)
    verdicts = folder / "verdicts.json"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--quiet",
        "--nbval",
        "--nbval-current-env",
        "-p",
        "thesis.execution.judge",
    ]
    command += ["--noconftest", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={folder}"]
    command += ["--nbval-cell-timeout=120", f"--verdicts={verdicts}", str(notebook)]
    # What someone asks of pytest for its own runs, such as a choice of tests, is not asked here.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment = {**inherited, **KERNEL_ENVIRONMENT, "THESIS_FIGURES": str(folder / "figures")}
    # The folder is below the project: a kernel that starts there finds it.
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    # 0 and 1: all of the cells were judged; anything else: pytest itself could not go on.
    if run.returncode not in {0, 1} or not verdicts.is_file():
        said = f"{run.stdout}{run.stderr}".rstrip()
        raise StateError(f"{source}: nbval could not judge it; `make setup` installs what it needs\n{said}".rstrip())
    answers: list[dict[str, object]] = json.loads(verdicts.read_text(encoding="utf-8"))
    return answers


def _compare(verdict: Verdict, questions: NotebookNode, answers: list[dict[str, object]]) -> None:
    cells = {cell["id"]: cell for cell in questions.cells}
    answered = {answer["cell"] for answer in answers}
    for name in cells:
        if name not in answered:
            verdict.changes.append(Change("output", f"cell “{name}”", ("nbval did not execute it",)))
    for answer in answers:
        name = str(answer["cell"])
        outputs = nbformat.from_dict(answer["outputs"])
        # nbval passes what a comment in the cell tells it to ignore: that is looked at as well.
        change = outputs_change(name, cells[name].outputs, outputs)
        if change and name.startswith(_PRINTS):
            change = _values_change(cells[name], name.removeprefix(_PRINTS), outputs)
        if change:
            verdict.changes.append(change)
        elif not answer["matches"]:
            verdict.changes.append(Change("output", f"cell “{name}”", (str(answer["error"]),)))


def _values_change(cell: NotebookNode, name: str, outputs: list[NotebookNode]) -> Change:
    """Which of a sentence's values are others now, each with the code that computes it."""
    expressions = [line[len("print(written(") : -2] for line in cell.source.splitlines()[1:]]
    before = cell.outputs[0].text.splitlines()
    after = "".join(output.get("text", "") for output in outputs).splitlines()
    lines = [
        f"`{text}`: recorded {old}, computed {new}"
        for text, old, new in zip(expressions, before, after, strict=False)
        if old != new
    ]
    lines += [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
    return Change("text", f"text (cell “{name}”)", tuple(lines))


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 table``, ``2 tables``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def told(verdict: Verdict) -> str:
    """One page's verdict: a line when all of it holds, else what does not."""
    parts = [counted(getattr(verdict, f"{noun}s"), noun) for noun in _COMPARED if getattr(verdict, f"{noun}s")]
    about = f" · {', '.join(parts)}" if parts else ""
    if verdict.holds:
        return f"✓ {verdict.source}{about}"
    lines = [f"✗ {verdict.source}{about}"]
    lines += [f"  {why}" for why in verdict.stale]
    lines += [str(change) for change in verdict.changes]
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
    changes = sum(len(verdict.changes) for verdict in failed)
    return (
        f"{len(failed)} of {counted(len(verdicts), 'notebook')} changed "
        f"({counted(changes, 'difference')}); compared: {totals}"
    )
