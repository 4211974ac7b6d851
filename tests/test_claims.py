"""The ledger: how a verdict follows, what is wrong with a claim, and that every claim can fail."""

import csv
import inspect
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.api.types import is_bool_dtype, is_datetime64_any_dtype, is_numeric_dtype

from thesis.check import check_data
from thesis.data import load
from thesis.ledger import checks
from thesis.ledger.checks import CHECKS, Tables, UnanswerableError
from thesis.ledger.claims import (
    AGAINST,
    VERDICTS,
    WEIGHTS,
    Claim,
    as_record,
    check_claims,
    judge,
    ledger,
    read_claims,
    stated,
)
from thesis.ledger.queries import select

from .conftest import REPOSITORY, add_table

EXAMPLE = Claim(
    **{
        **{field.name: "" for field in fields(Claim)},
        "id": "third",
        "chapter": "measured",
        "locus": "2.1-p086",
        "statement_kk": "Индексте үшінші орында тұр.",
        "statement_en": "It is third in the index.",
        "value": "3",
        "value_printed": "3",
        "relation": "equals",
        "check": "rank_from_largest",
        "table": "scores",
        "rows": 'country == "MLI"',
        "column": "score",
        "weight": "material",
    }
)
SCORES = pd.DataFrame(
    {
        "country": ["BFA", "ISR", "MLI"],
        "score": [8.571, 8.143, 7.998],
        "date": pd.to_datetime(["2001-02-03", "2002-03-04", "2003-04-05"]),
        "locus": ["table-6"] * 3,
        "rank": [1, 2, 3],
    }
)
SOURCES = pd.DataFrame({"claim": ["sourced"], "value": [12.0], "source": ["a_source"]})


def verdict(claim: Claim) -> str:
    return judge(claim, {"scores": SCORES, "sources": SOURCES}.__getitem__).verdict


RELATIONS = [
    ("equals", "3", "reproduced"),
    ("equals", "4", "differs"),
    ("more-than", "2", "reproduced"),
    ("more-than", "3", "differs"),
    ("at-least", "3", "reproduced"),
    ("at-least", "4", "differs"),
    ("less-than", "4", "reproduced"),
    ("less-than", "3", "differs"),
    ("at-most", "3", "reproduced"),
    ("at-most", "2", "differs"),
]


@pytest.mark.parametrize(("relation", "value", "expected"), RELATIONS)
def test_a_verdict_follows_from_the_two_values(relation: str, value: str, expected: str) -> None:
    assert verdict(replace(EXAMPLE, relation=relation, value=value)) == expected


@pytest.mark.parametrize(("tolerance", "expected"), [("0.5", "reproduced"), ("0.4", "differs")])
def test_a_tolerance_is_the_farthest_a_value_may_lie(tolerance: str, expected: str) -> None:
    assert verdict(replace(EXAMPLE, relation="about", value="3.5", tolerance=tolerance)) == expected


@pytest.mark.parametrize(
    ("printed", "expected"),
    [("2003-04-05", "reproduced"), ("2003-04", "reproduced"), ("2003", "reproduced"), ("2003-05", "differs")],
)
def test_a_date_is_compared_as_far_as_it_is_printed(printed: str, expected: str) -> None:
    assert verdict(replace(EXAMPLE, check="value", column="date", value=printed)) == expected


def test_a_decimal_is_not_lost_to_binary() -> None:
    tables = {"scores": SCORES.assign(score=[0.1, 0.2, 0.0])}
    claim = replace(EXAMPLE, check="total", rows="", value="0.3", value_printed="0,3")
    assert judge(claim, tables.__getitem__).verdict == "reproduced"


def test_a_claim_without_data_is_not_computable() -> None:
    claim = replace(EXAMPLE, check="sourced_value", table="sources", rows="", column="value")
    assert verdict(claim) == "not-computable"
    assert verdict(replace(claim, id="sourced", value="12")) == "reproduced"
    assert verdict(replace(claim, id="sourced", value="13")) == "differs"


def test_what_it_was_held_against_is_read_off_the_evidence() -> None:
    tables = {"scores": SCORES, "sources": SOURCES, "text": SCORES.assign(locus="2.1-p090")}
    one = {"check": "value", "value": "7.998", "value_printed": "7,998"}
    assert judge(replace(EXAMPLE, **one), tables.__getitem__).against == "own-data"
    assert judge(replace(EXAMPLE, **one, table="text"), tables.__getitem__).against == "own-text"
    sourced = replace(EXAMPLE, id="sourced", check="sourced_value", table="sources", rows="", column="value")
    assert judge(sourced, tables.__getitem__).against == "primary-source"
    assert judge(sourced, tables.__getitem__).evidence == ("a_source",)


def test_a_misprint_is_one_only_where_it_differs() -> None:
    claim = replace(EXAMPLE, meant_at="table-6")
    assert judge(replace(claim, value="4"), lambda _: SCORES).weight == "misprint"
    assert judge(claim, lambda _: SCORES).weight == "material"


def test_a_claim_is_not_compared_with_its_own_transcription() -> None:
    circular = replace(EXAMPLE, locus="table-6", check="value", value="7.998")
    with pytest.raises(UnanswerableError, match="reads the claim back from its own place, table-6"):
        verdict(circular)
    assert verdict(replace(circular, column="score + 0")) == "reproduced"  # a computation is not a transcription


def test_a_note_takes_the_computed_values() -> None:
    note = "{printed} is printed and {recomputed} found, {difference} apart"
    judgement = judge(replace(EXAMPLE, value="5", note_kk=note, note_en=note), lambda _: SCORES)
    assert judgement.note["en"] == "3 is printed and 3 found, 2 apart"


def test_a_found_word_is_written_in_the_page_s_language() -> None:
    table = SCORES.assign(place_kk="Рим", place_en="Rome")
    judgement = judge(replace(EXAMPLE, check="value", column="place_kk", value="Рим"), lambda _: table)
    assert judgement.found == {"kk": "Рим", "en": "Rome"}


def test_a_year_has_no_thousands_and_a_share_is_cut_to_what_is_printed() -> None:
    table = SCORES.assign(year=2005)
    year = judge(replace(EXAMPLE, check="value", column="year", value="2005"), lambda _: table)
    assert year.found == {"kk": "2005", "en": "2005"}
    third = judge(replace(EXAMPLE, check="share", among=""), lambda _: table)
    assert third.found == {"kk": "33,3", "en": "33.3"}
    assert third.shown == {"kk": "33,3%", "en": "33.3%"}


def test_a_value_stands_with_its_unit_where_it_stands_alone() -> None:
    table = SCORES.assign(month=3)
    month = judge(replace(EXAMPLE, check="value", column="month", value="3"), lambda _: table)
    assert month.found == {"kk": "3", "en": "3"}
    assert month.shown == {"kk": "наурыз", "en": "March"}
    assert judge(EXAMPLE, lambda _: SCORES).shown == {"kk": "3-орын", "en": "place 3"}


def test_one_day_is_not_days() -> None:
    days = {judgement.shown["en"] for judgement in ledger() if judgement.shown and " day" in judgement.shown["en"]}
    assert "1 day" in days and "7 days" in days


def test_a_stated_year_has_no_thousands_and_a_stated_count_has_them() -> None:
    assert stated(replace(EXAMPLE, value="2025", column="year"), "en") == "2025"
    assert stated(replace(EXAMPLE, value="2025", column="value"), "en") == "2,025"
    assert stated(replace(EXAMPLE, value="2024-03-18", column="date"), "en") == "2024-03-18"


# ---- the repository's own ledger ----


def test_the_ledger_is_as_its_rules_say() -> None:
    assert [str(problem) for problem in check_claims(REPOSITORY)] == []
    for judgement in ledger():
        assert judgement.verdict in VERDICTS
        assert judgement.weight in WEIGHTS
        assert judgement.against in (*AGAINST, None)
        if judgement.verdict != "reproduced":
            assert judgement.claim.note_kk, f"{judgement.claim.id} says nothing to its reader"
            assert judgement.claim.note_en, f"{judgement.claim.id} says nothing to its reader"


def test_the_record_has_the_form_that_the_design_gives() -> None:
    keys = {
        "id",
        "chapter",
        "locus",
        "statement",
        "printed",
        "recomputed",
        "verdict",
        "weight",
        "against",
        "note",
        "href",
    }
    for judgement in ledger():
        record = as_record(judgement)
        assert keys <= set(record)
        assert json.loads(json.dumps(record)) == record


def alterations(claim: Claim, table: Any, query: str) -> Iterator[Any]:
    """The table as it might be were the verdict another, the likeliest first."""
    stated = claim.stated if isinstance(claim.stated, float) else None
    if claim.check == "sourced_value":
        query = f'claim == "{claim.id}"'
    chosen = table.iloc[select(table, query).places]
    if claim.check == "sourced_value" and chosen.empty:
        found = stated if is_numeric_dtype(table[claim.column]) else pd.Timestamp(claim.value)
        added = pd.DataFrame([{"claim": claim.id, claim.column: found}])
        yield pd.concat([table, added.astype({claim.column: table[claim.column].dtype})], ignore_index=True)
    elif claim.column:
        if (claim.among_table or claim.table) == claim.table:
            yield from aimed_values(claim, table, chosen)
        yield from other_values(claim, table, chosen.index)
        yield from other_rows(stated, table, chosen)
    else:
        yield from other_rows(stated, table, chosen)
        yield from other_values(claim, table, chosen.index)


def aimed_values(claim: Claim, table: Any, chosen: Any) -> Iterator[Any]:
    """Where a share or a ratio was asked: the rows' total made so that the stated one comes out."""
    if claim.column not in table and isinstance(claim.stated, float):
        parts = [
            name for name in re.findall(r"[a-z_]+", claim.column) if name in table and is_numeric_dtype(table[name])
        ]
        nothing = table.assign(**{name: table[name].astype("Float64").fillna(0.0) * 0 for name in parts})
        for where in (chosen.index[:1], table.index[:0]):
            altered = nothing.copy()
            altered.loc[where, parts[:1]] = claim.stated
            yield altered
        return
    if claim.check not in {"share_of_total", "ratio"} or not isinstance(claim.stated, float):
        return
    part = claim.stated if claim.check == "ratio" else claim.stated / 100
    others = table.iloc[select(table, claim.among).places]
    beside = others.drop(chosen.index, errors="ignore")[claim.column].sum()
    within = not chosen.index.intersection(others.index).empty
    wanted = part * beside / (1 - part) if within and part < 1 else part * beside
    altered = table.assign(**{claim.column: table[claim.column].astype("Float64")})
    altered.loc[chosen.index, claim.column] = 0.0
    altered.loc[chosen.index[:1], claim.column] = wanted
    yield altered


def other_rows(stated: float | None, table: Any, chosen: Any) -> Iterator[Any]:
    """As many of the chosen rows as were stated, or too many, or too few; and all in reverse."""
    rest = table.drop(chosen.index)
    whole = int(stated or 0)
    for size in dict.fromkeys((0, whole, whole + 1, whole - 1, len(chosen) + 1, len(chosen) - 1, 1, 2)):
        for pattern in (chosen, table):
            if 0 <= size < 2000 and len(pattern):
                yield pd.concat(
                    [pattern.iloc[[place % len(pattern) for place in range(size)]], rest], ignore_index=True
                )
    yield table.iloc[::-1].reset_index(drop=True)


def other_values(claim: Claim, table: Any, chosen: Any) -> Iterator[Any]:
    """Other values in the columns that the claim names: in the chosen rows, in one, in all."""
    stated = claim.stated if isinstance(claim.stated, float) else None
    near = table.index[select(table, claim.rows.split(" and ")[0]).places] if claim.rows and chosen.empty else chosen
    rows = chosen if len(chosen) else near[:1] if len(near) else table.index[:1]
    fixed = "year month date date_end security_forces_killed"  # what checks read that are given no column
    named = dict.fromkeys(re.findall(r"\w+", f"{claim.column} {claim.rows} {claim.among} {fixed}"))
    for name in named:
        if name not in table:
            continue
        column = table[name]
        values: list[Any]
        if is_datetime64_any_dtype(column):
            values = [pd.Timestamp("1900-01-01"), pd.Timestamp("2100-01-01")]
            values += [pd.Timestamp(claim.value)] if stated is None else []
        elif is_bool_dtype(column):
            values = [True, False]
        elif is_numeric_dtype(column):
            whole = column.dtype == "Int64"
            values = [100000, -100000, 0, 1, 2, *(range(3, 13) if name == "month" else ())]
            values += [int(number) + int(stated or 0) for number in re.findall(r"\b\d{4}\b", claim.column)]
            values += [int(stated), int(stated) + 1] if stated is not None and whole else []
            values += [stated] if stated is not None and not whole else []
            if stated is not None:
                yield table.assign(**{name: column.astype("Float64").where(~table.index.isin(rows), stated)})
        else:
            asked = re.findall(rf"\b{name} == [\"'](.*?)[\"']", f"{claim.rows} {claim.among}")
            asked += re.findall(rf"\b{name}\.str\.contains\([\"'](.*?)[|\"']", f"{claim.rows} {claim.among}")
            values = ["another", claim.value, *asked, *column.dropna().unique()[:20]]
        for value in values:
            for where in (rows, table.index, rows[:1], table.index[-1:], table.index[: int(stated or 0)]):
                altered = table.copy()
                altered.loc[where, name] = value
                yield altered
            if is_numeric_dtype(column) and not is_bool_dtype(column):
                alone = table.copy()  # the whole of a sum in one row
                alone.loc[rows, name] = 0
                alone.loc[rows[:1], name] = value
                yield alone
        if not is_numeric_dtype(column) and not is_datetime64_any_dtype(column):
            yield table.assign(**{name: [f"value {place}" for place in range(len(table))]})
            later = column.astype("string").str.replace(
                r"\d{4}(?!.*\d{4})", lambda year: str(int(year[0]) + 5), regex=True
            )
            yield table.assign(**{name: later})


@cache
def verdicts() -> dict[str, str]:
    """The verdict of every claim by its id."""
    return {judgement.claim.id: judgement.verdict for judgement in ledger()}


@cache
def columns_of_checks() -> set[str]:
    """Every word in the code of the checks: some look at columns that no claim names."""
    return set(re.findall(r"\w+", inspect.getsource(checks)))


def narrowed(claim: Claim, read: Callable[[str], Any]) -> Callable[[str], Any]:
    """The claim's tables with the columns alone that it names or that its judging looks at."""
    named = f"{claim.column} {claim.rows} {claim.among} claim locus source year month"
    asked = set(re.findall(r"\w+", named)) | columns_of_checks()
    return cache(lambda table: (whole := read(table))[[name for name in whole if name in asked]])


def flips(claim: Claim, read: Callable[[str], Any]) -> bool:
    """Whether some alteration of the data changes the verdict."""
    read = narrowed(claim, read)
    verdict = judge(claim, read).verdict
    assert verdict == verdicts()[claim.id]
    tables = {(claim.table, claim.rows), (claim.among_table or claim.table, claim.among)}
    for name, query in sorted(tables):
        for altered in alterations(claim, read(name), query):

            def reader(asked: str, name: str = name, altered: Any = altered) -> Any:
                return altered if asked == name else read(asked)

            try:
                if judge(claim, reader).verdict != verdict:
                    return True
            except UnanswerableError:
                continue
    return False


def test_every_claim_of_the_ledger_can_change_its_verdict() -> None:
    read = cache(load)
    assert [claim.id for claim in read_claims(REPOSITORY) if not flips(claim, read)] == []


def test_answers_that_are_kept_are_those_of_a_plain_reader() -> None:
    plain, kept = cache(load), Tables(load)
    for claim in read_claims(REPOSITORY):
        assert judge(claim, kept) == judge(claim, plain), claim.id


def test_every_check_judges_a_claim_that_can_change_its_verdict() -> None:
    assert {claim.check for claim in read_claims(REPOSITORY)} == set(CHECKS)


# ---- what is wrong with a claim, all of it in one run ----


@pytest.fixture
def ledger_project(project: Path) -> Callable[[list[Claim]], Path]:
    """The small project with a ledger of the given claims."""
    add_table(project, "claims")

    def make(claims: list[Claim]) -> Path:
        with (project / "data" / "claims.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow([field.name for field in fields(Claim)])
            rows.writerows([getattr(claim, field.name) for field in fields(Claim)] for claim in claims)
        return project

    return make


GOOD = replace(EXAMPLE, table="gti_2024_table")
WRONG: list[tuple[str, Claim, str]] = [
    ("no check", replace(GOOD, check=""), "an empty cell"),
    ("an unknown check", replace(GOOD, check="rank_of"), "“rank_of” in the claim “third”; expected one of count, "),
    ("an unknown locus", replace(GOOD, locus="2.1-p999"), "“2.1-p999”"),
    ("one language", replace(GOOD, statement_en=""), "an empty cell"),
    ("a note in one language", replace(GOOD, note_kk="Ескертпе."), "the translation of “Ескертпе.”"),
    ("an unknown chapter", replace(GOOD, chapter="unwritten"), "“unwritten” in the claim “third”"),
    (
        "an unknown column",
        replace(GOOD, column="scroe"),
        "“scroe”, which is no column at character 1 of “scroe” in the claim “third”",
    ),
    ("a check that raises", replace(GOOD, check="value", rows=""), "the claim “third”, whose check “value” fails"),
    ("an unknown table", replace(GOOD, table="no_such_table"), "describes no table “no_such_table”"),
    (
        "a key that is nowhere",
        replace(GOOD, check="count", rows='locus == "table-66"', value="0", value_printed="жоқ"),
        "“table-66” in the claim “third”, which no row of “gti_2024_table” has in “locus”",
    ),
    (
        "a query that is none",
        replace(GOOD, rows="country = 'MLI'"),
        "column “rows”: found “=” at character 9 of “country = 'MLI'” in the claim “third”; expected “==”",
    ),
    (
        "a program in a query",
        replace(GOOD, rows='@pd.io.common.os.system("x") == 0'),
        "“rows”: found “@” at character 1",
    ),
    ("a program among", replace(GOOD, among='country.to_csv("x")'), "column “among”: found “to_csv” at character 9"),
    ("a program in a column", replace(GOOD, column="9**9**9**9"), "column “column”: found “*” at character 3"),
    ("a tolerance without a reason", replace(GOOD, tolerance="0.5"), "0.5 and no reason in the claim “third”"),
    ("about without a tolerance", replace(GOOD, relation="about"), "“about” and no tolerance"),
    ("an order of words", replace(GOOD, relation="more-than", value="many"), "“more-than” of “many”"),
    ("another value than printed", replace(GOOD, value="4"), "4 where “3” is printed"),
    ("an unknown relation", replace(GOOD, relation="roughly"), "“roughly”"),
    ("an unknown weight", replace(GOOD, weight="heavy"), "“heavy”"),
    ("a place by its key", replace(GOOD, note_kk="2.1-p085", note_en="2.1"), "the key “2.1-p085” in the claim “third”"),
    ("a placeholder nobody fills", replace(GOOD, note_kk="{x}", note_en="{x}"), "“{x}” at character 1 in the claim"),
    *(
        (
            f"the brace in {note}",
            replace(GOOD, note_kk="Болды.", note_en=f"It was {note}"),
            f"column “note_en”: found “{at}",
        )
        for note, at in (
            ("{recomputed!r}", "{recomputed!r}” at character 8"),
            ("{recomputed.__class__}", "{recomputed.__class_” at character 8"),
            ("{{recomputed}}", "{{recomputed}}” at character 8"),
            ("{recomputed", "{recomputed” at character 8"),
            ("{recomputed}}", "}” at character 20"),
            ("{recomputed }", "{recomputed }” at character 8"),
            ("{RECOMPUTED}", "{RECOMPUTED}” at character 8"),
            ("{0}", "{0}” at character 8"),
            ("{}", "{}” at character 8"),
        )
    ),
    ("a brace in Kazakh", replace(GOOD, note_kk="{", note_en="It was."), "column “note_kk”: found “{” at character 1"),
    *(
        (f"the value {value}", replace(GOOD, value=value, value_printed="үш"), f"column “value”: found “{value}”")
        for value in (
            "1e400",
            "1e3",
            "inf",
            "-Infinity",
            "nan",
            "NaN",
            "−5",
            "–5",
            "+5",
            "٣",
            "３",
            "Ⅲ",
            "007",
            "1_000",
            "1 000",
            "1\N{NO-BREAK SPACE}000",
            "3,5",
            "3.",
            ".5",
            "9" * 16,
            "2024-2-5",
            "2024-02-30",
            "2024-13",
            "0000-01",
            "0000",
            "05.05.2026",
            "٢٠٢٤-٠٢-٠٥",
        )
    ),
    *(
        (
            f"the tolerance {tolerance}",
            replace(GOOD, tolerance=tolerance, tolerance_reason_kk="Себеп.", tolerance_reason_en="A reason."),
            f"column “tolerance”: found “{tolerance}”",
        )
        for tolerance in ("inf", "1e400", "nan", "-1", "−1", "٣", "1,5", "about one")
    ),
    (
        "a misprint shown by a source",
        replace(
            GOOD,
            value="9",
            value_printed="9",
            table="gti_2024_reference",
            column="rank",
            check="count",
            meant_at="table-6",
        ),
        "held against a primary source",
    ),
    (
        "nothing to compute from, nothing said",
        replace(GOOD, check="sourced_value", table="gti_2024_reference", column="score", rows=""),
        "has no column “claim” to look in",
    ),
]


def told(project: Path) -> list[str]:
    """The problems, but for the checks that so small a ledger does not use."""
    return [str(problem) for problem in check_data(project) if "which no claim uses" not in problem.found]


def test_a_sound_ledger_has_no_problem(ledger_project: Callable[[list[Claim]], Path]) -> None:
    assert told(ledger_project([GOOD])) == []


@pytest.mark.parametrize(("claim", "expected"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG])
def test_a_faulty_claim_is_named(ledger_project: Callable[[list[Claim]], Path], claim: Claim, expected: str) -> None:
    problems = told(ledger_project([claim]))
    assert any(expected in problem for problem in problems), problems
    assert all(problem.startswith("data/claims.csv, line 2") for problem in problems), problems


def test_all_faulty_claims_are_told_in_one_run(ledger_project: Callable[[list[Claim]], Path]) -> None:
    claims = [replace(claim, id=f"claim-{place}") for place, (_, claim, _) in enumerate(WRONG)]
    problems = told(ledger_project(claims))
    for place in range(len(claims)):
        assert any(f"line {place + 2}," in problem for problem in problems), WRONG[place][0]


def test_a_check_without_a_claim_is_named(ledger_project: Callable[[list[Claim]], Path]) -> None:
    problems = [str(problem) for problem in check_data(ledger_project([GOOD]))]
    assert any("the check “days_in_month”, which no claim uses" in problem for problem in problems)


def test_a_claim_on_a_broken_table_is_not_told_twice(ledger_project: Callable[[list[Claim]], Path]) -> None:
    project = ledger_project([GOOD])
    table = project / "data" / "2.1" / "gti_2024_table.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("7.998", "much", 1), encoding="utf-8")
    assert [problem.split(",")[0] for problem in told(project)] == ["data/2.1/gti_2024_table.csv"]


def test_a_value_of_any_length_is_judged_at_once(ledger_project: Callable[[list[Claim]], Path]) -> None:
    long = [replace(GOOD, id=f"long-{end}", value="1" * 50_000 + end, note_en="a." * 50_000) for end in ("", "a", "-")]
    project, begun = ledger_project(long), time.process_time()
    check_claims(project)
    assert time.process_time() - begun < 5
