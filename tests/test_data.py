"""Loading the thesis's tables, and the places in the thesis that rows point to."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from thesis.data import describe, field_title, load, locus, place
from thesis.descriptions import build_package
from thesis.language import Text

from .conftest import write_description

DATA = Path(__file__).parents[1] / "data"
TABLES: dict[str, dict[str, Any]] = {resource["name"]: resource for resource in build_package(DATA.parent)["resources"]}
POINTING = [
    (name, field["name"])
    for name, resource in TABLES.items()
    for field in resource["schema"]["fields"]
    if field["name"] == "locus" or field["name"].endswith("_locus")
]
DTYPES = {"string": "string", "integer": "Int64", "number": "Float64", "boolean": "boolean", "year": "Int64"}


@pytest.fixture
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The `data/` of a project with one table, in which every type occurs."""
    types = ("string", "integer", "number", "boolean", "year", "date")
    (tmp_path / "_quarto.yml").touch()
    data = tmp_path / "data"
    write_description(tmp_path, "typed", {kind: {"type": kind} for kind in types})
    rows = (
        "string,integer,number,boolean,year,date\nҚазақстан,12,8.571,true,2024,2024-03-08\n,,,,,\nNA,-1,0,false,1999,\n"
    )
    (data / "typed.csv").write_text(rows, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return data


@pytest.mark.parametrize("name", TABLES)
def test_every_column_has_the_type_its_description_gives(name: str) -> None:
    rows = load(name)
    fields = {field["name"]: field["type"] for field in TABLES[name]["schema"]["fields"]}
    words = [field["name"] for field in TABLES[name]["schema"]["fields"] if "labels" in field]
    assert list(rows.columns) == [*fields, *(f"{column}_{language}" for column in words for language in ("kk", "en"))]
    fields |= {column: "string" for column in rows.columns if column not in fields}
    for column, kind in fields.items():
        if kind == "date":
            assert pd.api.types.is_datetime64_dtype(rows[column]), column
        else:
            assert rows[column].dtype == DTYPES[kind], column


def test_each_type_is_read_as_itself_and_an_empty_cell_as_missing(described: Path) -> None:
    rows = load("typed")
    assert rows.iloc[0].tolist() == ["Қазақстан", 12, 8.571, True, 2024, pd.Timestamp(2024, 3, 8)]
    assert rows.iloc[1].isna().all()
    assert {column: str(kind) for column, kind in rows.dtypes.items() if column != "date"} == DTYPES


def test_a_whole_number_stays_whole_beside_a_missing_one(described: Path) -> None:
    assert str(load("typed")["integer"][0]) == "12"


def test_a_cell_that_says_na_is_text_not_a_gap(described: Path) -> None:
    assert load("typed")["string"][2] == "NA"


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("mark", ["", "\N{BOM}"], ids=["no BOM", "BOM"])
def test_a_byte_order_mark_and_windows_line_ends_change_nothing(described: Path, mark: str, line_end: str) -> None:
    expected = load("typed")
    text = (described / "typed.csv").read_text(encoding="utf-8")
    (described / "typed.csv").write_bytes((mark + text.replace("\n", line_end)).encode())
    pd.testing.assert_frame_equal(load("typed"), expected)


def test_an_unknown_table_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(KeyError) as error:
        load("gti_2025")
    known = ", ".join(sorted(TABLES))
    assert error.value.args == (f"data/ describes no table “gti_2025”; it describes {known}",)


def test_a_field_has_a_heading_in_both_languages(described: Path) -> None:
    assert field_title(describe("typed"), "year") == {"kk": "year kk", "en": "year en"}
    with pytest.raises(KeyError, match=r"table “typed” has no field “month”"):
        field_title(describe("typed"), "month")


@pytest.mark.parametrize(
    ("row", "place"),
    [
        ("x,2.1,table,6,…", {"kk": "6-кесте, 2.1-бөлім", "en": "Table 6, §2.1"}),
        ("x,3.2,figure,4,…", {"kk": "4-сурет, 3.2-бөлім", "en": "Figure 4, §3.2"}),
        (
            "x,1.2,paragraph,7,Ал келесі",
            {"kk": "1.2-бөлім, 7-абзац («Ал келесі…»)", "en": "§1.2, paragraph 7 («Ал келесі…»)"},
        ),
        (
            "x,introduction,paragraph,2,Сөз",
            {"kk": "Кіріспе, 2-абзац («Сөз…»)", "en": "Introduction, paragraph 2 («Сөз…»)"},
        ),
        ("x,appendix-a,table,A.1,…", {"kk": "A.1-кесте, А қосымшасы", "en": "Table A.1, Appendix A"}),
    ],
    ids=["table", "figure", "paragraph", "named section", "appendix"],
)
def test_a_locus_says_where_to_look_in_both_languages(described: Path, row: str, place: Text) -> None:
    header = (DATA / "loci.csv").read_text(encoding="utf-8").splitlines()[0]
    (described / "loci.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    assert locus("x") == place


@pytest.mark.parametrize(
    ("row", "whole", "within"),
    [
        ("x,1.2,paragraph,7,Ал келесі", "§1.2, paragraph 7", "paragraph 7"),
        ("x,appendix-a,paragraph,4,Сөз", "Appendix A, paragraph 4", "paragraph 4"),
        ("x,2.1,table,6,…", "Table 6, §2.1", "Table 6, §2.1"),
    ],
    ids=["paragraph", "named section", "table"],
)
def test_a_place_is_a_locus_without_its_opening_words(described: Path, row: str, whole: str, within: str) -> None:
    header = (DATA / "loci.csv").read_text(encoding="utf-8").splitlines()[0]
    (described / "loci.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    assert (place("x", "en"), place("x", "en", with_section=False)) == (whole, within)


def test_an_unknown_locus_is_an_error() -> None:
    with pytest.raises(KeyError, match="table-99"):
        locus("table-99")


def test_the_last_day_is_the_latest_one_that_the_thesis_tells_of() -> None:
    told = set()
    for name, resource in TABLES.items():
        fields = {field["name"]: field for field in resource["schema"]["fields"]}
        for column, field in fields.items() if "locus" in fields else ():
            if field["type"] == "date" and not field.get("planned"):
                rows = load(name).dropna(subset=column)
                told |= {(f"{day:%Y-%m-%d}", at) for day, at in zip(rows[column], rows["locus"], strict=True)}
    package = build_package(DATA.parent)
    assert max(told) == (package["last_day"], package["last_day_locus"])


@pytest.mark.parametrize(("name", "column"), POINTING)
def test_every_locus_a_row_points_to_exists(name: str, column: str) -> None:
    for identifier in load(name)[column].dropna().unique():
        assert set(locus(identifier)) == {"kk", "en"}


def test_every_section_of_the_thesis_has_a_name_in_both_languages() -> None:
    for identifier in load("loci").drop_duplicates("section")["id"]:
        place = locus(identifier)
        assert not re.search("§[a-z]", place["en"]), "a section that data.py has no name for"
        assert place["kk"] != place["en"]
