"""Numbers, dates and the charts' locale as each language writes them."""

import datetime

import pandas as pd
import pytest
from IPython.core.formatters import DisplayFormatter

from thesis.language import LANGUAGES, chart_locale, date, listed, month, number, percent

SPACE, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
DAY = datetime.date(2024, 3, 8)


@pytest.mark.parametrize(
    ("value", "language", "decimals", "written"),
    [
        (1234567.5, "kk", 1, f"1{SPACE}234{SPACE}567,5"),
        (1234567.5, "en", 1, "1,234,567.5"),
        (8.571, "kk", 3, "8,571"),
        (8.571, "en", 3, "8.571"),
        (7.9, "en", 3, "7.900"),
        (163, "kk", 0, "163"),
        (999.6, "en", 0, "1,000"),
        (-1234, "kk", 0, f"\N{MINUS SIGN}1{SPACE}234"),
        (-17.5, "en", 1, "\N{MINUS SIGN}17.5"),
        (0, "kk", 0, "0"),
        (0, "en", 3, "0.000"),
    ],
)
def test_a_number_is_written_as_its_language_does(value: float, language: str, decimals: int, written: str) -> None:
    assert number(value, language, decimals) == written


@pytest.mark.parametrize("value", [-0.2, 0.2, -0.0])
def test_a_number_that_rounds_to_zero_has_no_sign(value: float) -> None:
    assert number(value, "en", sign=True) == "0"


@pytest.mark.parametrize(
    ("value", "written"), [(3, "+3,0"), (-3, "\N{MINUS SIGN}3,0"), (0, "0,0"), (0.04, "0,0"), (0.06, "+0,1")]
)
def test_a_plus_is_written_only_where_asked_for(value: float, written: str) -> None:
    assert number(value, "kk", 1, sign=True) == written
    assert number(value, "kk", 1) == written.removeprefix("+")


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT], ids=str)
def test_a_missing_value_is_never_written_as_a_number(missing: float) -> None:
    with pytest.raises(ValueError, match=r"^a missing value has no number to write$"):
        number(missing, "en")


def test_a_day_and_its_month_are_written_in_words() -> None:
    assert (date(DAY, "kk"), month(DAY, "kk")) == (f"2024{NARROW}ж. 8 наурыз", f"2024{NARROW}ж. наурыз")
    assert (date(DAY, "en"), month(DAY, "en")) == ("8 March 2024", "March 2024")


def test_every_month_has_a_name_of_its_own_in_both_languages() -> None:
    names = {month(datetime.date(2024, place, 1), language) for place in range(1, 13) for language in LANGUAGES}
    assert len(names) == 24


@pytest.mark.parametrize(
    "text", [number(1234, "kk"), date(DAY, "kk"), month(DAY, "kk")], ids=["number", "date", "month"]
)
def test_inline_code_shows_the_no_break_space_itself_not_its_escape(text: str) -> None:
    # Quarto puts the Markdown form of an inline value into the prose, else its repr.
    data, _ = DisplayFormatter().format(text)  # type: ignore[no-untyped-call]
    assert data["text/markdown"] == text
    assert SPACE in text or NARROW in text


@pytest.mark.parametrize(
    ("language", "sunday", "saturday", "january", "december"),
    [("kk", "жексенбі", "сенбі", "Қаңтар", "Желтоқсан"), ("en", "Sunday", "Saturday", "January", "December")],
)
def test_the_week_of_a_chart_starts_on_sunday_and_its_year_has_twelve_months(
    language: str, sunday: str, saturday: str, january: str, december: str
) -> None:
    _, times = chart_locale(language)
    assert (times["days"][0], times["days"][6], len(times["days"])) == (sunday, saturday, 7)
    assert (times["months"][0], times["months"][11], len(times["months"])) == (january, december, 12)
    assert len(set(times["shortDays"])) == 7
    assert len(set(times["shortMonths"])) == 12


@pytest.mark.parametrize(("language", "decimal", "thousands"), [("kk", ",", SPACE), ("en", ".", ",")])
def test_a_chart_writes_numbers_as_the_prose_does(language: str, decimal: str, thousands: str) -> None:
    numbers, _ = chart_locale(language)
    assert (numbers["decimal"], numbers["thousands"], numbers["minus"]) == (decimal, thousands, "\N{MINUS SIGN}")
    assert number(-1234.5, language, 1) == f"\N{MINUS SIGN}1{numbers['thousands']}234{numbers['decimal']}5"


@pytest.mark.parametrize(
    ("words", "kazakh", "english"),
    [
        ([], "", ""),
        (["А"], "А", "А"),
        (["А", "Ә"], "А және Ә", "А and Ә"),
        (["А", "Ә", "Б"], "А, Ә және Б", "А, Ә and Б"),
        (["Türkiye", "United States"], "Türkiye және United States", "Türkiye and the United States"),
    ],
)
def test_words_are_joined_as_a_sentence_joins_them(words: list[str], kazakh: str, english: str) -> None:
    assert (listed(iter(words), "kk"), listed(iter(words), "en")) == (kazakh, english)


def test_a_share_is_written_in_per_cent() -> None:
    assert (percent(0.256, "kk", 1), percent(0.256, "en", 1), percent(0.256, "en")) == ("25,6%", "25.6%", "26%")
    with pytest.raises(ValueError, match="missing"):
        percent(float("nan"), "en")
