"""A recorded notebook as the Markdown that a renderer publishes.

It has the form that Quarto's own execution leaves, so a page published from a recorded
notebook and one that Quarto executed are the same page.
"""

from __future__ import annotations

from nbformat import NotebookNode

from thesis.execute import cell_options


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
    lines = [f"::: {{#{cell['id']} .cell}}" if "label" in options else "::: {.cell}"]
    if options.get("echo") != "false" and code:
        lines += ["``` {.python .cell-code}", code, "```", ""]
    for output in cell.outputs:
        markdown = output.get("data", {}).get("text/markdown")
        if markdown:
            lines += ["::: {.cell-output .cell-output-display .cell-output-markdown}", markdown.strip(), ":::", ""]
        elif output.output_type == "stream" or output.get("data", {}).get("text/plain"):
            text = output.get("text") or output["data"]["text/plain"]
            lines += ["::: {.cell-output}", "```", text.rstrip("\n"), "```", ":::", ""]
    return "\n".join([*lines, ":::"])
