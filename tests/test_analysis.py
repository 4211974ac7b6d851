"""Dates, counts and intervals of the chapters: the odd cases, and what was published of them."""

import json
import math
from typing import Any

import pandas as pd
import pytest

from thesis.analysis.casualties import killed
from thesis.analysis.dates import in_calendar, month_length, printed_day, span, when
from thesis.analysis.intervals import clopper_pearson, interval_text, wilson
from thesis.language import LANGUAGES, date, day_of_month, days

from .conftest import REPOSITORY

SPACE = "\N{NARROW NO-BREAK SPACE}"  # between a year and «ж.»


def event(precision: str, printed: Any = pd.NA, **parts: Any) -> dict[str, Any]:
    """A row of events with nothing printed but what is given; days as “2024-11-20”."""
    days_given = {name: pd.Timestamp(parts.pop(name)) if name in parts else pd.NaT for name in ("date", "date_end")}
    return {
        "date_precision": precision, "date_printed": printed, "year": pd.NA, "month": pd.NA, **days_given, **parts
    }  # fmt: skip


@pytest.mark.parametrize(
    ("row", "kazakh", "english"),
    [
        (event("day", date="2011-05-31", year=2011, month=5), f"2011{SPACE}ж. 31 мамыр", "31 May 2011"),
        (event("month", year=2003, month=12), f"2003{SPACE}ж. желтоқсан", "December 2003"),
        (
            event("interval", date="2024-11-20", date_end="2024-11-22", year=2024, month=11),
            f"2024{SPACE}ж. 20–22 қараша",
            "20–22 November 2024",
        ),
        (
            event("interval", date="2024-11-30", date_end="2024-12-02", year=2024, month=11),
            f"2024{SPACE}ж. 30 қараша – 2 желтоқсан",
            "30 November – 2 December 2024",
        ),
        (
            event("interval", date="2024-12-30", date_end="2025-01-02", year=2024, month=12),
            f"2024{SPACE}ж. 30 желтоқсан – 2025{SPACE}ж. 2 қаңтар",
            "30 December 2024 – 2 January 2025",
        ),
        (event("interval", date="2024-05-02", year=2024, month=5), f"2024{SPACE}ж. 2 мамыр", "2 May 2024"),
        (event("interval", year=1999, year_end=2000), "1999–2000 ж.", "1999–2000"),
        (event("year", "2016 жылы көктем", year=2016), "2016 ж.", "2016"),
        (event("year", year=2016, year_end=pd.NA), "2016 ж.", "2016"),
        (
            event("unknown", "2024 жыл 31 қараша", year=2024, month=11),
            f"2024{SPACE}ж. 31 қараша",
            "31 November 2024",
        ),
        (event("unknown"), "—", "—"),
    ],
)
def test_a_date_is_as_exact_as_it_is_printed(row: dict[str, Any], kazakh: str, english: str) -> None:
    assert (when(row, "kk"), when(row, "en")) == (kazakh, english)
    assert (when(pd.Series(row), "kk"), when(pd.Series(row), "en")) == (kazakh, english)


@pytest.mark.parametrize(
    ("row", "first", "last"),
    [
        (event("day", date="2011-05-31", year=2011, month=5), "2011-05-31", "2011-05-31"),
        (event("interval", date="2024-11-30", date_end="2024-12-02"), "2024-11-30", "2024-12-02"),
        (event("month", year=2012, month=2), "2012-02-01", "2012-02-29"),
        (event("month", year=2023, month=12), "2023-12-01", "2023-12-31"),
        (event("year", year=2016), "2016-01-01", "2016-12-31"),
        (event("interval", year=2008, year_end=2009), "2008-01-01", "2009-12-31"),
        (event("unknown", "2024 жыл 31 қараша", year=2024, month=11), "2024-11-01", "2024-11-30"),
    ],
)
def test_a_span_has_every_day_that_the_printed_date_allows(row: dict[str, Any], first: str, last: str) -> None:
    assert span(row) == (pd.Timestamp(first), pd.Timestamp(last))


def test_a_table_may_lack_the_columns_it_has_no_use_for() -> None:
    row = {"date_precision": "year", "date": pd.NaT, "year": 1988}
    assert span(row) == (pd.Timestamp("1988-01-01"), pd.Timestamp("1988-12-31"))
    assert when(row, "en") == "1988"


def test_without_a_year_there_is_no_span() -> None:
    with pytest.raises(ValueError, match="without a year"):
        span(event("unknown"))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024 жылы 31 мамыр", (2024, 5, 31)),
        ("2024 жыл 31 қараша", (2024, 11, 31)),
        ("2009 жылы 28 тамызда қабылданды.", (2009, 8, 28)),
        ("2016 жылы көктем", None),
        ("2024 жыл қараша", None),
        ("", None),
    ],
)
def test_a_printed_day_is_read_even_where_no_calendar_has_it(text: str, day: tuple[int, int, int] | None) -> None:
    assert printed_day(text) == day


@pytest.mark.parametrize(
    ("day", "there", "length"),
    [((2024, 11, 31), False, 30), ((2024, 2, 29), True, 29), ((2023, 2, 29), False, 28), ((2024, 5, 0), False, 31)],
)
def test_the_calendar_decides_which_days_there_are(day: tuple[int, int, int], there: bool, length: int) -> None:
    assert in_calendar(day) is there
    assert month_length(day) == length


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("day", pd.date_range("2024-01-01", "2024-12-31", freq="29D"))
def test_one_day_is_written_as_a_day(day: pd.Timestamp, language: str) -> None:
    assert days(day, day, language) == day_of_month(str(day.day), day, language) == date(day, language)


def test_the_dead_are_the_printed_total_or_the_groups_together() -> None:
    rows = pd.DataFrame(
        {
            "killed_total": [5, pd.NA, pd.NA, pd.NA],
            "security_forces_killed": [1, 2, 0, pd.NA],
            "civilians_killed": [1, pd.NA, pd.NA, pd.NA],
            "perpetrators_killed": [1, 3, pd.NA, pd.NA],
        },
        dtype="Int64",
    )
    assert killed(rows).tolist() == [5, 5, 0, pd.NA]
    assert killed(rows.assign(unspecified_killed=pd.array([1, 1, 1, 1], "Int64"))).tolist() == [5, 6, 1, 1]


# As SciPy's binomtest gives them.
@pytest.mark.parametrize(
    ("count", "total", "by_wilson", "exact"),
    [
        (0, 10, (0.0, 0.277532799862889), (0.0, 0.308497107818763)),
        (1, 10, (0.017876213095073, 0.404150026795239), (0.002528578544463, 0.445016117028195)),
        (10, 10, (0.722467200137111, 1.0), (0.691502892181237, 1.0)),
        (16, 38, (0.278525011577587, 0.578076546563295), (0.263098237251487, 0.591785545880095)),
        (1, 1, (0.206549314377237, 1.0), (0.025, 1.0)),
    ],
)
def test_intervals_are_those_of_the_textbook(
    count: int, total: int, by_wilson: tuple[float, float], exact: tuple[float, float]
) -> None:
    assert wilson(count, total) == pytest.approx(by_wilson, abs=1e-12)
    assert clopper_pearson(count, total) == pytest.approx(exact, abs=1e-12)


@pytest.mark.parametrize(("count", "total"), [(1, 6), (3, 7), (11, 20), (39, 40)])
def test_the_limits_of_the_exact_interval_leave_a_fortieth_on_either_side(count: int, total: int) -> None:
    low, high = clopper_pearson(count, total)

    def chance(share: float, counts: range) -> float:
        return sum(math.comb(total, some) * share**some * (1 - share) ** (total - some) for some in counts)

    assert chance(low, range(count, total + 1)) == pytest.approx(0.025)
    assert chance(high, range(count + 1)) == pytest.approx(0.025)


@pytest.mark.parametrize("interval", [wilson, clopper_pearson])
@pytest.mark.parametrize(("count", "total"), [(0, 0), (-1, 3), (4, 3)])
def test_what_is_no_share_has_no_interval(interval: Any, count: int, total: int) -> None:
    with pytest.raises(ValueError, match=f"{count} of {total} is no share"):
        interval(count, total)


def test_an_interval_is_written_in_whole_per_cent() -> None:
    assert [interval_text(16, 38, language) for language in LANGUAGES] == ["28–58%", "28–58%"]


def test_the_recorded_table_of_acts_has_the_dates_of_the_text() -> None:
    record = json.loads((REPOSITORY / "figures" / "tbl-events-acts.json").read_text(encoding="utf-8"))
    dates = {language: {row[0]: row[1] for row in record[language][1:]} for language in LANGUAGES}
    acts = pd.read_csv(REPOSITORY / "data" / "3.1" / "verbal_acts.csv").set_index("id")
    for act, kazakh, english in [
        ("anti-terrorist-centre-decree", f"2003{SPACE}ж. желтоқсан", "December 2003"),
        ("banned-organisations-2006", f"2006{SPACE}ж. қазан", "October 2006"),
        ("committee-against-terrorism", f"2016{SPACE}ж. қыркүйек", "September 2016"),
        ("osce-training-seminar", f"2024{SPACE}ж. 20–22 қараша", "20–22 November 2024"),
        ("state-programme-2018-2022", "2018–2022", "2018–2022"),
    ]:
        assert dates["kk"][acts.at[act, "name_kk"]] == kazakh
        assert dates["en"][acts.at[act, "name_en"]] == english
    for language in LANGUAGES:  # whatever its precision, a date has its year
        for name, year in zip(acts[f"name_{language}"], acts["year"].astype("Int64").astype("string"), strict=True):
            assert dates[language][name] == "—" if pd.isna(year) else year in dates[language][name]
