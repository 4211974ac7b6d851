"""The queries of the ledger: what they answer, what is refused and where, and that nothing in a cell runs."""

import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from thesis.data import load
from thesis.ledger.claims import read_claims
from thesis.ledger.queries import QueryError, Rows, compute, read_query, read_sum, select

from .conftest import REPOSITORY

TABLE = pd.DataFrame(
    {
        "id": ["one", "two", "three", "four"],
        "word": ["knb.kz", None, "knb-kz", "қылмыс"],
        "value": [1, 20, None, 4],
        "open": [True, False, None, True],
        "day": ["2024-01-02", None, "2024-02-03", "2023-12-31"],
    }
).astype({"id": "string", "word": "string", "value": "Int64", "open": "boolean", "day": "datetime64[s]"})


def ids(query: str) -> list[str]:
    return select(TABLE, query)["id"].tolist()


def computed(text: str) -> list[Any]:
    return compute(select(TABLE, "value.notna()"), text).tolist()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["one", "two", "three", "four"]),
        ('id == "two"', ["two"]),
        ("id == 'two'", ["two"]),
        ('id != "two" and value < 4', ["one"]),
        ('id == "two" or value == 1', ["one", "two"]),
        ('id == "two" or id == "one" and value == 20', ["two"]),
        ('(id == "two" or id == "one") and value == 20', ["two"]),
        ('id > "one"', ["two", "three"]),
        ("value <= 4", ["one", "four"]),
        ("value > 2.5", ["two", "four"]),
        ("value != -1", ["one", "two", "four"]),
        ("open", ["one", "four"]),
        ("not open", ["two"]),
        ("open == False", ["two"]),
        ("open != True", ["two"]),
        ('id in ["one", "four"]', ["one", "four"]),
        ('id not in ["one", "four"]', ["two", "three"]),
        ("value in [1, 4]", ["one", "four"]),
        ("value.isna()", ["three"]),
        ("value.notna() and not value > 2", ["one"]),
        ('day >= "2024-01-02"', ["one", "three"]),
        ('day == "2023-12-31"', ["four"]),
        ('id.str.startswith("t")', ["two", "three"]),
        ('id.str.contains("wo|x|^th")', ["two", "three"]),
        ('id.str.contains("[q-z]e$")', []),
        ('id.str.contains("e$")', ["one", "three"]),
        ('word.str.contains("knb[.]kz")', ["one"]),
        ('word.str.contains("қыл")', ["four"]),
    ],
)
def test_a_query_names_rows(query: str, expected: list[str]) -> None:
    assert ids(query) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("value != 1", ["two", "four"]),
        ("not value == 1", ["two", "four"]),
        ("value not in [1]", ["two", "four"]),
        ("not value in [1]", ["two", "four"]),
        ('word != "knb.kz"', ["three", "four"]),
        ('word not in ["knb.kz"]', ["three", "four"]),
        ('not word.str.contains("kz")', ["four"]),
        ('day != "2024-01-02"', ["three", "four"]),
        ("not open", ["two"]),
        ('value > 0 or id == "three"', ["one", "two", "three", "four"]),
        ("not (value > 0 and open)", ["two"]),
        ('not (value > 0 and id == "one")', ["two", "three", "four"]),
    ],
)
def test_a_missing_value_fulfils_no_condition(query: str, expected: list[str]) -> None:
    assert ids(query) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("value", [1, 20, 4]),
        ("id", ["one", "two", "four"]),
        ("-value", [-1, -20, -4]),
        ("100 - value", [99, 80, 96]),
        ("value + 2 * value - 1", [2, 59, 11]),
        ("value / 2 / 2", [0.25, 5, 1]),
        ("value // 3", [0, 6, 1]),
        ("value * 999999999999999 * 999999999999999", [n * 999999999999999.0 * 999999999999999.0 for n in (1, 20, 4)]),
    ],
)
def test_a_sum_gives_a_value_a_row(text: str, expected: list[Any]) -> None:
    assert computed(text) == expected


def test_a_sum_is_missing_where_a_part_is() -> None:
    rows = select(TABLE, 'id in ["two", "three"]')
    assert compute(rows, "value + 1").isna().tolist() == [False, True]


def test_rows_keep_their_order_and_take_what_is_asked() -> None:
    rows = select(TABLE, "open").where((select(TABLE, "open")["value"] > 1).to_numpy(dtype=bool))
    assert (len(rows), "id" in rows, "ids" in rows, rows["id"].tolist()) == (1, True, False, ["four"])


REFUSED: list[tuple[str, str]] = [
    # what a breaker and an outsider would write
    ('@pd.io.common.os.system("touch marker") == 0 or id.notna()', "character 1: found “@”"),
    ('@calendar.sys.modules["os"].system("touch marker")', "character 1: found “@”"),
    ('@read("countries").to_csv("marker")', "character 1: found “@”"),
    ('id.to_csv("marker")', "character 4: found “to_csv”; expected isna(), notna(), str.startswith"),
    ('id.to_pickle("marker")', "character 4: found “to_pickle”"),
    ('__import__("os").system("touch marker") == 0', "character 1: found “_”"),
    ("open.__class__ == 1", "character 6: found “_”"),
    ("id.str.__class__", "character 8: found “_”"),
    ("id._values == 1", "character 4: found “_”"),
    ('open("marker", "w").write("x") == 1', "character 5: found “(”"),
    ('eval("1") == 1', "character 5: found “(”"),
    ("id.values.tofile(1)", "character 4: found “values”"),
    ('id.map("x".format) == "x"', "character 4: found “map”"),
    ('id.str.encode("utf-8").notna()', "character 8: found “encode”; expected startswith or contains"),
    ('id.str.format("x")', "character 8: found “format”"),
    ("id.isna().sum() == 1", "character 10: found “.”"),
    ("id.fillna(0) == 1", "character 4: found “fillna”"),
    ("day.dt.day == 1", "character 5: found “dt”"),
    ("id.str.contains(id)", "character 17: found “id”; expected a text in quotation marks"),
    ('id.str.contains("a", True)', "character 20: found “,”; expected “)”"),
    ("id.str.contains(f'x')", "character 17: found “f”"),
    ("index == 0", "character 1: found “index”, which is no column; expected a column of the table: id, word, value"),
    ("`id` == 1", "character 1: found “`”"),
    ("[x for x in id] == 1", "character 1: found “[”; expected a column’s name"),
    ("(lambda: 1)() == 1", "character 8: found “:”"),
    ("id if value else open", "character 4: found “if”; expected “and”, “or” or the end"),
    ("(id := 1) == 1", "character 5: found “:”"),
    ("id[0] == id", "character 3: found “[”"),
    ("value == value", "character 10: found “value”; expected a text in quotation marks, a number, True or False"),
    ("1 < value", "character 1: found “1”; expected a column’s name"),
    ("value > 1 > 0", "character 11: found “>”"),
    # arithmetic has no place in a query, powers in nothing
    ("9**9**9**9 > 1", "character 1: found “9”"),
    ("value ** 9 == 1", "character 7: found “*”"),
    ("value % 2 == 0", "character 7: found “%”"),
    ("value << 99", "character 8: found “<”"),
    # other words for the same
    ("id = 'one'", "character 4: found “=”; expected “==”"),
    ("open & open", "character 6: found “&”; expected “and”"),
    ("open | open", "character 6: found “|”; expected “or”"),
    ("~open", "character 1: found “~”; expected “not”"),
    ("!open", "character 1: found “!”; expected “!=” or “not”"),
    # unfinished
    ("value +", "character 7: found “+”"),
    ("value ==", "character 9: found the end"),
    ("value == 1 and", "character 15: found the end; expected a column’s name"),
    ("(value == 1", "character 12: found the end; expected “)”"),
    ("value in []", "character 11: found “]”"),
    ("value in [1, ", "character 14: found the end"),
    ('id == "one', 'character 7: found “"”; expected a text that ends with " too'),
    (" ", "character 2: found the end"),
    ("and", "character 1: found “and”; expected a column’s name"),
    ("not", "character 4: found the end"),
    # sizes
    ("(" * 900, "character 21: found “(”; expected at most 20 levels"),
    ("not " * 200 + "open", "expected at most 20 levels"),
    ("(" * 20_000 + ")" * 20_000, "found 40000 characters; expected at most 1000"),
    ("value == " + "9" * 900, "character 10: found 900 digits; expected a number of at most 15"),
    ("value == 1e400", "character 11: found “e400”"),
    ("value == inf", "character 10: found “inf”"),
    ("value == nan", "character 10: found “nan”"),
    # look-alikes and what is not seen
    ("vаlue == 1", "U+0430 CYRILLIC SMALL LETTER A"),
    ("value == １", "U+FF11 FULLWIDTH DIGIT ONE"),
    ("value == ٣", "U+0663 ARABIC-INDIC DIGIT THREE"),
    ("value == −5", "U+2212 MINUS SIGN"),
    ("id ＝＝ 'one'", "U+FF1D FULLWIDTH EQUALS SIGN"),
    ("id == “one”", "U+201C LEFT DOUBLE QUOTATION MARK"),
    ("id\u00a0== 'one'", "U+00A0 NO-BREAK SPACE"),
    ("id\n== 'one'", "U+000A"),
    ("i\u200dd == 'one'", "U+200D ZERO WIDTH JOINER"),
    ("id == 'o\u202ene'", "character 9: found U+202E RIGHT-TO-LEFT OVERRIDE"),
    ("id == 'o\\x6ee'", "character 9: found “\\”; expected no backslash"),
    ("id == 'o\x00ne'", "character 9: found U+0000"),
    # patterns that repeat
    ('id.str.contains("(.+)+(.+)+(.+)+!")', "character 18: found the pattern “(.+)+(.+)+(.+)+!”"),
    ('id.str.contains("(a|a)*$")', "found the pattern “(a”"),
    ('id.str.contains("a{9}{9}")', "found the pattern “a{9}{9}”"),
    ('id.str.contains("knb.kz")', "a full stop is written [.]"),
    ('id.str.contains("x|[9-0]")', "found the pattern “x|[9-0]”; expected a sound one (bad character range 9-0"),
    ('id.str.contains("x||y")', "found the pattern “”"),
    ('id.str.contains("")', "character 18: found the pattern “”"),
    # of another kind than the column
    ("nothing == 1", "character 1: found “nothing”, which is no column"),
    ("value", "character 1: found “value” alone, which holds numbers; expected a comparison"),
    ('"one"', 'character 1: found “"one"”; expected a column’s name'),
    ('value == "1"', "character 10: found “1”; expected a number, as “value” holds"),
    ("id == 1", "character 7: found 1; expected a text in quotation marks, as “id” holds"),
    ("open == 1", "character 9: found 1; expected True or False"),
    ("open > False", "found “>” with true or false; expected “==” or “!=”"),
    ("value == True", "found True; expected a number"),
    ('id in ["one", 2]', "character 15: found 2; expected a text"),
    ('value.str.contains("1")', "character 1: found “value”, which holds numbers; expected a column of texts"),
    ('day >= "2024"', 'character 8: found “2024”; expected a day as "2011-05-17", as “day” holds'),
    ('day >= "2024-02-30"', "character 8: found “2024-02-30”"),
    ("day >= 2024", "character 8: found 2024"),
]


@pytest.mark.parametrize(("query", "message"), REFUSED)
def test_what_the_grammar_has_not_is_refused_where_it_stands(
    query: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begun = time.process_time()
    with pytest.raises(QueryError) as caught:
        select(TABLE, query)
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9**9**9**9", "character 3: found “*”; expected a column’s name or a number"),
        ("value ** 2", "character 8: found “*”"),
        ("value.fillna(0)", "character 6: found “.”; expected + - * / // or the end"),
        ("(value)", "character 1: found “(”"),
        ("value == 1", "character 7: found “==”"),
        ("value + id", "character 9: found “id”, which holds texts; expected a column of numbers"),
        ("value / 0", "character 7: found a division by zero"),
        ("100 // 0", "character 5: found a division by zero"),
        ("1 + 1", "found “1 + 1”; expected a column’s name among the numbers"),
        ("value + " * 6 + "value", "expected at most 6 columns and numbers"),
        ("value * 9999999999999999", "found 16 digits"),
        ("@value", "found “@”"),
        ("__class__", "found “_”"),
        ("valeu", "found “valeu”, which is no column"),
    ],
)
def test_what_is_no_sum_is_refused_where_it_stands(text: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        compute(select(TABLE, "value.notna()"), text)
    assert message in str(caught.value)


def test_the_longest_query_and_pattern_are_answered_at_once() -> None:
    table = pd.DataFrame({"word": pd.array(["a" * 5000] * 500, dtype="string")})
    begun = time.process_time()
    select(table, 'word.str.contains("' + "|".join(["[ab]" * 100 + "c"] * 2) + '")')
    assert time.process_time() - begun < 5


def test_the_queries_of_the_ledger_choose_what_pandas_chooses() -> None:
    """What our grammar has let through is harmless to ask pandas too, and has no missing values turned round."""
    asked = set()
    for claim in read_claims(REPOSITORY):
        asked |= {(claim.table, claim.rows), (claim.among_table or claim.table, claim.among)}
    for table, text in sorted(asked):
        if text:
            read_query(text)
            rows = load(table)
            expected = rows.query(text, engine="python").index.tolist()
            assert select(rows, text).places.tolist() == expected, f"{table}: {text}"


def test_a_column_of_the_ledger_is_a_name_nearly_always() -> None:
    sums = {claim.column for claim in read_claims(REPOSITORY) if claim.column and not claim.column.isidentifier()}
    assert len(sums) <= 12
    for text in sums:
        read_sum(text)


def test_rows_of_another_table_are_not_altered() -> None:
    before = TABLE.copy()
    select(TABLE, "not open or value > 1")
    compute(Rows(TABLE, select(TABLE, "open").places), "value + 1")
    pd.testing.assert_frame_equal(TABLE, before)
