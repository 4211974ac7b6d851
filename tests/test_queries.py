"""The queries of the ledger: what they answer, and that nothing in a cell runs."""

from pathlib import Path

import pandas as pd
import pytest

from thesis.ledger.queries import QueryError, computed, matching

ROWS = pd.DataFrame(
    {
        "id": ["one", "two", "three", "four"],
        "value": [1, 20, None, 4],
        "open": [True, False, None, True],
        "day": ["2024-01-02", None, "2024-02-03", "2023-12-31"],
    }
).astype({"id": "string", "value": "Int64", "open": "boolean", "day": "datetime64[s]"})


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ('id == "two"', ["two"]),
        ('id != "two" and value < 4', ["one"]),
        ('id == "two" or value == 1', ["one", "two"]),
        ("not value > 2", ["one"]),
        ("open", ["one", "four"]),
        ("open == False", ["two"]),
        ("~open", ["two"]),
        ("1 < value <= 20", ["two", "four"]),
        ('id in ["one", "four"]', ["one", "four"]),
        ('id.isin(["one", "four"])', ["one", "four"]),
        ("value.isna()", ["three"]),
        ("value.notna() and value + 1 >= 5", ["two", "four"]),
        ("value.fillna(0) == 0", ["three"]),
        ('value == value[id.isin(["one", "four"])].max()', ["four"]),
        ('day >= "2024-01-01"', ["one", "three"]),
        ("day.dt.month == 12", ["four"]),
        ('id.str.startswith("t")', ["two", "three"]),
        ('id.str.contains("o|x")', ["one", "two", "four"]),
        ('id.str.match("[a-f]")', ["four"]),
        ("id.duplicated(keep=False)", []),
        ("value == -1", []),
    ],
)
def test_a_query_chooses_the_rows_for_which_it_holds(query: str, ids: list[str]) -> None:
    assert matching(ROWS, query)["id"].tolist() == ids


def test_an_expression_gives_a_value_for_each_row() -> None:
    assert computed(ROWS, "2 * value.fillna(0) - 1").tolist() == [1, 39, -1, 7]
    assert computed(ROWS, "value // 3").dropna().tolist() == [0, 6, 1]
    assert computed(ROWS, "day.dt.day").dropna().tolist() == [2, 3, 31]
    assert computed(ROWS, 'id.str.slice(0, 1) == "t"').tolist() == [False, True, True, False]


@pytest.mark.parametrize(
    "query",
    [
        '@pd.io.common.os.system("touch marker") == 0 or id.notna()',
        'id.to_csv("marker")',
        'id.to_pickle("marker")',
        '__import__("os").system("touch marker") == 0',
        'open("marker", "w").write("x") == 1',
        "id.__class__ == 1",
        "id.values.tofile(1)",
        'id.map("x".format) == "x"',
        "value.astype('object') == 1",
        "[x for x in id] == 1",
        "(lambda: 1)() == 1",
        'f"{id}" == "x"',
        "9**9**9**9 > 1",
        "value % 2 == 0",
        'id.str.contains("(o+)+x")',
        "id.str.contains(id)",
        'id.str.encode("utf-8").notna()',
        "id if value else open",
        "(id := 1) == 1",
        "b'one' == id",
        "id[0] == id.str[0]",
        "id = 'one'",
        "value +",
        "(" * 20_000 + ")" * 20_000,
        "value == " + "1" * 2_000,
        "nothing == 1",
        "value",
        '"one"',
    ],
)
def test_what_the_grammar_does_not_have_is_refused_and_does_nothing(
    query: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(QueryError):
        matching(ROWS, query)
    assert list(tmp_path.iterdir()) == []


def test_what_is_refused_is_named_with_what_is_allowed() -> None:
    with pytest.raises(QueryError, match=r"“id\.to_csv\('x'\)” is not allowed; allowed are names of columns, "):
        matching(ROWS, "id.to_csv('x')")
    with pytest.raises(QueryError, match="there is no column “nothing”"):
        matching(ROWS, "nothing == 1")
