"""The checks of the ledger: small named functions that compute from ``data/`` what a claim states.

A check is asked about some rows of a table (:class:`Question`) and answers with one value
(:class:`Finding`). It knows nothing of the claim: whether the value is the printed one is
judged in :mod:`thesis.ledger.claims`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from thesis.ledger.queries import QueryError, Rows, compute, select

Reader = Callable[[str], pd.DataFrame]
"""Gives a table of ``data/`` by name: :func:`thesis.data.load`, or altered tables in a test."""


class UnanswerableError(ValueError):
    """A check cannot answer the question as it is put; the message says why."""


@dataclass(frozen=True)
class Question:
    """What a check is asked.

    claim: the claim's id; table: a table of ``data/``; rows: which of its rows, a query of
    :mod:`thesis.ledger.queries`, all of them when empty; column: a column of it or a sum;
    among_table, among: other rows to hold them against, of the same table when
    `among_table` is empty.
    """

    claim: str
    table: str
    rows: str
    column: str
    among_table: str
    among: str
    read: Reader

    def selected(self) -> Rows:
        """The rows in question; raises UnanswerableError for a query that cannot be answered."""
        return _matching(self.read, self.table, self.rows)

    def others(self) -> Rows:
        """The rows they are held against."""
        return _matching(self.read, self.among_table or self.table, self.among)


class Tables:
    """A reader that reads each table once and answers each query once."""

    def __init__(self, read: Reader) -> None:
        self.read = cache(read)
        self.select = cache(self._select)
        self.by_claim = cache(self._by_claim)

    def __call__(self, name: str) -> pd.DataFrame:
        """The table of this name."""
        return self.read(name)

    def _select(self, table: str, query: str) -> Rows:
        return select(self.read(table), query)

    def _by_claim(self, table: str, query: str) -> dict[str, Rows]:
        """The rows of each claim: hundreds of claims look into the same table."""
        rows = self.select(table, query)
        groups = rows["claim"].groupby(rows["claim"].to_numpy()).indices
        return {str(claim): Rows(rows.table, rows.places[places]) for claim, places in groups.items()}


def _matching(read: Reader, table: str, query: str) -> Rows:
    try:
        return read.select(table, query) if isinstance(read, Tables) else select(read(table), query)
    except KeyError as error:  # of a table that nobody described, with the names there are
        raise UnanswerableError(str(error.args[0]) if error.args else str(error)) from error
    except QueryError as error:
        raise UnanswerableError(f"“{query}” cannot be asked of the table “{table}”: {error}") from error


@dataclass(frozen=True)
class Finding:
    """What a check found: the value (None when there is nothing to compute it from) and its evidence.

    values: all values found, where several sources were asked; `value` is the first of them.
    """

    value: Any
    evidence: Rows
    values: tuple[Any, ...] = ()


Check = Callable[[Question], Finding]
CHECKS: dict[str, Check] = {}
"""Every check by its name, as ``data/claims.csv`` calls it."""


def _check(function: Check) -> Check:
    """Register a check; ``METHODS`` of :mod:`thesis.words` says to a reader what it does."""
    CHECKS[function.__name__] = function
    return function


def _column(rows: Rows, column: str) -> pd.Series[Any]:
    """A column of the rows or a sum of columns; raises UnanswerableError where there is none."""
    try:
        return compute(rows, column)
    except QueryError as error:
        raise UnanswerableError(f"“{column}” is no column and cannot be computed: {error}") from error


def _values(rows: Rows, column: str) -> pd.Series[Any]:
    """One value a row; raises UnanswerableError where no row or no value is left."""
    if not len(rows):
        raise UnanswerableError("no row answers the question")
    values = _column(rows, column)
    known = values.dropna() if values.hasnans else values
    if known.empty:
        raise UnanswerableError(f"“{column}” is empty in every row that answers the question")
    return known


def _distinct(rows: Rows, column: str) -> tuple[Any, ...]:
    return tuple(_values(rows, column).unique())


@_check
def count(question: Question) -> Finding:
    """How many rows there are; none is an answer too."""
    rows = question.selected()
    return Finding(len(rows), rows)


@_check
def distinct(question: Question) -> Finding:
    """How many different values a column holds."""
    rows = question.selected()
    return Finding(len(_distinct(rows, question.column)), rows)


@_check
def distinct_beginnings(question: Question) -> Finding:
    """How many different characters the values of a column begin with: sections 1.1, 1.2 and 2.1 are of two parts."""
    rows = question.selected()
    return Finding(_values(rows, question.column).str[:1].nunique(), rows)


@_check
def distinct_with_own_theme(question: Question) -> Finding:
    """How many different values of a column stand beside a `theme` that stands in one row only."""
    rows = question.selected()
    own = ~_column(rows, "theme").duplicated(keep=False)
    unlike = rows.where(own.to_numpy(dtype=bool))
    return Finding(len(_distinct(unlike, question.column)), unlike)


@_check
def count_above(question: Question) -> Finding:
    """How many rows are larger than the largest of the others; none is an answer too."""
    rows = question.selected()
    above = _column(rows, question.column) > _values(question.others(), question.column).max()
    higher = rows.where(above.to_numpy(dtype=bool, na_value=False))
    return Finding(len(higher), higher)


@_check
def total(question: Question) -> Finding:
    """The sum of a column."""
    rows = question.selected()
    return Finding(_values(rows, question.column).sum(), rows)


@_check
def value(question: Question) -> Finding:
    """The one value that all the rows hold; raises UnanswerableError when they hold several."""
    rows = question.selected()
    found = _distinct(rows, question.column)
    if len(found) > 1:
        raise UnanswerableError(f"the rows hold {len(found)} values ({', '.join(map(str, found))}); name one row")
    return Finding(found[0], rows)


@_check
def value_in_any(question: Question) -> Finding:
    """The values of sources that disagree among themselves, all of them."""
    rows = question.selected()
    found = _distinct(rows, question.column)
    return Finding(found[0], rows, found)


@_check
def century(question: Question) -> Finding:
    """The century of the one year that all the rows hold."""
    found = value(question)
    return Finding(_century(found.value), found.evidence)


def _century(year: Any) -> int:
    """The century of a year of our era: 1900 is the last year of the 19th, 1901 the first of the 20th."""
    if year < 1:
        raise UnanswerableError(f"{year} is no year of our era, whose centuries are counted from 1")
    return (int(year) - 1) // 100 + 1


@_check
def months_of_period(question: Question) -> Finding:
    """From which month to which a period such as 2024-02/2025-02 runs: twelve months later."""
    found = value(question)
    months = _PERIOD.fullmatch(str(found.value))
    if months is None:
        raise UnanswerableError(f"“{found.value}” is no period of two months such as 2024-02/2025-02")
    year, month, end_year, end_month = map(int, months.groups())
    return Finding(12 * (end_year - year) + end_month - month, found.evidence)


_PERIOD = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])/([0-9]{4})-(0[1-9]|1[0-2])")


@_check
def duration(question: Question) -> Finding:
    """How many days lie between the two dates of the rows, which all of them share."""
    rows = question.selected()
    begun, ended = _column(rows, "date"), _column(rows, "date_end")
    spans = tuple((ended - begun).dropna().drop_duplicates())
    if len(spans) != 1:
        raise UnanswerableError(f"the rows have {len(spans)} spans from date to date_end, where one is wanted")
    return Finding(spans[0].days, rows)


@_check
def largest(question: Question) -> Finding:
    """The highest value or the latest date."""
    rows = question.selected()
    return Finding(_values(rows, question.column).max(), rows)


@_check
def smallest(question: Question) -> Finding:
    """The lowest value or the earliest date."""
    rows = question.selected()
    return Finding(_values(rows, question.column).min(), rows)


@_check
def rank_from_largest(question: Question) -> Finding:
    """The place of the one row among the others, 1 being the largest; ties share the better place."""
    rows = question.selected()
    own = _values(rows, question.column).max()
    return Finding(1 + int((_values(question.others(), question.column) > own).sum()), rows)


@_check
def rank_from_smallest(question: Question) -> Finding:
    """The place of the one row among the others, 1 being the smallest or earliest."""
    rows = question.selected()
    own = _values(rows, question.column).min()
    return Finding(1 + int((_values(question.others(), question.column) < own).sum()), rows)


@_check
def rank_by_killed(question: Question) -> Finding:
    """The place of the one row among the others by all its dead, 1 being the most."""
    rows = question.selected()
    own = _killed(rows).max()
    return Finding(1 + int((_killed(question.others()) > own).sum()), rows)


@_check
def difference_in_killed(question: Question) -> Finding:
    """How many more died in the rows than in the others."""
    rows = question.selected()
    return Finding(_killed(rows).sum() - _killed(question.others()).sum(), rows)


@_check
def officers_killed_beyond_civilians(question: Question) -> Finding:
    """How many more members of the security forces than civilians died."""
    rows = question.selected()
    officers, civilians = (_killed(rows, (who,)) for who in ("security_forces_killed", "civilians_killed"))
    return Finding(officers.sum() - civilians.sum(), rows)


_DEAD = ("security_forces_killed", "civilians_killed", "perpetrators_killed", "unspecified_killed")


def _killed(rows: Rows, groups: tuple[str, ...] = _DEAD) -> pd.Series[Any]:
    """How many died, row by row; a group without a number counts as none."""
    if not len(rows):
        raise UnanswerableError("no row answers the question")
    return sum(
        (_column(rows, group).fillna(0) for group in groups), start=pd.Series(0, index=_column(rows, groups[0]).index)
    )


@_check
def most_in_twelve_months(question: Question) -> Finding:
    """The upper bound of a year's total of which some months are printed, rounded to hundreds.

    A row from `month` to `month_end` counts once for each of its months.
    """
    rows, rounding = question.selected(), 50
    values = _values(rows, question.column)
    first, last = _column(rows, "month"), _column(rows, "month_end")
    months = (last - first).fillna(0) + 1
    if len(values) != len(rows) or first.isna().any() or (months < 1).any() or months.sum() > 12:
        raise UnanswerableError("each row needs a value and its months of one year, at most twelve together")
    other = _values(question.others(), question.column).max()
    most = (months * (values + rounding)).sum() + (12 - months.sum()) * (other + rounding)
    return Finding(most, rows)


@_check
def share(question: Question) -> Finding:
    """How many per cent of the others the rows are."""
    rows, others = question.selected(), question.others()
    if not len(others):
        raise UnanswerableError("no row to take a share of")
    return Finding(100 * len(rows) / len(others), rows)


@_check
def share_of_total(question: Question) -> Finding:
    """How many per cent of the others' total the rows' total is."""
    rows = question.selected()
    whole = _values(question.others(), question.column).sum()
    if not whole:
        raise UnanswerableError("the total to take a share of is zero")
    return Finding(100 * _values(rows, question.column).sum() / whole, rows)


@_check
def difference(question: Question) -> Finding:
    """The rows' total less the others' total; for dates, in days."""
    rows = question.selected()
    own, other = _values(rows, question.column), _values(question.others(), question.column)
    if pd.api.types.is_datetime64_any_dtype(own.dtype):
        return Finding((own.max() - other.max()).days, rows)
    return Finding(own.sum() - other.sum(), rows)


@_check
def difference_in_count(question: Question) -> Finding:
    """How many more rows there are than others."""
    rows = question.selected()
    return Finding(len(rows) - len(question.others()), rows)


@_check
def ratio(question: Question) -> Finding:
    """How many times the others' total the rows' total is."""
    rows = question.selected()
    other = _values(question.others(), question.column).sum()
    if not other:
        raise UnanswerableError("the total to divide by is zero")
    return Finding(_values(rows, question.column).sum() / other, rows)


@_check
def count_not_among(question: Question) -> Finding:
    """How many different values of the column the others lack."""
    rows = question.selected()
    missing = set(_distinct(rows, question.column)) - set(_distinct(question.others(), question.column))
    lacking = rows.where(_column(rows, question.column).isin(missing).to_numpy(dtype=bool))
    return Finding(len(missing), lacking if missing else rows)


@_check
def falls(question: Question) -> Finding:
    """How many steps of a series go down, the rows taken as they stand; 0 for a series that never falls."""
    rows = question.selected()
    return Finding(int((_values(rows, question.column).diff().dropna() < 0).sum()), rows)


@_check
def rises(question: Question) -> Finding:
    """How many steps of a series go up, the rows taken as they stand."""
    rows = question.selected()
    return Finding(int((_values(rows, question.column).diff().dropna() > 0).sum()), rows)


@_check
def days_in_month(question: Question) -> Finding:
    """How many days the row's month has: no printed day can be above it."""
    rows = question.selected()
    if len(rows) != 1:
        raise UnanswerableError(f"{len(rows)} rows, where the year and month of one are wanted")
    year, month = int(_values(rows, "year").iloc[0]), int(_values(rows, "month").iloc[0])
    if not 1 <= month <= 12:
        raise UnanswerableError(f"there is no month {month}")
    return Finding(calendar.monthrange(year, month)[1], rows)


@_check
def sourced_value(question: Question) -> Finding:
    """The value of the rows that name the claim in their column `claim`; none while nobody found a source."""
    rows = _about(question)
    if not len(rows):
        return Finding(None, rows)
    found = _distinct(rows, question.column)
    return Finding(found[0], rows, found)


@_check
def sourced_century(question: Question) -> Finding:
    """The century of the year in the rows that name the claim; none while nobody found a source."""
    found = sourced_value(question)
    centuries = tuple(dict.fromkeys(_century(year) for year in found.values))
    return Finding(centuries[0] if centuries else None, found.evidence, centuries)


@_check
def sourced_day(question: Question) -> Finding:
    """The day of the month of the date in the rows that name the claim; none while nobody found a source."""
    found = sourced_value(question)
    days = tuple(dict.fromkeys(date.day for date in found.values))
    return Finding(days[0] if days else None, found.evidence, days)


def _about(question: Question) -> Rows:
    """The rows that name the claim in their column `claim`."""
    rows = question.selected()
    if "claim" not in rows:
        raise UnanswerableError(f"the table “{question.table}” has no column “claim” to look in")
    if isinstance(question.read, Tables):
        none = Rows(rows.table, rows.places[:0])
        return question.read.by_claim(question.table, question.rows).get(question.claim, none)
    return rows.where((rows["claim"] == question.claim).to_numpy(dtype=bool, na_value=False))
