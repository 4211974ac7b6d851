"""The checks of the ledger: small named functions that compute from ``data/`` what a claim states.

A check is asked about some rows of a table (:class:`Question`) and answers with one value
(:class:`Finding`). It knows nothing of the claim: whether the value is the printed one is
judged in :mod:`thesis.ledger.claims`.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd

from thesis.ledger import queries

Reader = Callable[[str], pd.DataFrame]
"""Gives a table of ``data/`` by name: :func:`thesis.data.load`, or altered tables in a test."""


class UnanswerableError(ValueError):
    """A check cannot answer the question as it is put; the message says why."""


@dataclass(frozen=True)
class Question:
    """What a check is asked.

    claim: the claim's id; table: a table of ``data/``; rows: which of its rows, in the
    grammar of :mod:`thesis.ledger.queries`, all of them when empty; column: a column of it or an expression over
    columns; among_table, among: other rows to hold them against, of the same table when
    `among_table` is empty.
    """

    claim: str
    table: str
    rows: str
    column: str
    among_table: str
    among: str
    read: Reader

    def selected(self) -> pd.DataFrame:
        """The rows in question; raises UnanswerableError for a query that cannot be asked."""
        return _matching(self.read, self.table, self.rows)

    def others(self) -> pd.DataFrame:
        """The rows they are held against."""
        return _matching(self.read, self.among_table or self.table, self.among)


class Tables:
    """A reader that reads each table once and answers each query once."""

    def __init__(self, read: Reader) -> None:
        self.read = cache(read)
        self.matching = cache(self._matching)
        self.by_claim = cache(self._by_claim)

    def __call__(self, name: str) -> pd.DataFrame:
        """The table of this name."""
        return self.read(name)

    def _matching(self, table: str, query: str) -> pd.DataFrame:
        return queries.matching(self.read(table), query)

    def _by_claim(self, table: str, query: str) -> dict[str, Any]:
        """Where the rows of each claim stand: hundreds of claims look into the same table."""
        rows = self.matching(table, query) if query else self.read(table)
        return {str(claim): places for claim, places in rows.groupby("claim").indices.items()}


def _matching(read: Reader, table: str, query: str) -> pd.DataFrame:
    try:
        if not query:
            return read(table)
        return read.matching(table, query) if isinstance(read, Tables) else queries.matching(read(table), query)
    except KeyError as error:
        raise UnanswerableError(str(error.args[0]) if error.args else str(error)) from error
    except Exception as error:  # pandas lets through whatever its own columns raise
        raise UnanswerableError(f"“{query}” cannot be asked of the table “{table}”: {error}") from error


@dataclass(frozen=True)
class Finding:
    """What a check found: the value (None when there is nothing to compute it from) and its evidence.

    values: all values found, where several sources were asked; `value` is the first of them.
    """

    value: Any
    evidence: pd.DataFrame
    values: tuple[Any, ...] = ()


Check = Callable[[Question], Finding]
CHECKS: dict[str, Check] = {}
"""Every check by its name, as ``data/claims.csv`` calls it."""


def _check(function: Check) -> Check:
    """Register a check; ``METHODS`` of :mod:`thesis.words` says to a reader what it does."""
    CHECKS[function.__name__] = function
    return function


def _values(rows: pd.DataFrame, column: str) -> pd.Series[Any]:
    """One value a row; raises UnanswerableError where no row or no value is left."""
    if rows.empty:
        raise UnanswerableError("no row answers the question")
    try:
        values = pd.Series(rows[column] if column in rows else queries.computed(rows, column), index=rows.index)
    except Exception as error:  # as in _matching
        raise UnanswerableError(f"“{column}” is no column and cannot be computed: {error}") from error
    known = values.dropna() if values.hasnans else values
    if known.empty:
        raise UnanswerableError(f"“{column}” is empty in every row that answers the question")
    return known


def _distinct(rows: pd.DataFrame, column: str) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(_values(rows, column)))


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
def share(question: Question) -> Finding:
    """How many per cent of the others the rows are."""
    rows, others = question.selected(), question.others()
    if others.empty:
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
    return Finding(len(missing), rows[rows[question.column].isin(missing)] if missing else rows)


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
    everything = question.selected()
    if "claim" not in everything:
        raise UnanswerableError(f"the table “{question.table}” has no column “claim” to look in")
    if isinstance(question.read, Tables):
        rows = queries.at(everything, question.read.by_claim(question.table, question.rows).get(question.claim, []))
    else:
        rows = queries.chosen(everything, everything["claim"] == question.claim)
    if rows.empty:
        return Finding(None, rows)
    found = _distinct(rows, question.column)
    return Finding(found[0], rows, found)
