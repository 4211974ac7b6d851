"""What can be taken away from a figure or a table."""

import datetime
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
import vl_convert

from thesis.language import LANGUAGES
from thesis.references import named_sources
from thesis.site.downloads import Rows, as_csv, as_png, as_workbook, chart_rows, table_rows

from .conftest import REPOSITORY

RECORD: dict[str, Any] = {
    "en": [
        ["Name", "Score", "Day", "Known"],
        ["Kazakhstan", 7.89, {"date": "2024-03-08"}, True],
        ["=1+1", -3, None, False],
    ]
}
ROWS: Rows = [
    ["Name", "Score", "Day", "Known"],
    ["Kazakhstan", 7.89, datetime.date(2024, 3, 8), True],
    ["=1+1", -3, None, False],
]
CHARTS = sorted(path for path in (REPOSITORY / "figures").glob("*.??.json"))


TABLES = sorted((REPOSITORY / "figures").glob("tbl-*.json"))
MARKUP = re.compile(r"\[@|\]\(|\]\{|\{[.#]|\*\*|`|</?[a-z]+|\\[^\w\s]")


def test_a_table_is_taken_away_as_values() -> None:
    assert table_rows(RECORD, "en", {}) == ROWS


def test_a_citation_is_taken_away_as_author_and_year() -> None:
    sources = {"a_1": "Әділет 1999", "b": "Nobody & Sons"}
    record = {"kk": [["3 [@a_1; @b, бет 5]; 2 (қосымша) [@b]", "a@b.kz"]]}
    assert table_rows(record, "kk", sources) == [
        ["3 (Әділет 1999; Nobody & Sons, бет 5); 2 (қосымша) (Nobody & Sons)", "a@b.kz"]
    ]


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_no_table_is_taken_away_with_marks_of_the_page(path: Path) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    sources = named_sources(REPOSITORY / "references.bib")
    for language in LANGUAGES:
        texts = [cell for row in table_rows(record, language, sources) for cell in row if isinstance(cell, str)]
        assert [text for text in texts if MARKUP.search(text)] == []


def test_csv_has_points_iso_days_and_the_mark_that_spreadsheets_look_for() -> None:
    assert as_csv(ROWS) == "\ufeffName,Score,Day,Known\r\nKazakhstan,7.89,2024-03-08,true\r\n=1+1,-3,,false\r\n"


def test_a_workbook_holds_numbers_days_and_texts_that_are_no_formulas() -> None:
    with zipfile.ZipFile(io.BytesIO(as_workbook(ROWS))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        words = book.read("xl/sharedStrings.xml").decode()
    assert "<v>7.89</v>" in sheet and "<v>-3</v>" in sheet
    assert "<v>45359</v>" in sheet  # 8 March 2024, as Excel counts days
    assert 't="b"' in sheet and "<f>" not in sheet
    assert "=1+1" in words and "[" not in words.split("?>")[1]


def test_the_same_rows_are_the_same_workbook() -> None:
    assert as_workbook(ROWS) == as_workbook(ROWS)
    assert as_workbook(ROWS) != as_workbook(ROWS[:2])


@pytest.mark.parametrize("path", CHARTS, ids=lambda path: path.stem)
def test_every_chart_has_rows_to_take_away(path: Path) -> None:
    language = path.stem[-2:]
    heading, *rows = chart_rows(json.loads(path.read_text(encoding="utf-8")), language)
    assert rows and all(len(row) == len(heading) for row in rows)
    assert all(any(value is not None for value in row) for row in rows)
    cyrillic = any("Ѐ" <= letter <= "ӿ" for letter in "".join(heading))
    assert cyrillic == (language == "kk"), heading


def test_a_picture_is_on_paper_at_twice_its_size() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><path d="M0,0h5v5h-5Z" fill="#000000"/></svg>'
    png = as_png(svg)
    assert (int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")) == (60, 40)
    assert png != vl_convert.svg_to_png(svg, scale=2)
