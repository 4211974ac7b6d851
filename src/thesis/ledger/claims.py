"""The ledger: what the thesis states, recomputed and judged.

``data/claims.csv`` lists the claims; a check of :mod:`thesis.ledger.checks` recomputes each.
Nothing here is typed in: a verdict follows from the value stated and the value found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import date as calendar_date
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from thesis.data import describe, load, place
from thesis.house_rules import Table, read_table
from thesis.language import LANGUAGES, Text, date, month_name, number
from thesis.ledger.checks import CHECKS, Finding, Question, Reader, Tables, UnanswerableError
from thesis.ledger.queries import QueryError, Rows, compute, named_texts, read_query
from thesis.problem import Problem
from thesis.project import root

VERDICTS = ("reproduced", "differs", "not-computable")
WEIGHTS = ("material", "minor", "misprint")
AGAINST = ("own-data", "own-text", "primary-source")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
_PLACEHOLDER = re.compile(r"\{(recomputed|printed|difference)\}")


@dataclass(frozen=True)
class Claim:
    """One row of ``data/claims.csv``, as text; the data package describes each field."""

    id: str
    chapter: str
    locus: str
    statement_kk: str
    statement_en: str
    value: str
    value_printed: str
    relation: str
    check: str
    table: str
    rows: str
    column: str
    among_table: str
    among: str
    tolerance: str
    tolerance_reason_kk: str
    tolerance_reason_en: str
    weight: str
    meant_at: str
    note_kk: str
    note_en: str

    @property
    def statement(self) -> Text:
        """What the thesis states, in our words."""
        return {"kk": self.statement_kk, "en": self.statement_en}

    @property
    def stated(self) -> float | str:
        """The stated value to compare with: a number where it is one, else a date or a word."""
        return float(self.value) if _NUMBER.fullmatch(self.value) else self.value


@dataclass(frozen=True)
class Judgement:
    """A claim with its verdict.

    found: the recomputed values as written in each language, None when nothing could be
    computed; shown: the same as they stand alone, with their unit;
    recomputed: the first of them for machines, a number or an ISO date;
    gap: recomputed less stated, for numbers that differ; against: what it was held against,
    one of AGAINST; evidence: the places of the thesis or the citation keys it rests on;
    weight: one of WEIGHTS, a difference being a misprint where the thesis itself shows
    what was meant.
    """

    claim: Claim
    verdict: str
    found: Text | None
    shown: Text | None
    recomputed: float | str | None
    gap: float | None
    against: str | None
    evidence: tuple[str, ...]
    weight: str

    @property
    def note(self) -> Text:
        """The claim's note with the computed values in it."""
        return {language: self._note(language) for language in LANGUAGES}

    def _note(self, language: str) -> str:
        text = self.claim.note_kk if language == "kk" else self.claim.note_en
        values = _placeholders(self, language)
        return _PLACEHOLDER.sub(lambda found: values[found[1]], text)


def _placeholders(judgement: Judgement, language: str) -> dict[str, str]:
    found = judgement.found[language] if judgement.found else "—"
    gap = "—"
    if judgement.gap is not None:
        digits = _digits(judgement.claim, float(judgement.recomputed or 0))
        gap = number(abs(judgement.gap), language, min(_decimals(judgement.gap), digits))
    return {"recomputed": found, "printed": judgement.claim.value_printed, "difference": gap}


def read_claims(project: Path) -> list[Claim]:
    """The claims in the order of the thesis: by place, then as the file has them."""
    order = {row["id"]: place for place, (_, row) in enumerate(read_table(project, describe("loci", project)).rows)}
    claims = [_claim(row) for _, row in read_table(project, describe("claims", project)).rows]
    return sorted(claims, key=lambda claim: order.get(claim.locus, len(order)))


def _claim(row: dict[str, str]) -> Claim:
    return Claim(**{field.name: row[field.name] for field in fields(Claim)})


def judge(claim: Claim, read: Reader = load) -> Judgement:
    """Recompute one claim from the tables that `read` gives and compare.

    Raises UnanswerableError when the check cannot be carried out as it is written.
    """
    check = CHECKS.get(claim.check)
    if check is None:
        raise UnanswerableError(f"there is no check “{claim.check}”")
    question = Question(claim.id, claim.table, claim.rows, claim.column, claim.among_table, claim.among, read)
    finding = check(question)
    if finding.value is None:
        return Judgement(claim, "not-computable", None, None, None, None, None, (), claim.weight)
    evidence = _evidence(finding.evidence)
    if _circular(claim, finding):
        raise UnanswerableError(f"it reads the claim back from its own place, {claim.locus}")
    agreed = any(_holds(claim, candidate) for candidate in finding.values or (finding.value,))
    against = _against(claim, evidence, read)
    verdict = "reproduced" if agreed else "differs"
    gap = None
    if not agreed and isinstance(claim.stated, float) and isinstance(_plain(finding.value), float):
        gap = float(_plain(finding.value)) - claim.stated
    written = {language: _written(finding, claim, language) for language in LANGUAGES}
    return Judgement(
        claim,
        verdict,
        {language: "; ".join(dict.fromkeys(found)) for language, found in written.items()},
        {language: _with_units(found, finding, claim, language) for language, found in written.items()},
        _plain(finding.value),
        gap,
        against,
        evidence,
        "misprint" if verdict == "differs" and claim.meant_at else claim.weight,
    )


@cache
def ledger(chapter: str | None = None) -> tuple[Judgement, ...]:
    """Every claim of the project judged, in the order of the thesis; or those of one chapter.

    A chapter asks for its own alone, so that it depends on no table but theirs.
    """
    read = Tables(load)
    return tuple(judge(claim, read) for claim in read_claims(root()) if chapter in (None, claim.chapter))


def _plain(value: Any) -> float | str:
    """A found value for machines: a float, or an ISO date, or a word."""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, pd.Timedelta):
        return float(value.days)
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def _holds(claim: Claim, value: Any) -> bool:
    stated, found = claim.stated, _plain(value)
    if isinstance(value, pd.Timestamp):
        # A claim that prints only the year, or the month, says no more than that.
        if claim.relation == "equals":
            return str(found).startswith(claim.value)
        found = float(str(found)[:4]) if isinstance(stated, float) else found
    if isinstance(stated, float) and isinstance(found, float):
        room = float(claim.tolerance or 0)
        # What was computed in binary may miss a printed decimal by less than anyone prints.
        slack = 1e-9 * max(1.0, abs(stated))
        match claim.relation:
            case "more-than":
                return found > stated
            case "at-least":
                return found >= stated - slack
            case "less-than":
                return found < stated
            case "at-most":
                return found <= stated + slack
            case _:
                return abs(found - stated) <= room + slack
    return str(found).casefold() == str(stated).casefold()


def _decimals(value: float) -> int:
    return 0 if float(value).is_integer() else max(1, min(3, len(f"{value:.3f}".rstrip("0").split(".")[1])))


def _digits(claim: Claim, value: float) -> int:
    """How many decimals to write: of what was read, all; of what was computed, one or as many as printed."""
    own = _decimals(value)
    if claim.check in _READ:
        return own
    return max(len(claim.value.partition(".")[2]) if isinstance(claim.stated, float) else 0, min(own, 1))


def _written(finding: Finding, claim: Claim, language: str) -> list[str]:
    """The found values as a sentence has them."""
    written = []
    for value in finding.values or (finding.value,):
        plain = _plain(value)
        if isinstance(value, pd.Timestamp):
            written.append(date(value.date(), language))
        elif isinstance(plain, str):
            written.append(_in_language(plain, claim.column, finding.evidence, language))
        elif is_year(claim, plain):
            written.append(str(int(plain)))
        else:
            written.append(number(plain, language, _digits(claim, plain), sign=claim.check == "difference_in_count"))
    return written


def is_year(claim: Claim, value: float) -> bool:
    """Whether a value of this claim is a year, which has no thousands: 2025, not 2,025."""
    of_a_year = re.search("year|date", claim.column) and re.fullmatch(r"[12]\d{3}", claim.value)
    return bool(of_a_year) and value.is_integer() and 1000 <= value < 2100


_UNITS: dict[str, Text] = {
    "percent": {"kk": "{}%", "en": "{}%"},
    "place": {"kk": "{}-орын", "en": "place {}"},
    "century": {"kk": "{}-ғасыр", "en": "century {}"},
    "days": {"kk": "{} күн", "en": "{} days"},
    "times": {"kk": "{} рет", "en": "{} times"},
    "fold": {"kk": "{} есе", "en": "{} times as much"},
}
_ENGLISH_ONE: dict[str | None, str] = {"days": "{} day", "times": "{} time"}
_UNIT_OF_CHECK = {
    "share": "percent",
    "share_of_total": "percent",
    "rank_from_largest": "place",
    "rank_from_smallest": "place",
    "rank_by_killed": "place",
    "century": "century",
    "sourced_century": "century",
    "duration": "days",
    "falls": "times",
    "rises": "times",
    "ratio": "fold",
    "days_in_month": "days",
}


def _with_units(written: list[str], finding: Finding, claim: Claim, language: str) -> str:
    """The found values as they stand alone in a table, where a bare 2 may be a month, a place or a share."""
    unit = _UNIT_OF_CHECK.get(claim.check)
    if unit is None and isinstance(_plain(finding.value), float):
        if claim.check == "difference" and claim.column == "date":
            unit = "days"
        elif claim.value_printed.endswith("%"):
            unit = "percent"
        elif "century" in claim.column:
            unit = "century"
    if claim.check in _READ and claim.column == "month":
        written = [month_name(int(value), language) for value in finding.values or (finding.value,) if 1 <= value <= 12]
    pattern = _UNITS[unit][language] if unit else "{}"
    one = _ENGLISH_ONE.get(unit, pattern) if language == "en" else pattern
    return "; ".join(dict.fromkeys((one if text == "1" else pattern).format(text) for text in written))


def _in_language(text: str, column: str, rows: Rows, language: str) -> str:
    """A found word in the reader's language, where the table has it in both."""
    own = column.removesuffix("_kk").removesuffix("_en") + f"_{language}"
    if own == column or own not in rows or column not in rows:
        return text
    return str(rows[own][rows[column] == text].iloc[0])


def _evidence(rows: Rows) -> tuple[str, ...]:
    for column in ("locus", "source"):
        if column in rows:
            return tuple(str(place) for place in rows[column].unique() if not pd.isna(place))
    return ()


def _circular(claim: Claim, finding: Finding) -> bool:
    """Whether a claim is compared with its own transcription, which proves nothing."""
    rows = finding.evidence
    return (
        claim.check in {"value", "value_in_any"}
        and claim.column in rows
        and "locus" in rows
        and set(rows["locus"].dropna()) == {claim.locus}
    )


def _against(claim: Claim, evidence: tuple[str, ...], read: Reader) -> str:
    """What the claim was held against, from where its evidence stands."""
    for table in filter(None, (claim.table, claim.among_table)):
        columns = read(table).columns
        if "source" in columns and "locus" not in columns:  # data/reference/
            return "primary-source"
    # Loci of running text end in p and a number; tables, figures and appendix tables do not.
    if evidence and all(re.search(r"-p\d+$", place) for place in evidence) and claim.check in _LOOKED_UP:
        return "own-text"
    return "own-data"


_READ = {"value", "value_in_any", "sourced_value", "largest", "smallest"}
_LOOKED_UP = {"value", "value_in_any", "days_in_month", "century", "months_of_period", "duration"}

_PARAGRAPH = re.compile(r"\b[a-z0-9.-]{1,40}-p\d{3}\b")
_PRINTED_NUMBER = re.compile(r"[-−]?[0-9]+(?:[.,][0-9]+)?")


def check_claims(project: Path, spoilt: set[str] | None = None) -> list[Problem]:
    """Everything wrong with ``data/claims.csv`` that its description cannot say.

    spoilt: tables with problems of their own; claims that read them are not run, since
    what they would say is said already.
    """
    table = read_table(project, describe("claims", project))
    problems = list(_unused_checks(table))
    read = Tables(partial(load, project=project))

    @cache
    def keys(table: str, column: str) -> set[str]:
        return set(read(table)[column].dropna().astype(str))

    for line, row in table.rows:
        claim = _claim(row)
        ill_formed = list(_ill_formed(project, table.file, line, claim))
        problems += ill_formed
        if claim.check not in CHECKS or {claim.table, claim.among_table} & (spoilt or set()):
            continue
        ill_asked = list(_ill_asked(table.file, line, claim, read, keys))
        problems += ill_asked
        if ill_asked or {problem.column for problem in ill_formed} & {"value", "tolerance"}:
            continue  # what a check would say of it is said already
        try:
            judgement = judge(claim, read)
        except Exception as error:  # whatever a check raises is told by the claim's name
            reason = str(error) if isinstance(error, UnanswerableError) else f"{type(error).__name__}: {error}"
            found = f"the claim “{claim.id}”, whose check “{claim.check}” fails: {reason}"
            expected = "a check that gives a value"
            problems.append(
                Problem(table.file, line, "check", found, expected, "Correct table, rows, column, among or check.")
            )
            continue
        problems += _ill_judged(table.file, line, judgement)
    return problems


def _unused_checks(table: Table) -> Iterator[Problem]:
    used = {row["check"] for _, row in table.rows}
    for name in CHECKS:
        if name not in used:
            found = f"the check “{name}”, which no claim uses"
            yield Problem(
                "src/thesis/ledger/checks.py", None, None, found, "a claim for each check", "Use it or delete it."
            )


def _ill_formed(project: Path, file: str, line: int, claim: Claim) -> Iterator[Problem]:
    def problem(column: str, found: str, expected: str, remedy: str) -> Problem:
        return Problem(file, line, column, f"{found} in the claim “{claim.id}”", expected, remedy)

    if not claim.check:
        yield problem("check", "no check", f"one of {', '.join(CHECKS)}", "Name the check that recomputes it.")
    elif claim.check not in CHECKS:
        yield problem("check", f"“{claim.check}”", f"one of {', '.join(CHECKS)}", "Correct the name of the check.")
    if not (project / "chapters" / f"{claim.chapter}.qmd").is_file():
        yield problem("chapter", f"“{claim.chapter}”", "the name of a file in chapters/, without .qmd", "Correct it.")
    if claim.tolerance and not (claim.tolerance_reason_kk and claim.tolerance_reason_en):
        yield problem("tolerance", f"{claim.tolerance} and no reason", "a reason in both languages", "Say why.")
    if claim.relation == "about" and not claim.tolerance:
        yield problem(
            "tolerance", "“about” and no tolerance", "how far off it may be", "Fill tolerance and its reason."
        )
    yield from (problem(*wrong) for wrong in _ill_stated(claim))
    if claim.relation != "equals" and not isinstance(claim.stated, float):
        yield problem("relation", f"“{claim.relation}” of “{claim.value}”", "a number to compare", "Correct the value.")
    printed = re.sub(r"[\s\u00a0%]", "", claim.value_printed)
    typed = _PRINTED_NUMBER.fullmatch(printed) and isinstance(claim.stated, float)
    if typed and abs(float(printed.replace(",", ".").replace("−", "-"))) != abs(float(claim.value)):
        yield problem("value", f"{claim.value} where “{claim.value_printed}” is printed", "the same", "Correct it.")
    for column in ("statement_kk", "statement_en", "note_kk", "note_en"):
        for key in _PARAGRAPH.findall(getattr(claim, column)):
            yield problem(column, f"the key “{key}”", "the place in words, as “section 3.1, paragraph 8”", "Write it.")
    for column in ("note_kk", "note_en"):
        note = getattr(claim, column)
        brace = re.search("[{}]", _PLACEHOLDER.sub(lambda found: " " * len(found[0]), note))
        if brace:
            found = f"“{note[brace.start() : brace.start() + 20]}” at character {brace.start() + 1}"
            yield problem(column, found, "{recomputed}, {printed} or {difference}, and no other brace", "Correct it.")


_DIGITS_AND_SIGNS = re.compile(r"[\s\d.,'’:+−–—‐‑-]+")
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")


def _is_date(text: str) -> bool:
    """Whether a text is a year, a month or a day of the calendar, written in full."""
    parts = _DATE.fullmatch(text)
    if parts is None:
        return False
    try:
        calendar_date(int(parts[1]), int(parts[2] or 1), int(parts[3] or 1))
    except ValueError:
        return False
    return True


def _ill_stated(claim: Claim) -> Iterator[tuple[str, str, str, str]]:
    """A number or date that is written otherwise than numbers and dates are: column, found, expected, remedy."""
    if claim.tolerance and not (_NUMBER.fullmatch(claim.tolerance) and float(claim.tolerance) >= 0):
        expected = "a number such as 2.5, not below zero"
        yield "tolerance", f"“{claim.tolerance}”", expected, "Write it in the digits 0 to 9, with a decimal point."
    value = claim.value
    if _NUMBER.fullmatch(value) or _is_date(value):
        return
    strange = next((character for character in value if character.isnumeric() and not character.isascii()), None)
    try:
        numeric = bool(float(value) or True)  # 1e400, inf, nan, 007
    except ValueError:
        numeric = False
    if strange or numeric or _DIGITS_AND_SIGNS.fullmatch(value):
        found = f"“{value[:40]}”" + (f" with {strange} (U+{ord(strange):04X})" if strange else "")
        expected = "a number such as -2.5, of at most 15 digits, a date (2005, 2005-02 or 2005-02-14) or a word"
        yield "value", found, expected, "Write it in the digits 0 to 9, with the hyphen for minus and a decimal point."


def _ill_asked(
    file: str, line: int, claim: Claim, read: Tables, keys: Callable[[str, str], set[str]]
) -> Iterator[Problem]:
    """A query or a sum that cannot be read or answered, and a key that no row has."""
    for column, table in (("table", claim.table), ("among_table", claim.among_table)):
        if table.endswith("_after"):
            found = f"“{table}” in the claim “{claim.id}”"
            expected = "a table of the thesis or of data/reference/"
            yield Problem(file, line, column, found, expected, "Ask it: what came later judges no statement.")
    others = claim.among_table or claim.table
    for column, table, text in (("rows", claim.table, claim.rows), ("among", others, claim.among)):
        if not text:
            continue
        try:
            read.select(table, text)
        except KeyError:
            continue  # the check tells of a table that is not there
        except QueryError as error:
            yield _query_problem(file, line, column, claim, text, error)
            continue
        # A key that no row has: a count would be zero for a slip of the pen.
        for name, key in named_texts(read_query(text)):
            if _KEY.fullmatch(key) and key not in keys(table, name):
                found = f"“{key}” in the claim “{claim.id}”, which no row of “{table}” has in “{name}”"
                yield Problem(file, line, column, found, "a key that is there", "Correct the query.")
    if claim.column:
        try:
            compute(Rows(read(claim.table), np.arange(0)), claim.column)
        except KeyError:
            return
        except QueryError as error:
            yield _query_problem(file, line, "column", claim, claim.column, error)


_KEY = re.compile("[a-z0-9.-]+")


def _query_problem(file: str, line: int, column: str, claim: Claim, text: str, error: QueryError) -> Problem:
    shown = text if len(text) <= 120 else text[:120] + "…"
    found = f"{error.found} at character {error.at} of “{shown}” in the claim “{claim.id}”"
    remedy = "Correct it; CONTRIBUTING.md, “Add a claim”, says what a cell may hold."
    return Problem(file, line, column, found, error.expected, remedy)


def _ill_judged(file: str, line: int, judgement: Judgement) -> Iterator[Problem]:
    claim = judgement.claim
    if judgement.verdict == "not-computable" and not claim.note_en:
        found = f"no note for the claim “{claim.id}”, which nothing can be computed for"
        yield Problem(file, line, "note_en", found, "what would be needed", "Fill note_kk and note_en.")
    if claim.meant_at and judgement.against == "primary-source":
        found = f"“{claim.meant_at}” in the claim “{claim.id}”, which is held against a primary source"
        expected = "a misprint that the thesis itself corrects"
        yield Problem(file, line, "meant_at", found, expected, "Empty the cell, or check it against the thesis.")


def totals(judgements: tuple[Judgement, ...], key: Callable[[Judgement], str]) -> dict[str, Counter[str]]:
    """How many claims have each verdict, group by group: ``{"event-analysis": Counter(…), …}``."""
    grouped: dict[str, Counter[str]] = {}
    for judgement in judgements:
        grouped.setdefault(key(judgement), Counter())[judgement.verdict] += 1
    return grouped


def stated(claim: Claim, language: str) -> str:
    """The stated value as a sentence has it, with all the decimals that the claim gives it."""
    value = claim.stated
    return claim.value if isinstance(value, float) and is_year(claim, value) else _number(claim.value, language)


def _number(text: str, language: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    return number(value, language, len(text.partition(".")[2]))


def as_record(judgement: Judgement) -> dict[str, Any]:
    """The judgement as a record: for machines (``claims.json``) and for whoever writes a claim's row.

    `…_written` is a value in each language's words; `href` is the claim's row on its
    chapter's page, from a language's folder.
    """
    claim = judgement.claim
    tolerance = claim.tolerance and {
        "value": float(claim.tolerance),
        "written": {language: _number(claim.tolerance, language) for language in LANGUAGES},
        "reason": {"kk": claim.tolerance_reason_kk, "en": claim.tolerance_reason_en},
    }
    return {
        "id": claim.id,
        "chapter": claim.chapter,
        "locus": claim.locus,
        "place": {language: place(claim.locus, language) for language in LANGUAGES},
        "statement": claim.statement,
        "printed": claim.value_printed,
        "stated": claim.stated,
        "stated_written": {language: stated(claim, language) for language in LANGUAGES},
        "relation": claim.relation,
        "tolerance": tolerance or None,
        "check": claim.check,
        "table": claim.table,
        "rows": claim.rows,
        "column": claim.column,
        "among_table": claim.among_table,
        "among": claim.among,
        "recomputed": judgement.recomputed,
        "recomputed_written": judgement.shown,
        "verdict": judgement.verdict,
        "weight": judgement.weight,
        "against": judgement.against,
        "evidence": list(judgement.evidence),
        "meant_at": claim.meant_at,
        "note": judgement.note,
        "href": f"chapters/{claim.chapter}.html#claim-{claim.id}",
    }
