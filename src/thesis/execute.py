"""Running chapters: each ``.qmd`` once, its outputs recorded as a notebook.

The one place that knows how a chapter is executed, so that it can be replaced.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode
from traitlets.config import Config

from thesis.failures import ChapterError

INLINE = re.compile(r"`\{python\}\s+([^`]+)`")
"""A computed value inside prose, as Quarto writes it: `` `{python} number(x, "kk")` ``."""

_OPTION = re.compile(r"^#\|\s*([\w-]+):\s*(.*?)\s*$")
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


def read_chapter(path: Path) -> NotebookNode:
    """Read a ``.qmd`` as a notebook whose cells have fixed names of their own.

    A code cell is named by its ``label`` option, any other by its place, so that the
    recorded file changes only where the chapter does.
    """
    # jupytext’s own .qmd reader calls Quarto; its R Markdown reader understands the same text.
    notebook = jupytext.reads(path.read_text(encoding="utf-8"), fmt="Rmd")
    for number, cell in enumerate(notebook.cells, 1):
        label = cell_options(cell.source).get("label") if cell.cell_type == "code" else None
        cell["id"] = label or f"{cell.cell_type}-{number:02d}"
        cell.metadata = {}
    notebook.metadata = _METADATA
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


class _Client(NotebookClient):  # type: ignore[misc]
    """An nbclient that also computes the values inside prose, as Quarto does."""

    running = ""

    async def async_execute_cell(self, cell: NotebookNode, cell_index: int, *args: Any, **kwargs: Any) -> NotebookNode:
        self.running = cell["id"]
        if cell.cell_type == "markdown" and INLINE.search(cell.source):
            await self._fill_in(cell)
        return await super().async_execute_cell(cell, cell_index, *args, **kwargs)

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


def execute_chapter(project: Path, source: Path, figures: Path) -> NotebookNode:
    """Execute one page and return its notebook; its pictures are written to `figures`.

    Raises ChapterError when a cell raises or warns, takes longer than two minutes, or kills
    its kernel.
    """
    notebook = read_chapter(project / source)
    if not any(cell.cell_type == "code" or INLINE.search(cell.source) for cell in notebook.cells):
        return notebook
    environment = {**os.environ, "THESIS_FIGURES": str(figures), "PYTHONHASHSEED": "0"}
    with tempfile.TemporaryDirectory(prefix="thesis-") as sockets:
        # Not TCP: nobody else on the machine can then talk to the kernel, and no port is taken.
        manager = {"transport": "ipc", "ip": str(Path(sockets) / "kernel")}
        client = _Client(
            notebook,
            timeout=_SECONDS_A_CELL,
            kernel_name="python3",
            record_timing=False,
            config=Config({"KernelManager": manager}),
            resources={"metadata": {"path": str(project)}},
        )
        _run(client, source, environment)
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                # It would name the kernel's process: no two records would be the same.
                warning = re.sub(r"^\S+\.py:(\d+): ", r"line \1: ", output.text.strip().splitlines()[0])
                raise ChapterError(f"{source}: the cell “{cell['id']}” warned: {warning}")
    # nbclient notes the Python it ran on; the record must not change with it.
    notebook.metadata = _METADATA
    return notebook


def _run(client: _Client, source: Path, environment: dict[str, str]) -> None:
    """Execute the client's notebook; every failure becomes a ChapterError that says where."""
    try:
        # The kernel’s own log is left out: what a cell prints reaches the notebook without it.
        client.execute(env=environment, stderr=subprocess.DEVNULL)
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


def execute(project: Path, sources: Sequence[Path]) -> Iterator[Path]:
    """Execute pages in order and record them; yields each page before it is begun.

    ``notebooks/`` and ``figures/`` change only when every page has been executed: a chapter
    that raises leaves both as they were. With all pages given, notebooks and pictures that
    no chapter makes any more are removed.
    """
    with tempfile.TemporaryDirectory(prefix="thesis-") as folder:
        figures = Path(folder) / "figures"
        figures.mkdir()
        recorded = {}
        for source in sources:
            yield source
            recorded[notebook_of(source)] = execute_chapter(project, source, figures)
        for path, notebook in recorded.items():
            (project / path).parent.mkdir(exist_ok=True)
            nbformat.write(notebook, project / path)
        everything = set(sources) == set(chapters(project))
        kept = project / "figures"
        kept.mkdir(exist_ok=True)
        if everything:
            for path in kept.iterdir():
                if path.suffix in {".svg", ".json"} and not (figures / path.name).exists():
                    path.unlink()
            for path in (project / "notebooks").glob("*.ipynb"):
                if path.relative_to(project) not in recorded:
                    path.unlink()
        for path in sorted(figures.iterdir()):
            shutil.copyfile(path, kept / path.name)
