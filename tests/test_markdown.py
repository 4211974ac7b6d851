"""A recorded notebook as the Markdown that a renderer publishes."""

from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from thesis.site.markdown import to_markdown

MARKDOWN = new_output("display_data", {"text/markdown": "**shown**\n", "text/plain": "not this"})
RESULT = new_output("execute_result", {"text/plain": "42"})
PRINTED = new_output("stream", name="stdout", text="one\ntwo\n")
WARNING = new_output("stream", name="stderr", text="a library warns\n")


def cell(source: str, *outputs: Any, name: str = "sum") -> str:
    code = new_code_cell(source, outputs=list(outputs))
    code["id"] = name
    return to_markdown(new_notebook(cells=[code]), "en")


def test_prose_stays_as_it_is_between_one_empty_line() -> None:
    cells = [new_raw_cell("---\ntitle-kk: Бір\n---"), new_markdown_cell("## A\n\nText."), new_markdown_cell("B")]
    assert to_markdown(new_notebook(cells=cells), "en") == "---\ntitle-kk: Бір\n---\n\n## A\n\nText.\n\nB\n"


def test_code_stands_above_its_output_and_its_options_are_left_out() -> None:
    assert cell("#| label: sum\n#| column: page\n\nx = 1\n\nx\n", RESULT) == (
        "::: {#cell-sum .cell}\n"
        "``` {.python .cell-code}\nx = 1\n\nx\n```\n\n"
        "::: {#sum .cell-output .cell-output-display}\n```\n42\n```\n\n:::\n\n"
        ":::\n"
    )


def test_markdown_is_shown_rather_than_text() -> None:
    assert cell("#| label: sum\nshow()", MARKDOWN).endswith(
        "\n::: {#sum .cell-output .cell-output-display .cell-output-markdown}\n**shown**\n:::\n\n:::\n"
    )


def test_a_cell_with_nothing_to_show_leaves_nothing() -> None:
    assert cell("#| include: false\nx", MARKDOWN) == "\n"
    assert cell("#| label: quiet\n#| echo: false\nx = 1", WARNING) == "\n"


def test_a_cell_that_is_not_echoed_leaves_its_output_only() -> None:
    assert cell("#| echo: false\nx", RESULT) == (
        "::: {.cell}\n::: {.cell-output .cell-output-display}\n```\n42\n```\n\n:::\n\n:::\n"
    )


def test_what_is_printed_is_shown_and_what_a_library_warns_of_is_not() -> None:
    assert cell("x", PRINTED, WARNING) == (
        "::: {.cell}\n``` {.python .cell-code}\nx\n```\n\n"
        "::: {.cell-output .cell-output-stdout}\n```\none\ntwo\n```\n\n:::\n\n:::\n"
    )


@pytest.mark.parametrize(
    ("outputs", "of_the_cell", "of_outputs"),
    [
        ([], "#sum ", []),
        ([PRINTED], "#sum ", []),
        ([RESULT], "#cell-sum ", ["#sum"]),
        ([PRINTED, MARKDOWN], "#cell-sum ", ["#sum"]),
        ([RESULT, RESULT, PRINTED], "#sum ", ["#sum-1", "#sum-2"]),
    ],
    ids=["nothing", "print", "one", "print and one", "two alike and print"],
)
def test_the_label_names_the_one_thing_shown_else_the_cell(
    outputs: list[Any], of_the_cell: str, of_outputs: list[str]
) -> None:
    lines = cell("#| label: sum\nx", *outputs).splitlines()
    assert lines[0] == f"::: {{{of_the_cell}.cell}}"
    displays = [line for line in lines if "cell-output-display" in line]
    assert [line.split()[1].lstrip("{") for line in displays] == of_outputs


def test_code_and_output_may_hold_fences_of_their_own() -> None:
    fenced = cell('x = """\n```\n"""', new_output("stream", text="````\n"))
    assert '```` {.python .cell-code}\nx = """\n```\n"""\n````\n' in fenced
    assert "`````\n````\n`````\n" in fenced
