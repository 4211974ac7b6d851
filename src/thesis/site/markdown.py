"""A recorded notebook as the Markdown that a renderer publishes, in one language.

It has the form that Quarto's own execution leaves, so a page published from a recorded
notebook and one that Quarto executed are the same page. Of what stands in both languages the
other one is left out here: a renderer reads half.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nbformat import NotebookNode

from thesis.execution.execute import cell_options
from thesis.failures import RenderError
from thesis.language import LANGUAGES

_FENCE = re.compile(r"^(`{3,}|~{3,})(.*)$")
_DIV = re.compile(r"^:{3,}\s*(\S.*)?$")
_PROFILE = re.compile(r'\.content-visible\b[^}]*\bwhen-profile="([^"]*)"')


def to_markdown(notebook: NotebookNode, language: str) -> str:
    """Prose as it is, code folded above its outputs, in Quarto's classes; of the two languages the given one.

    Raises RenderError, with its first line, for a block of a language that the site does not
    have, and for a block or a piece of code that never ends.
    """
    parts = (_code_cell(cell) if cell.cell_type == "code" else cell.source for cell in notebook.cells)
    return in_language("\n\n".join(part for part in parts if part), language) + "\n"


def in_language(markdown: str, language: str) -> str:
    """Markdown without the blocks of the other language; those of this one lose their fences."""
    return "\n".join(_lines_in(markdown, language)).strip("\n")


def _lines_in(markdown: str, language: str) -> Iterator[str]:
    opened: list[tuple[str, str | None]] = []  # a block's first line, the language that it is for
    fence = began = ""
    for line in markdown.splitlines():
        hidden = any(profile not in (None, language) for _, profile in opened)
        ticks = _FENCE.match(line)
        block = None if fence or ticks else _DIV.match(line)
        if fence:
            if ticks and ticks[1].startswith(fence) and not ticks[2].strip():
                fence = ""
        elif ticks:
            fence, began = ticks[1], line
        elif block and block[1]:
            found = _PROFILE.search(block[1])
            if found and found[1] not in LANGUAGES:
                raise RenderError(f"“{line}”: the site has no language “{found[1]}”, only {' and '.join(LANGUAGES)}")
            opened.append((line, found[1] if found else None))
            if found:
                continue
        elif block:
            if not opened:
                raise RenderError(f"“{line}” ends a block that nothing opened")
            if opened.pop()[1]:
                continue
        if not hidden:
            yield line
    if fence:
        raise RenderError(f"“{began}”: the code that begins with this line never ends")
    if opened:
        raise RenderError(f"“{opened[-1][0]}”: the block that begins with this line never ends")


def _code_cell(cell: NotebookNode) -> str:
    options = cell_options(cell.source)
    if options.get("include") == "false":
        return ""
    code = "\n".join(cell.source.splitlines()[len(options) :]).strip("\n")
    shown = sum(output.output_type != "stream" for output in cell.outputs)
    # Where a cell shows one thing, Quarto gives the label to that, else to the cell.
    label = f"#{cell['id']}" if "label" in options else ""
    name = f"#cell-{cell['id']}" if label and shown == 1 else label
    lines = []
    if options.get("echo") != "false" and code:
        lines += _fenced(code, " {.python .cell-code}")
    place = 0
    for output in cell.outputs:
        if output.output_type == "stream":
            lines += _printed(output)
        else:
            place += 1
            lines += _shown(output, f"{label}-{place}" if label and shown > 1 else label)
    return "\n".join([f"::: {{{name} .cell}}".replace("{ ", "{"), *lines, ":::"]) if lines else ""


def _printed(output: NotebookNode) -> list[str]:
    if output.name == "stderr":  # a library's warning is not the chapter's text
        return []
    return ["::: {.cell-output .cell-output-stdout}", *_fenced(output.text), ":::", ""]


def _shown(output: NotebookNode, label: str) -> list[str]:
    start = f"::: {{{label} .cell-output .cell-output-display".replace("{ ", "{")
    markdown = output.data.get("text/markdown")
    if markdown:
        return [start + " .cell-output-markdown}", markdown.strip(), ":::", ""]
    return [start + "}", *_fenced(output.data.get("text/plain", "")), ":::", ""]


def _fenced(text: str, attributes: str = "") -> list[str]:
    ticks = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", text)), 3)
    return [ticks + attributes, text.strip("\n"), ticks, ""]
