"""A recorded notebook as the Markdown that a renderer publishes.

It has the form that Quarto's own execution leaves, so a page published from a recorded
notebook and one that Quarto executed are the same page.
"""

from __future__ import annotations

import re

from nbformat import NotebookNode

from thesis.execution.execute import cell_options


def to_markdown(notebook: NotebookNode) -> str:
    """Prose as it is, code folded above its outputs, in Quarto's classes."""
    parts = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            parts.append(_code_cell(cell))
        else:
            parts.append(cell.source)
    return "\n\n".join(part for part in parts if part) + "\n"


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
