"""Each check of the ledger on a table small enough to compute by hand."""

from typing import Any

import pandas as pd
import pytest

from thesis.ledger.checks import CHECKS, Question, UnanswerableError
from thesis.words import METHODS

TABLES = {
    "events": pd.DataFrame(
        {
            "kind": pd.array(["verbal", "physical", "physical", "verbal"], dtype="string"),
            "killed": pd.array([None, 4, 7, None], dtype="Int64"),
            "wounded": pd.array([0, 2, 1, 0], dtype="Int64"),
            "date": pd.to_datetime(["1999-07-13", "2000-09-28", "2011-05-17", "NaT"]),
            "year": pd.array([1999, 2000, 2011, 2013], dtype="Int64"),
            "month": pd.array([7, 9, 5, 2], dtype="Int64"),
            "place": pd.array(["Astana", "Almaty", "Aktobe", "Astana"], dtype="string"),
            "locus": pd.array(["table-a1"] * 4, dtype="string"),
        }
    ),
    "attacks": pd.DataFrame(
        {
            "place": pd.array(["Taraz", "Aktobe", "Almaty"], dtype="string"),
            "security_forces_killed": pd.array([5, 3, None], dtype="Int64"),
            "civilians_killed": pd.array([2, 5, None], dtype="Int64"),
            "perpetrators_killed": pd.array([None, 18, 1], dtype="Int64"),
            "unspecified_killed": pd.array([None, None, None], dtype="Int64"),
            "date": pd.to_datetime(["2011-11-12", "2016-06-05", "NaT"]),
            "date_end": pd.to_datetime(["2011-11-12", "2016-06-12", "2016-07-18"]),
        }
    ),
    "themes": pd.DataFrame(
        {
            "party": pd.array(["USA", "USA", "UK", "UK"], dtype="string"),
            "theme": pd.array(["law", "drones", "law", "schools"], dtype="string"),
            "section": pd.array(["1.1", "1.2", "2.1", None], dtype="string"),
        }
    ),
    "mentions": pd.DataFrame(
        {
            "value": pd.array([600, 500, 400], dtype="Float64"),
            "month": pd.array([3, 9, 1], dtype="Int64"),
            "month_end": pd.array([4, None, None], dtype="Int64"),
        }
    ),
    "periods": pd.DataFrame({"period": pd.array(["2024-02/2025-02", "2024-13/2025-02"], dtype="string")}),
    "years": pd.DataFrame(
        {
            "claim": pd.array(["last", "first", "both", "both", "before"], dtype="string"),
            "year": pd.array([1900, 1901, 1790, 1801, -336], dtype="Int64"),
            "date": pd.to_datetime(["2001-09-11", "2001-09-12", "2002-09-11", "2003-09-13", "NaT"]),
        }
    ),
    "monthless": pd.DataFrame({"year": [2013], "month": [13]}),
    "places": pd.DataFrame({"place": pd.array(["Astana", "Almaty"], dtype="string")}),
    "sources": pd.DataFrame({"claim": pd.array(["known", None], dtype="string"), "value": [12.0, 3.0]}),
}


def ask(check: str, rows: str = "", column: str = "", among: str = "", **more: str) -> Any:
    question = Question(
        claim=more.get("claim", "a-claim"),
        table=more.get("table", "events"),
        rows=rows,
        column=column,
        among_table=more.get("among_table", ""),
        among=among,
        read=TABLES.__getitem__,
    )
    return CHECKS[check](question).value


PHYSICAL, VERBAL = 'kind == "physical"', 'kind == "verbal"'

ANSWERS: list[tuple[str, dict[str, str], Any]] = [
    ("count", {"rows": VERBAL}, 2),
    ("count", {"rows": 'kind == "neither"'}, 0),
    ("distinct", {"column": "place"}, 3),
    ("total", {"column": "killed"}, 11),
    ("total", {"column": "killed + wounded", "rows": PHYSICAL}, 14),
    ("value", {"column": "killed", "rows": "year == 2011"}, 7),
    ("value_in_any", {"column": "killed", "rows": PHYSICAL}, 4),
    ("largest", {"column": "killed"}, 7),
    ("largest", {"column": "date"}, pd.Timestamp("2011-05-17")),
    ("smallest", {"column": "year"}, 1999),
    ("rank_from_largest", {"column": "killed", "rows": "year == 2000", "among": PHYSICAL}, 2),
    ("rank_from_smallest", {"column": "year", "rows": "year == 2000"}, 2),
    ("share", {"rows": VERBAL}, 50),
    ("share_of_total", {"column": "killed", "rows": "year == 2011", "among": PHYSICAL}, 100 * 7 / 11),
    ("difference", {"column": "killed", "rows": "year == 2011", "among": "year == 2000"}, 3),
    ("difference", {"column": "date", "rows": "year == 2000", "among": "year == 1999"}, 443),
    ("difference_in_count", {"rows": VERBAL, "among": "year == 2000"}, 1),
    ("ratio", {"column": "killed", "rows": "year == 2000", "among": "year == 2011"}, 4 / 7),
    ("count_not_among", {"column": "place", "among_table": "places"}, 1),
    ("falls", {"column": "wounded"}, 2),
    ("rises", {"column": "wounded"}, 1),
    ("days_in_month", {"rows": "year == 2013"}, 28),
    ("sourced_value", {"table": "sources", "column": "value", "claim": "known"}, 12),
    ("sourced_value", {"table": "sources", "column": "value", "claim": "unknown"}, None),
    ("distinct_beginnings", {"table": "themes", "column": "section"}, 2),
    ("distinct_with_own_theme", {"table": "themes", "column": "party"}, 2),
    ("distinct_with_own_theme", {"table": "themes", "column": "party", "rows": "section.notna()"}, 1),
    ("count_above", {"column": "killed", "among": "year == 2000"}, 1),
    ("count_above", {"column": "killed", "among": PHYSICAL}, 0),
    ("century", {"table": "years", "column": "year", "rows": 'claim == "last"'}, 19),
    ("century", {"table": "years", "column": "year", "rows": 'claim == "first"'}, 20),
    ("sourced_century", {"table": "years", "column": "year", "claim": "both"}, 18),
    ("sourced_century", {"table": "years", "column": "year", "claim": "unknown"}, None),
    ("sourced_day", {"table": "years", "column": "date", "claim": "last"}, 11),
    ("sourced_day", {"table": "years", "column": "date", "claim": "unknown"}, None),
    ("months_of_period", {"table": "periods", "column": "period", "rows": 'period.str.contains("-02/")'}, 12),
    ("duration", {"table": "attacks", "rows": 'place == "Aktobe"'}, 7),
    ("duration", {"table": "attacks", "rows": 'place == "Taraz"'}, 0),
    ("rank_by_killed", {"table": "attacks", "rows": 'place == "Taraz"'}, 2),
    ("rank_by_killed", {"table": "attacks", "rows": 'place == "Almaty"'}, 3),
    ("difference_in_killed", {"table": "attacks", "rows": 'place == "Aktobe"', "among": 'place != "Aktobe"'}, 18),
    ("officers_killed_beyond_civilians", {"table": "attacks"}, 1),
    ("officers_killed_beyond_civilians", {"table": "attacks", "rows": 'place == "Aktobe"'}, -2),
    ("most_in_twelve_months", {"table": "mentions", "column": "value", "among": "month == 9"}, 6700),
    ("most_in_twelve_months", {"table": "mentions", "column": "value", "among": "month == 1"}, 5900),
]


@pytest.mark.parametrize(("check", "question", "answer"), ANSWERS)
def test_a_check_computes(check: str, question: dict[str, str], answer: Any) -> None:
    assert ask(check, **question) == answer


def test_every_check_is_tried_and_described() -> None:
    assert {check for check, _, _ in ANSWERS} == set(CHECKS) == set(METHODS)
    for check in CHECKS.values():
        assert check.__doc__


UNANSWERABLE: list[tuple[str, dict[str, str], str]] = [
    ("count", {"rows": "kidn == 'verbal'"}, "cannot be asked of the table “events”"),
    ("total", {"column": "kiled"}, "“kiled” is no column"),
    ("total", {"column": "killed", "rows": "year == 1950"}, "no row answers the question"),
    ("total", {"column": "killed", "rows": VERBAL}, "“killed” is empty in every row"),
    ("value", {"column": "killed", "rows": PHYSICAL}, "the rows hold 2 values (4, 7); name one row"),
    ("share", {"among": "year == 1950"}, "no row to take a share of"),
    ("share_of_total", {"column": "wounded", "among": VERBAL}, "the total to take a share of is zero"),
    ("ratio", {"column": "wounded", "among": VERBAL}, "the total to divide by is zero"),
    ("days_in_month", {}, "4 rows, where the year and month of one are wanted"),
    ("days_in_month", {"rows": "year == 2013", "table": "monthless"}, "there is no month 13"),
    ("sourced_value", {}, "the table “events” has no column “claim” to look in"),
    ("sourced_century", {"table": "years", "column": "year", "claim": "before"}, "-336 is no year of our era"),
    ("century", {"table": "years", "column": "year", "rows": "year == -336"}, "-336 is no year of our era"),
    ("sourced_day", {"table": "years", "column": "date", "claim": "before"}, "“date” is empty in every row"),
    (
        "months_of_period",
        {"table": "periods", "column": "period", "rows": 'period.str.contains("13")'},
        "“2024-13/2025-02” is no period of two months",
    ),
    ("duration", {"table": "attacks"}, "the rows have 2 spans from date to date_end"),
    ("duration", {"table": "attacks", "rows": 'place == "Almaty"'}, "the rows have 0 spans"),
    ("duration", {}, "“date_end”, which is no column"),
    ("rank_by_killed", {}, "“security_forces_killed”, which is no column"),
    ("difference_in_killed", {"table": "attacks", "among": 'place == "Oral"'}, "no row answers the question"),
    ("distinct_with_own_theme", {"column": "place"}, "“theme”, which is no column"),
    (
        "most_in_twelve_months",
        {"table": "mentions", "column": "value", "rows": "month == 9 or month_end.notna()", "among": "month == 2"},
        "no row answers the question",
    ),
    ("most_in_twelve_months", {"table": "years", "column": "year"}, "“month”, which is no column"),
]


@pytest.mark.parametrize(("check", "question", "reason"), UNANSWERABLE)
def test_a_question_without_an_answer_says_why(check: str, question: dict[str, str], reason: str) -> None:
    with pytest.raises(UnanswerableError) as caught:
        ask(check, **question)
    assert reason in str(caught.value)
