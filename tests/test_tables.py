"""Tables as values: how they are written, and how two of them differ."""

import json
from typing import Any

import pytest

from thesis.tables import Difference, differences, matched, pipe_table, plain, written

HEADING = ["Month", "Word", "Value"]
ROWS = [[6, "attack", 1.5], [6, "threat", 2], [7, "attack", None]]


def record(rows: list[list[Any]], heading: list[str] = HEADING, kk: list[list[Any]] | None = None) -> str:
    columns = [{}, {}, {"decimals": 1}][: len(heading)]
    return json.dumps({"columns": columns, "kk": [heading, *(rows if kk is None else kk)], "en": [heading, *rows]})


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (ROWS, []),
        ([[6, "attack", 1.5], [6, "threat", 2.5], [7, "attack", None]], [("6 (2)", "Value", "2.0", "2.5")]),
        ([[6, "attack", 1.5], [6, "threat", 2], [7, "attack", 1234]], [("7", "Value", "—", "1,234.0")]),
        ([[5, "attack", 9], *ROWS], [("5", "", None, "5 · attack · 9.0")]),
        ([[6, "attack", 9], *ROWS], [("6", "", None, "6 · attack · 9.0")]),
        (ROWS[:2], [("7", "", "7 · attack · —", None)]),
        ([*ROWS[:2], [8, "attack", None]], [("7", "Month", "7", "8")]),
        ([*ROWS[:2], [8, "threat", None]], [("7", "", "7 · attack · —", "8 · threat · —")]),
        ([ROWS[2], ROWS[0], ROWS[1]], []),
    ],
    ids=["same", "repeated key", "gap", "new key", "new row of a key", "gone", "key", "another row", "order"],
)
def test_rows_are_matched_by_key_and_each_change_is_told_once(
    rows: list[list[Any]], found: list[tuple[str, str, str | None, str | None]]
) -> None:
    assert differences(record(ROWS), record(rows)) == [Difference(*each) for each in found]


def test_columns_are_matched_by_heading() -> None:
    fewer = [row[:2] for row in ROWS]
    assert differences(record(ROWS), record(fewer, HEADING[:2])) == [Difference("", "Value", "1.5 · 2.0 · —", None)]
    assert differences(record(fewer, HEADING[:2]), record(ROWS)) == [Difference("", "Value", None, "1.5 · 2.0 · —")]
    assert differences(record(ROWS), record(ROWS, [*HEADING[:2], "Amount"])) == [
        Difference("", "Value", "Value", "Amount")
    ]


def test_kazakh_is_told_where_english_is_the_same() -> None:
    kazakh = [[6, "шабуыл", 1.5], *ROWS[1:]]
    assert differences(record(ROWS), record(ROWS, kk=kazakh)) == [Difference("6", "Word", "attack", "шабуыл")]
    assert differences(record(ROWS), record([*ROWS[:2], [7, "attack", 3]], kk=kazakh)) == [
        Difference("7", "Value", "—", "3.0")
    ]


def test_a_record_without_formats_is_written_as_the_other() -> None:
    older = json.loads(record(ROWS))
    del older["columns"]
    assert differences(json.dumps(older), record(ROWS)) == []


@pytest.mark.parametrize("content", ["<<<", "[]", '{"kk": [["a"]]}', '{"kk": [], "en": []}', '{"kk": 1, "en": 1}'])
def test_what_is_no_table_is_refused(content: str) -> None:
    with pytest.raises(ValueError):
        differences(record(ROWS), content)


@pytest.mark.parametrize("cell", [{"day": "2024-03-08"}, {"date": "March"}, [1], {"date": 1}])
def test_a_cell_that_no_table_shows_is_refused(cell: Any) -> None:
    with pytest.raises(ValueError):
        differences(record(ROWS), record([[6, "attack", cell], *ROWS[1:]]))


def test_rows_of_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError):
        differences(record(ROWS), record([[6, "attack"], *ROWS[1:]]))


def test_each_kind_of_value_is_written_as_on_a_page() -> None:
    values = [None, True, 1234.5, 2, {"date": "2024-03-08"}, "7.0"]
    assert [written(value, "en", 1, True) for value in values] == [
        "—",
        "yes",
        "+1,234.5",
        "+2.0",
        "8 March 2024",
        "7.0",
    ]
    assert [written(value, "kk") for value in (False, -2)] == ["жоқ", "−2"]


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("1. [Words](/chapters/x.qmd) (named)", "1. Words (named)"),
        ("**bold** and `co_de`, *it*", "bold and co_de, it"),
        ("4 [@a_key; @b_key, p. 5]", "4 [@a_key; @b_key, p. 5]"),
        ("2 * 3, a_b_c \\*", "2 * 3, a_b_c *"),
        ("one<br>two\nthree", "one two three"),
        ("no mark", "no mark"),
    ],
)
def test_a_cell_is_recorded_by_its_words(markdown: str, words: str) -> None:
    assert plain(markdown) == words


def test_a_bar_or_a_line_break_stays_in_its_cell() -> None:
    assert pipe_table(["a|b", "n"], [["1\n2", "3"]], [False, True]) == ("| a\\|b | n |\n| :--- | ---: |\n| 1 2 | 3 |")


def test_counterparts_are_matched_by_the_surest_key_first() -> None:
    pairs = matched(["a1", "b1", "a2"], ["a2", "b2", "c1"], lambda it: it, lambda it: it[0])
    assert pairs == [("a2", "a2"), ("a1", None), ("b1", "b2"), (None, "c1")]
