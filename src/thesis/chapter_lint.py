"""Checking the code of the chapters like any code: ``python -m thesis.chapter_lint``.

A page's cells and the expressions inside its prose are written into one Python file whose
lines and columns are those of the ``.qmd``. Ruff and mypy read it by the settings in
``pyproject.toml`` that name ``chapters``, and :mod:`thesis.chapter_names` has the rules of a page.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from thesis.chapter_names import name_problems
from thesis.execution.execute import INLINE, chapters, read_chapter
from thesis.failures import ChapterError

_ALLOWED_IN_PROSE = {"E501"}
"""A line of prose is as long as its paragraph."""

_OF_ANY_TYPE = ("altair", "pandas")
_ANY_TYPE = "from typing import Any\n\ndef __getattr__(name: str) -> Any: ...\n"
"""The types of pandas and Altair, as far as chapters go.

To their own, each cell of a frame is a number, a text, a day or bytes, and each dictionary
of a mark's settings may hold any setting: hundreds of messages, none of them a mistake.
"""


@dataclass(frozen=True, order=True)
class CodeProblem:
    """One thing wrong with a page's code.

    page: path from the project's folder; line: of the ``.qmd``, from 1; cell: its label;
    rule: Ruff's or mypy's code, or one of our own.
    """

    page: str
    line: int
    cell: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line} (cell “{self.cell}”): {self.rule}: {self.message}"


@dataclass(frozen=True)
class PageCode:
    """A page's code as one Python file; a line of it is the same line of the ``.qmd``.

    cells: for each line that holds code, the name of its cell; prose: the lines whose code
    is an expression inside prose.
    """

    page: Path
    text: str
    cells: dict[int, str]
    prose: frozenset[int]

    @property
    def module(self) -> str:
        """The name of the page's file without its ending, as Python can import it."""
        return self.page.stem.replace("-", "_")

    def problem(self, line: int, rule: str, message: str) -> CodeProblem:
        """A problem of this page; a tool may name the line after a cell's last."""
        near = max((known for known in self.cells if known <= line), default=line)
        return CodeProblem(self.page.as_posix(), line, self.cells.get(near, "—"), rule, message)


def page_code(project: Path, page: Path) -> PageCode:
    """The code of a page, every character in its own line and column.

    Raises ChapterError as :func:`read_chapter` does, and for a cell that is not found in its page.
    """
    text = (project / page).read_text(encoding="utf-8")
    lines = [""] * (text.count("\n") + 1)
    cells: dict[int, str] = {}
    prose: set[int] = set()
    place = 0
    for cell in read_chapter(project, page).cells:
        found = text.find(cell.source, place)
        if found < 0:
            raise ChapterError(f"{page}: the cell “{cell['id']}” does not stand in its page as it was read")
        place = found + len(cell.source)
        first = text.count("\n", 0, found) + 1
        if cell.cell_type == "code":
            for number, line in enumerate(cell.source.split("\n"), first):
                lines[number - 1] = line
                cells[number] = cell["id"]
        elif cell.cell_type == "markdown":
            for number, line in enumerate(_expressions(cell.source), first):
                if line:
                    lines[number - 1] = line
                    cells[number] = cell["id"]
                    prose.add(number)
    return PageCode(page, "\n".join(lines) + "\n", cells, frozenset(prose))


def _expressions(markdown: str) -> list[str]:
    """The lines of a text with nothing left in them but its expressions, where they stand, as calls of `print`."""
    found = [match.span(1) for match in INLINE.finditer(markdown)]
    code = list(re.sub(r"[^\n]", " ", markdown))
    for number, (start, end) in enumerate(found):
        code[start:end] = markdown[start:end]
        line_before = markdown.rfind("\n", 0, start) + 1
        line_after = markdown.find("\n", end) % (len(markdown) + 1)
        if not number or found[number - 1][1] < line_before:  # the first of its line; “`{python} ” leaves room
            code[line_before : line_before + 6] = "print("
        code[end] = ")" if number + 1 == len(found) or found[number + 1][0] > line_after else ","
    return [line.rstrip() for line in "".join(code).split("\n")]


def lint(project: Path) -> list[CodeProblem]:
    """All problems in the code of all pages, in the order of the pages.

    Raises ChapterError for a page that cannot be read and for a tool that does not run.
    """
    pages = [page_code(project, page) for page in chapters(project)]
    problems = {*_types(project, pages)}
    for page in pages:
        problems.update(_style(project, page))
        problems.update(page.problem(*found) for found in name_problems(page.text, page.cells))
    return sorted(problems)


def _style(project: Path, page: PageCode) -> Iterator[CodeProblem]:
    """What Ruff says about a page."""
    # By this name the settings know it for a chapter.
    name = f"chapters/{page.module}.py"
    command = [sys.executable, "-m", "ruff", "check", "--output-format=json", f"--stdin-filename={name}", "-"]
    answer = subprocess.run(command, cwd=project, input=page.text, capture_output=True, text=True, encoding="utf-8")
    if answer.returncode not in (0, 1):
        raise ChapterError(f"{page.page}: ruff did not run: {answer.stderr.strip()}")
    for found in json.loads(answer.stdout):
        line, rule = found["location"]["row"], found["code"] or "syntax"
        if not (rule in _ALLOWED_IN_PROSE and line in page.prose):
            yield page.problem(line, rule, found["message"])


def _types(project: Path, pages: list[PageCode]) -> Iterator[CodeProblem]:
    """What mypy says about the pages."""
    with tempfile.TemporaryDirectory(prefix="thesis-") as name:
        folder = Path(name, "chapters")
        folder.mkdir()
        (folder / "__init__.py").touch()
        for library in _OF_ANY_TYPE:
            Path(name, f"{library}.pyi").write_text(_ANY_TYPE, encoding="utf-8")
        for page in pages:
            (folder / f"{page.module}.py").write_text(page.text, encoding="utf-8")
        cache = project / ".mypy_cache" / "chapters"
        command = [sys.executable, "-m", "mypy", "--output=json", f"--cache-dir={cache}", "--package=chapters"]
        places = os.pathsep.join([str(project / "src"), name])
        answer = subprocess.run(
            command,
            cwd=project,
            env={**os.environ, "MYPYPATH": places},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
    if not answer.stdout.startswith("{") and answer.returncode:
        raise ChapterError(f"mypy did not run: {(answer.stderr or answer.stdout).strip()}")
    by_module = {page.module: page for page in pages}
    for line in filter(None, answer.stdout.splitlines()):
        found = json.loads(line)
        path = Path(found["file"])
        # A page that is no Python is Ruff's to tell; mypy then tells nothing else.
        if found["severity"] == "error" and found["code"] != "syntax" and path.parent.name == "chapters":
            page = by_module[path.stem]
            yield page.problem(found["line"], found["code"] or "mypy", found["message"])


def main() -> int:
    """Report every problem; 1 when there is one."""
    try:
        problems = lint(Path.cwd())
    except ChapterError as error:
        print(error, file=sys.stderr)
        return 1
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
