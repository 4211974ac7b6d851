"""Numbers and dates as each language of the site writes them.

Kazakh and English are equal: whatever a reader sees is a :data:`Text`, one string a
language. The forms come from the Unicode CLDR by way of Babel, so that prose, tables and
charts agree (decimal comma and no-break space in Kazakh, point and comma in English).
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable
from numbers import Real
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal

LANGUAGES = ("kk", "en")
"""The site's languages, the default one first."""

Text = dict[str, str]
"""One string a language: ``{"kk": …, "en": …}``."""

_LOCALES = {"kk": Locale.parse("kk"), "en": Locale.parse("en_GB")}
_MINUS = "\N{MINUS SIGN}"
_AND: Text = {"kk": "және", "en": "and"}
_WITH_ARTICLE = {
    "Democratic Republic of the Congo",
    "EU",
    "European Union",
    "Middle East",
    "UAE",
    "UK",
    "USA",
    "United Arab Emirates",
    "United Kingdom",
    "United States",
}
"""Names before which an English sentence puts “the”; Kazakh has no article."""


class _Written(str):
    """Text that stands in prose as it is.

    Quarto takes a string's `repr` for its text, and there a no-break space is an escape.
    """

    def _repr_markdown_(self) -> str:
        return str(self)


def number(value: float, language: str, decimals: int = 0, sign: bool = False) -> str:
    """Write a number for a reader.

    value: any real number; decimals: digits after the decimal mark, always that many;
    sign: write the plus sign of a positive number too. Raises ValueError for a missing
    value: a gap must be shown as a gap by whoever knows why it is there.
    """
    if not isinstance(value, Real) or math.isnan(value):  # pandas has missing values that are no numbers
        raise ValueError("a missing value has no number to write")
    digits = "#,##0" + ("." + "0" * decimals if decimals else "")
    text = format_decimal(abs(value), format=digits, locale=_LOCALES[language])
    if any(character in text for character in "123456789∞"):  # what rounds to zero has no sign
        text = (_MINUS if value < 0 else "+" if sign else "") + text
    return _Written(text)


def percent(share: float, language: str, decimals: int = 0) -> str:
    """Write a share of one (0.25) as a percentage: “25%”. Raises ValueError for a missing value."""
    return _Written(f"{number(100 * share, language, decimals)}%")


def listed(words: Iterable[str], language: str) -> str:
    """Write several words as a phrase: «А, Ә және Б», “A, B and C”; nothing when there are none.

    The names of countries and areas that English uses with an article get it.
    """
    if language == "en":
        words = [f"the {word}" if word in _WITH_ARTICLE else word for word in words]
    *first, last = [*words] or [""]
    return _Written(f"{', '.join(first)} {_AND[language]} {last}" if first else last)


def date(value: datetime.date, language: str) -> str:
    """Write a day: «2024 ж. 18 наурыз», “18 March 2024”."""
    return _Written(format_date(value, format="long", locale=_LOCALES[language]))


def days(first: datetime.date, last: datetime.date, language: str) -> str:
    """Write the days from one to another: «2024 ж. 2–3 мамыр», “30 November – 2 December 2024”; one day as itself."""
    if (first.year, first.month) == (last.year, last.month):
        return day_of_month(str(first.day) if first.day == last.day else f"{first.day}–{last.day}", last, language)
    written = [date(first, language), date(last, language)]
    if first.year == last.year:  # said once, where the language has it: Kazakh before the day, English after it
        shorter = {"kk": 1, "en": 0}[language]
        written[shorter] = format_skeleton("MMMMd", (first, last)[shorter], locale=_LOCALES[language])
    return _Written(" – ".join(written))


def day_of_month(day: str, value: datetime.date, language: str) -> str:
    """Write a day, or several, of the month that `value` falls in, even a day that it has not: “31 November 2024”."""
    pattern = _LOCALES[language].date_formats["long"].pattern
    return _Written(format_date(value, format=re.sub(r"\bd\b", f"'{day}'", pattern), locale=_LOCALES[language]))


def month(value: datetime.date, language: str) -> str:
    """Write the month that a day falls in: «2024 ж. наурыз», “March 2024”."""
    return _Written(format_skeleton("yMMMM", value, locale=_LOCALES[language]))


def month_name(month: int, language: str) -> str:
    """The name of a month of the year, 1 to 12: «наурыз», “March”. Raises KeyError for any other number."""
    return _Written(_LOCALES[language].months["format"]["wide"][month])


def chart_locale(language: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The number and the time locale of Vega (d3-format, d3-time-format) for a language."""
    locale = _LOCALES[language]
    symbols = locale.number_symbols["latn"]
    months, days = locale.months["stand-alone"], locale.days["stand-alone"]
    # CLDR counts the days of a week from Monday (0), d3 from Sunday.
    week = [6, 0, 1, 2, 3, 4, 5]
    numbers = {
        "decimal": symbols["decimal"],
        "thousands": symbols["group"],
        "grouping": [3],
        "currency": ["", ""],
        "minus": _MINUS,
    }
    times = {
        "dateTime": "%x, %X",
        "date": "%d.%m.%Y" if language == "kk" else "%d/%m/%Y",
        "time": "%H:%M:%S",
        "periods": ["AM", "PM"],
        "days": [days["wide"][day] for day in week],
        "shortDays": [days["abbreviated"][day] for day in week],
        "months": [months["wide"][month] for month in range(1, 13)],
        "shortMonths": [months["abbreviated"][month] for month in range(1, 13)],
    }
    return numbers, times
