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
]


@pytest.mark.parametrize(("check", "question", "reason"), UNANSWERABLE)
def test_a_question_without_an_answer_says_why(check: str, question: dict[str, str], reason: str) -> None:
    with pytest.raises(UnanswerableError) as caught:
        ask(check, **question)
    assert reason in str(caught.value)
