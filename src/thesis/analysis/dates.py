"""Dates and spans of events, no more exact than the thesis prints them.

An event is a row of a table with `date_precision`, `date` and `year`; one whose table has
`date_printed`, `month`, `date_end` or `year_end` is told by these too.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from thesis.language import day_of_month, days, month

if TYPE_CHECKING:
    Event = Mapping[str, Any] | pd.Series[Any]

_MONTHS = (
    *("қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым"),
    *("шілде", "тамыз", "қыркүйек", "қазан", "қараша", "желтоқсан"),
)
_PRINTED_DAY = re.compile(rf"(\d{{4}})\D+(\d{{1,2}})\s+({'|'.join(_MONTHS)})")


def span(event: Event) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The first and the last day on which the printed date lets an event be.

    A month is all its days, and so are a year and several years. Raises ValueError for an
    event without any year.
    """
    if pd.notna(event["date"]):
        end = event.get("date_end")
        return event["date"], event["date"] if end is None or pd.isna(end) else end
    if pd.isna(event["year"]):
        raise ValueError("an event without a year has no first and last day")
    year, last_year, number = int(event["year"]), event.get("year_end"), event.get("month")
    first_month, last_month = (1, 12) if number is None or pd.isna(number) else (int(number), int(number))
    last = pd.Timestamp(year if last_year is None or pd.isna(last_year) else int(last_year), last_month, 1)
    return pd.Timestamp(year, first_month, 1), last + pd.offsets.MonthEnd(0)


def printed_day(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of a printed date such as «2024 жылы 31 мамыр»; None when it has no day.

    The day may be one that no calendar has; :func:`in_calendar` tells.
    """
    found = _PRINTED_DAY.search(text)
    return (int(found[1]), _MONTHS.index(found[3]) + 1, int(found[2])) if found else None


def in_calendar(day: tuple[int, int, int]) -> bool:
    """Whether the month has that day: year, month, day."""
    return 1 <= day[2] <= month_length(day)


def month_length(day: tuple[int, int, int]) -> int:
    """How many days the month of a day has: year, month, day."""
    return calendar.monthrange(*day[:2])[1]


def when(event: Event, language: str) -> str:
    """An event's date for a reader, as exact as the thesis prints it; “—” when it prints none.

    A day that no calendar has is written as it is printed: “31 November 2024”.
    """
    precision = event["date_precision"]
    if precision in ("day", "interval") and pd.notna(event["date"]):
        return days(*span(event), language)
    if precision == "month":
        return month(span(event)[0], language)
    printed = event.get("date_printed")
    impossible = None if printed is None or pd.isna(printed) else printed_day(printed)
    if impossible is not None and not in_calendar(impossible):
        year, number, day = impossible
        return day_of_month(str(day), pd.Timestamp(year, number, 1), language)
    if pd.isna(event["year"]):
        return "—"
    last = event.get("year_end")
    years = str(event["year"]) if last is None or pd.isna(last) else f"{event['year']}–{last}"
    return f"{years} ж." if language == "kk" else years
