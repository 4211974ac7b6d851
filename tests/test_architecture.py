"""The page on the architecture says what is there: every module, in an order that its imports keep."""

import ast
import re
from pathlib import Path

from .conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
PACKAGE = REPOSITORY / "src" / "thesis"


def rows() -> list[list[str]]:
    """The modules of each line of the table, in its order; a folder stands for all that is in it."""
    table = PAGE.split("## The modules")[1].split("## Where")[0]
    lines = [re.findall(r"`(src/thesis/[\w/.]+)`", line.split("|")[1]) for line in table.splitlines() if "|" in line]
    return [modules for modules in lines if modules]


def place(path: Path) -> int:
    """The line of the table on which a module stands."""
    name = path.relative_to(REPOSITORY).as_posix()
    places = [
        number
        for number, modules in enumerate(rows())
        for module in modules
        if name == module or (module.endswith("/") and name.startswith(module))
    ]
    assert len(places) == 1, f"{name} stands on {len(places)} lines of docs/architecture.md"
    return places[0]


def imported(path: Path) -> set[Path]:
    """The modules of the package that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("thesis"):
            base = REPOSITORY / "src" / (node.module or "").replace(".", "/")
            candidates = [base.with_suffix(".py"), *((base / alias.name).with_suffix(".py") for alias in node.names)]
            found |= {candidate for candidate in candidates if candidate.is_file()}
    return found


def test_every_module_stands_on_the_page_once() -> None:
    for path in PACKAGE.rglob("*.py"):
        if path.name != "__init__.py":
            place(path)


def test_what_the_page_names_is_there() -> None:
    for name in re.findall(r"`((?:src|assets|data|filters|notebooks|docs)/[\w/.-]+)`", PAGE):
        assert (REPOSITORY / name).exists(), name
    picture = PAGE.split("```")[1]
    for name in re.findall(r"[\w/]+\.py\b", picture):
        assert list(PACKAGE.rglob(Path(name).name)), name


def test_no_module_imports_from_one_below_it() -> None:
    against = [
        f"{path.relative_to(PACKAGE)} imports {other.relative_to(PACKAGE)}"
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
        for other in imported(path)
        if place(other) > place(path)
    ]
    assert against == []
