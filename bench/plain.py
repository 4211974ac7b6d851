"""Chapters as plain Python: what executing and rendering them costs when nothing is done but that.

Run as a program, in the project's folder, it is what `make bench` measures the build against:
every chapter's cells and computed values, in one process without kernels, and one bare Pandoc
for each page and language. It stands alone, so that the project's own code is not measured in it
beyond what the chapters themselves import.
"""

from __future__ import annotations

import argparse
import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LANGUAGES = ("kk", "en")
_CELL = re.compile(r"^```\{python\}[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
_VALUE = re.compile(r"`\{python\}\s+([^`]+)`")
_FENCE = re.compile(r"^(:{3,})\s*(.*)$")
_LANGUAGE = re.compile(r'when-profile="(\w+)"')


def pages() -> list[Path]:
    """The pages of the project in whose folder this runs."""
    return [Path("index.qmd"), *sorted(Path("chapters").glob("*.qmd"))]


def executed(text: str, name: str) -> str:
    """A page's text with each cell replaced by the Markdown it shows, and each computed value by itself.

    name: what a traceback calls the page.
    """
    shown: list[str] = []

    def display(*values: Any) -> None:
        shown.extend(filter(None, map(markdown_of, values)))

    space: dict[str, Any] = {"__name__": "__main__", "display": display}
    parts: list[str] = []
    for is_code, part in split(text):
        if is_code:
            shown.clear()
            run_cell(part, name, space)
            parts.append("\n\n".join(shown))
        else:
            parts.append(_VALUE.sub(lambda found: str(eval(found[1].strip(), space)), part))
    return "".join(parts)


def split(text: str) -> Iterator[tuple[bool, str]]:
    """The page's parts in order, each with whether it is code."""
    for place, part in enumerate(_CELL.split(text)):
        yield place % 2 == 1, part


def run_cell(code: str, name: str, space: dict[str, Any]) -> None:
    """Run a cell; its last expression is shown, as a notebook does."""
    tree = ast.parse(code, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), space)
    if isinstance(last, ast.Expr):
        space["display"](eval(compile(ast.Expression(last.value), name, "eval"), space))


def markdown_of(value: Any) -> str:
    """A value as a notebook would put it into the page; nothing for None."""
    if value is None:
        return ""
    if hasattr(value, "_repr_mimebundle_"):
        bundle = value._repr_mimebundle_()
        return str(bundle.get("text/markdown", bundle.get("text/plain", "")))
    if hasattr(value, "_repr_html_"):
        return str(value._repr_html_())
    return repr(value)


def in_language(text: str, language: str) -> str:
    """The page without the blocks of the other language."""
    kept: list[str] = []
    open_blocks: list[bool] = []  # whether each open block is kept
    for line in text.splitlines():
        fence = _FENCE.match(line)
        inside = all(open_blocks)
        if fence and fence[2]:
            other = _LANGUAGE.search(fence[2])
            open_blocks.append(other is None or other[1] == language)
            inside = all(open_blocks)
        elif fence and open_blocks:
            open_blocks.pop()
        if inside:
            kept.append(line)
    return "\n".join(kept) + "\n"


def main() -> None:
    """Execute the pages named, or all; with --pandoc, render each in both languages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--pandoc", help="the program that renders what was executed")
    parser.add_argument("--folder", type=Path, help="where it renders to")
    chosen = parser.parse_args()
    sys.path.insert(0, "src")
    for page in chosen.pages or pages():
        text = executed(page.read_text(encoding="utf-8"), str(page))
        if not chosen.pandoc:
            continue
        for language in LANGUAGES:
            target = chosen.folder / f"{page.stem}.{language}.html"
            command = [chosen.pandoc, "--from=markdown", "--to=html5", f"--output={target}"]
            subprocess.run(command, input=in_language(text, language), text=True, encoding="utf-8", check=True)


if __name__ == "__main__":
    main()
