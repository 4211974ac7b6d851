"""Running chapters: each ``.qmd`` once, its outputs recorded as a notebook.

The one place that knows how a chapter is executed, so that it can be replaced.
"""

from __future__ import annotations

import ast
import asyncio
import hashlib
import json
import os
import re
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import jupytext
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from traitlets.config import Config

from thesis.drawing import DRAWN_LATER
from thesis.execution import kernels
from thesis.execution.environment import made_with
from thesis.execution.repeatable import changing_calls, changing_words, shown
from thesis.failures import ChapterError
from thesis.snapshot import Snapshot

INLINE = re.compile(r"`\{python\}\s+([^`]+)`")
"""A computed value inside prose, as Quarto writes it: `` `{python} number(x, "kk")` ``."""

_OPTION = re.compile(r"^#\|\s*([\w-]+):\s*(.*?)\s*$")
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a notebook's cell may be called: nbformat gives a cell with any other name, or with another's, a random one."""

_SECONDS_A_CELL = 120
_METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def chapters(project: Path) -> list[Path]:
    """The sources of the site's pages, relative to the project, in a fixed order."""
    pages = [project / "index.qmd", *sorted((project / "chapters").glob("*.qmd"))]
    return [page.relative_to(project) for page in pages if page.is_file()]


def notebook_of(source: Path) -> Path:
    """Where the recorded execution of a page stands, relative to the project."""
    return Path("notebooks") / source.with_suffix(".ipynb").name


def cell_options(source: str) -> dict[str, str]:
    """The ``#|`` options at the head of a code cell, as text."""
    options = {}
    for line in source.splitlines():
        found = _OPTION.match(line)
        if not found:
            break
        options[found[1]] = found[2]
    return options


def read_chapter(project: Path, source: Path) -> NotebookNode:
    """Read a ``.qmd`` as a notebook whose cells have fixed names of their own.

    A code cell is named by its ``label`` option, any other by its place, so that the
    recorded file changes only where the chapter does. Raises ChapterError, with the lines,
    for a label that stands twice or that no cell can have.
    """
    text = (project / source).read_text(encoding="utf-8")
    # jupytext’s own .qmd reader calls Quarto; its R Markdown reader understands the same text.
    notebook = jupytext.reads(text, fmt="Rmd")
    for number, cell in enumerate(notebook.cells, 1):
        label = cell_options(cell.source).get("label") if cell.cell_type == "code" else None
        cell["id"] = label or f"{cell.cell_type}-{number:02d}"
        cell.metadata = {}
    _refuse_names([cell["id"] for cell in notebook.cells], text, source)
    notebook.metadata = _METADATA
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def _refuse_names(names: list[str], text: str, source: Path) -> None:
    """Raise ChapterError for cells' names that a record could not keep; text: the chapter's own."""

    def lines(name: str) -> str:
        options = ((number, _OPTION.match(line)) for number, line in enumerate(text.splitlines(), 1))
        numbers = [str(number) for number, found in options if found and found.groups() == ("label", name)]
        return f"line{'s' if len(numbers) > 1 else ''} {' and '.join(numbers)}"

    counts = Counter(names)
    _refuse(
        [
            *(
                f"the label “{name}” ({lines(name)}) cannot name a cell; "
                "a label has at most 64 Latin letters, digits, hyphens and underscores"
                for name in counts
                if not _LABEL.fullmatch(name)
            ),
            *(
                f"the label “{name}” ({lines(name)}) names {times} cells; give each its own"
                for name, times in counts.items()
                if times > 1
            ),
        ],
        source,
    )


class _Client(NotebookClient):  # type: ignore[misc]
    """An nbclient that also computes the values inside prose, as Quarto does."""

    running = ""
    folders: tuple[str, str]
    seen: dict[str, list[str]]

    async def async_execute_cell(self, cell: NotebookNode, cell_index: int, *args: Any, **kwargs: Any) -> NotebookNode:
        if cell_index == 0:
            await self._ask(f"watch{self.folders!r}")
        self.running = cell["id"]
        if cell.cell_type == "markdown" and INLINE.search(cell.source):
            await self._fill_in(cell)
        executed = await super().async_execute_cell(cell, cell_index, *args, **kwargs)
        if cell_index == len(self.nb.cells) - 1:
            self.seen = json.loads(await self._ask("seen()"))
        return executed

    async def _ask(self, call: str) -> str:
        """What a call of :mod:`thesis.execution.inputs` inside the kernel returns, as JSON."""
        # Nothing is imported into the chapter's own names.
        text = f"__import__('json').dumps(__import__('thesis.execution.inputs').execution.inputs.{call})"
        message = self.kc.execute("", silent=True, store_history=False, user_expressions={"answer": text})
        reply = await self.async_wait_for_reply(message)
        answer = reply["content"]["user_expressions"]["answer"]
        if answer["status"] != "ok":
            raise ChapterError(f"the kernel cannot load the package thesis ({answer['ename']}: {answer['evalue']})")
        return str(ast.literal_eval(answer["data"]["text/plain"]))

    async def _fill_in(self, cell: NotebookNode) -> None:
        expressions = INLINE.findall(cell.source)
        message = self.kc.execute("", user_expressions={str(i): text for i, text in enumerate(expressions)})
        reply = await self.async_wait_for_reply(message)
        results = reply["content"]["user_expressions"]
        values: list[str] = []
        for i, text in enumerate(expressions):
            result = results[str(i)]
            if result["status"] != "ok":
                error = f"{result['ename']}: {result['evalue']}"
                raise ChapterError(f"in the prose cell “{cell['id']}”, `{text.strip()}` raised {error}")
            data = result["data"]
            text = data.get("text/markdown") or data["text/plain"]
            # The text form of a string is its repr; a reader wants the string.
            quoted = text.startswith(("'", '"')) and "text/markdown" not in data
            values.append(ast.literal_eval(text) if quoted else text)
        filled = iter(values)
        cell.metadata["source"] = cell.source
        cell.source = INLINE.sub(lambda _: next(filled), cell.source)


@dataclass(frozen=True)
class Execution:
    """What executing one page gave: its notebook, its figures' files, the files it read."""

    source: Path
    notebook: NotebookNode
    figures: dict[str, bytes] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)
    seconds: float = 0.0


async def execute_chapter(snapshot: Snapshot, source: Path) -> Execution:
    """Execute one page of a snapshot; charts are left undrawn, as specifications.

    Raises ChapterError when a cell raises or warns, takes longer than two minutes, or kills
    its kernel; when the chapter reads, writes or starts what it must not; and when it shows
    what no second execution would show again.
    """
    started, clock = time.monotonic(), time.time()
    project = snapshot.folder
    notebook = read_chapter(project, source)
    if not any(cell.cell_type == "code" or INLINE.search(cell.source) for cell in notebook.cells):
        return Execution(source, _finished(notebook, project))
    _refuse(
        [
            f"the cell “{cell['id']}”, line {line}: {call} gives another result each time"
            for cell in notebook.cells
            if cell.cell_type == "code"
            for line, call in changing_calls(cell.source)
        ],
        source,
    )
    with tempfile.TemporaryDirectory(prefix="thesis-") as name:
        scratch = Path(name)
        figures = scratch / "figures"
        figures.mkdir()
        # Not TCP: nobody else on the machine can then talk to the kernel, and no port is taken.
        manager = {"transport": "ipc", "ip": str(scratch / "kernel")}
        client = _Client(
            notebook,
            timeout=_SECONDS_A_CELL,
            kernel_name="python3",
            record_timing=False,
            config=Config({"KernelManager": manager}),
            resources={"metadata": {"path": str(project)}},
        )
        client.folders = (str(project), str(figures))
        environment = {**os.environ, **kernels.ENVIRONMENT, **DRAWN_LATER, "THESIS_FIGURES": str(figures)}
        await _run(client, source, environment)
        made = {path.name: path.read_bytes() for path in sorted(figures.iterdir())}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                # It would name the kernel's process: no two records would be the same.
                warning = re.sub(r"^\S+\.py:(\d+): ", r"line \1: ", output.text.strip().splitlines()[0])
                raise ChapterError(f"{source}: the cell “{cell['id']}” warned: {warning}")
    _refuse([*(f"it {fault}" for fault in client.seen["faults"]), *_changing(notebook, snapshot, clock)], source)
    return Execution(source, _finished(notebook, project), made, client.seen["read"], time.monotonic() - started)


def _finished(notebook: NotebookNode, project: Path) -> NotebookNode:
    # nbclient notes the Python it ran on; the record must not change with it.
    notebook.metadata = {**_METADATA, **made_with(project)}
    return notebook


def _changing(notebook: NotebookNode, snapshot: Snapshot, started: float) -> Iterator[str]:
    """What the page shows that it would not show elsewhere, or at another time."""
    for cell in notebook.cells:
        word = changing_words(shown(cell), (snapshot.folder, snapshot.project), started, time.time())
        if word:
            yield f"the cell “{cell['id']}” shows {word}, which is another elsewhere"


def code_digest(notebook: NotebookNode) -> str:
    """What a chapter computes, as one digest: its code and the values in its prose, in order, not its words."""
    steps = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            steps.append(["cell", cell["id"], cell.source])
        else:
            steps += [["value", text] for text in INLINE.findall(cell.metadata.get("source", cell.source))]
    return hashlib.sha256(json.dumps(steps).encode()).hexdigest()


def reworded(snapshot: Snapshot, source: Path, recorded: NotebookNode, values: Iterable[str]) -> NotebookNode:
    """A chapter whose prose alone was changed, with the outputs and values of its last execution.

    recorded: the notebook of that execution; values: those in its prose, in order. The same
    code over the same data gives the same results, so nothing is executed again. Raises
    ChapterError for a chapter that cannot be read, and for what it must not show.
    """
    clock = time.time()
    notebook = read_chapter(snapshot.folder, source)
    outputs = {cell["id"]: cell for cell in recorded.cells if cell.cell_type == "code"}
    left = iter(values)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = outputs[cell["id"]].outputs, outputs[cell["id"]].execution_count
        elif INLINE.search(cell.source):
            cell.metadata["source"] = cell.source
            cell.source = INLINE.sub(lambda _: next(left), cell.source)
    _refuse([*_changing(notebook, snapshot, clock)], source)
    return _finished(notebook, snapshot.folder)


def _refuse(faults: list[str], source: Path) -> None:
    if faults:
        raise ChapterError("\n".join(f"{source}: {fault}" for fault in faults))


async def _run(client: _Client, source: Path, environment: dict[str, str]) -> None:
    """Execute the client's notebook; every failure becomes a ChapterError that says where."""
    try:
        # The kernel’s own log is left out: what a cell prints reaches the notebook without it.
        await client.async_execute(env=environment, stderr=subprocess.DEVNULL)
    except CellExecutionError as error:
        cell = next(cell for cell in client.nb.cells if _raised(cell))
        raise ChapterError(
            f"{source}: the cell “{cell['id']}” raised {error.ename}: {error.evalue}\n{_excerpt(cell, error)}"
        ) from None
    except CellTimeoutError:
        raise ChapterError(f"{source}: the cell “{client.running}” took longer than {client.timeout} seconds") from None
    except ChapterError as error:
        raise ChapterError(f"{source}: {error}") from None
    except RuntimeError as error:  # a kernel that died, or never answered
        where = f" in the cell “{client.running}”" if client.running else ""
        raise ChapterError(f"{source}: the kernel stopped{where} ({error})") from None


def _raised(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.get("outputs", []))


def _excerpt(cell: NotebookNode, error: CellExecutionError) -> str:
    """The line of the cell that raised, for whoever mends the chapter."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", error.traceback)
    numbers = re.findall(r"^-+> (\d+) ", plain, re.MULTILINE)
    lines = cell.source.splitlines()
    number = int(numbers[0]) if numbers else 0
    return f"  line {number} of the cell: {lines[number - 1].strip()}" if 0 < number <= len(lines) else ""


def execute(snapshot: Snapshot, sources: Sequence[Path], workers: int, done: Callable[[Execution], None]) -> None:
    """Execute pages of a snapshot, `workers` at a time; `done` is given each as it ends.

    Every page is tried, and then ChapterError tells what is wrong with any of them. All of it
    runs in one thread: CPython 3.11 counts the depth of what it parses for all threads
    together, so that two that parse at once fail now and then.
    """
    faults: dict[Path, str] = {}
    with patch.dict(os.environ, kernels.SELECT):
        asyncio.run(_execute_all(snapshot, sources, workers, done, faults))
    if faults:
        raise ChapterError("\n".join(faults[source] for source in sources if source in faults))


async def _execute_all(
    snapshot: Snapshot,
    sources: Sequence[Path],
    workers: int,
    done: Callable[[Execution], None],
    faults: dict[Path, str],
) -> None:
    free = asyncio.Semaphore(workers)

    async def one(source: Path) -> None:
        async with free:
            try:
                execution = await execute_chapter(snapshot, source)
            except ChapterError as error:
                faults[source] = str(error)
            else:
                done(execution)

    # The longest chapters first, so that none is left to run alone at the end.
    longest = sorted(sources, key=lambda source: -(snapshot.folder / source).stat().st_size)
    async with asyncio.TaskGroup() as group:
        for source in longest:
            group.create_task(one(source))
