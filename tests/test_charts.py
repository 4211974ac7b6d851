"""The files a chart leaves in figures/."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import altair as alt
import lxml.etree
import pandas as pd
import pytest
import vl_convert

from thesis.charts import legend, palette, title, write_chart
from thesis.drawing import NARROW, WIDE

from .conftest import REPOSITORY

ALTERNATIVE = 'Жолақтар: "бір" <екі> & үш'


def chart() -> alt.LayerChart:
    """Bars with a gradient legend and a clip path, both of which have ids in an SVG."""
    rows = pd.DataFrame({"name": ["Әнет", "Қоңыр"], "value": [1234.5, 2.25]})
    base = alt.Chart(rows).encode(alt.X("value:Q"), alt.Y("name:N"), alt.Color("value:Q"))
    labels = base.mark_text().encode(alt.Text("value:Q", format=",.2f"))
    drawn: alt.LayerChart = base.mark_bar(clip=True).properties(title=title("Тақырып")) + labels
    return drawn


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart in both languages."""
    folder = tmp_path_factory.mktemp("figures")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("THESIS_FIGURES", str(folder))
        for language in ("kk", "en"):
            write_chart(chart(), "bars", language, ALTERNATIVE)
    return folder


def svg(path: Path) -> Any:
    return lxml.etree.parse(path).getroot()


PICTURES = ("bars.kk.svg", "bars-narrow.kk.svg", "bars.en.svg", "bars-narrow.en.svg")


def test_a_chart_leaves_two_pictures_and_a_specification_in_each_language(figures: Path) -> None:
    assert {path.name for path in figures.iterdir()} == {*PICTURES, "bars.kk.json", "bars.en.json"}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_as_wide_as_its_screen(figures: Path, name: str) -> None:
    assert svg(figures / name).get("width") == str(NARROW if "narrow" in name else WIDE)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_says_in_words_what_it_shows(figures: Path, name: str) -> None:
    assert (svg(figures / name).get("role"), svg(figures / name).get("aria-label")) == ("img", ALTERNATIVE)


@pytest.mark.parametrize("name", PICTURES)
def test_text_stays_text_in_a_font_given_by_name(figures: Path, name: str) -> None:
    text = (figures / name).read_text(encoding="utf-8")
    assert set(re.findall(r'font-family="([^"]*)"', text)) == {"Golos Text"}
    assert {"Әнет", "Қоңыр", "Тақырып"} <= {element.text for element in svg(figures / name).iter("{*}text")}
    assert "@font-face" not in text
    assert "base64" not in text


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_loads_nothing(figures: Path, name: str) -> None:
    text = (figures / name).read_text(encoding="utf-8")
    assert set(re.findall(r"https?://[^\s\"]+", text)) <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


@pytest.mark.parametrize(("language", "written"), [("kk", "1\N{NO-BREAK SPACE}234,50"), ("en", "1,234.50")])
def test_numbers_in_a_picture_follow_the_language(figures: Path, language: str, written: str) -> None:
    assert written in {element.text for element in svg(figures / f"bars.{language}.svg").iter("{*}text")}


_WHOLE_WITH_A_POINT = re.compile(r"(?<![\d.])\d+\.0(?![\d.])")


def as_a_program_writes(picture: Path) -> list[str]:
    """Whole numbers that a picture, or the words for whoever does not see it, has with a point and a zero."""
    said = [element.text or "" for element in svg(picture).iter("{*}text")] + svg(picture).xpath("//@aria-label")
    return [number for text in said for number in _WHOLE_WITH_A_POINT.findall(text)]


def test_a_recorded_picture_says_no_number_as_a_program_writes_it() -> None:
    found = {picture.name: as_a_program_writes(picture) for picture in (REPOSITORY / "figures").glob("*.svg")}
    assert found
    assert {name: numbers for name, numbers in found.items() if numbers} == {}


def test_a_number_as_a_program_writes_it_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THESIS_FIGURES", str(tmp_path))
    write_chart(chart(), "bars", "kk", "2003 – 16.0; 3.1-бөлім, 07.01.2022")
    assert as_a_program_writes(tmp_path / "bars.kk.svg") == ["16.0"]


@pytest.mark.parametrize(("language", "written"), [("kk", "7,998"), ("en", "7.998")])
def test_a_picture_writes_a_number_with_all_its_digits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, written: str
) -> None:
    monkeypatch.setenv("THESIS_FIGURES", str(tmp_path))
    base = alt.Chart(pd.DataFrame({"score": [7.998]})).encode(alt.X("score:Q"))
    drawn: alt.LayerChart = base.mark_bar() + base.mark_text().encode(alt.Text("score:Q", format=".3f"))
    write_chart(drawn, "score", language, ALTERNATIVE)
    picture = svg(tmp_path / f"score.{language}.svg")
    assert written in {element.text for element in picture.iter("{*}text")}
    coordinates = "".join(picture.xpath("//@d | //@transform"))
    assert re.search(r"\d\.\d\d", coordinates) and not re.search(r"\.\d\d\d", coordinates)


def test_the_ids_inside_pictures_differ_from_picture_to_picture(figures: Path) -> None:
    found = [svg(figures / name).xpath("//@id") for name in PICTURES]
    assert all(found)
    assert len(set().union(*found)) == sum(map(len, found))


@pytest.mark.parametrize("name", PICTURES)
def test_every_reference_inside_a_picture_names_an_id_of_it(figures: Path, name: str) -> None:
    references = re.findall(r"url\(#([^)]+)\)", (figures / name).read_text(encoding="utf-8"))
    assert references
    assert set(references) <= set(svg(figures / name).xpath("//@id"))


def test_the_same_chart_is_the_same_files_whatever_was_drawn_before(
    figures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THESIS_FIGURES", str(tmp_path))
    write_chart(chart(), "bars", "kk", ALTERNATIVE)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (figures / path.name).read_bytes(), path.name


def test_a_chart_may_be_less_high_on_a_phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THESIS_FIGURES", str(tmp_path))

    def heights(**more: object) -> list[float]:
        write_chart(chart().properties(height=200, **more), "bars", "en", ALTERNATIVE)
        return [float(svg(tmp_path / name).get("height")) for name in ("bars.en.svg", "bars-narrow.en.svg")]

    (wide, narrow), (same, lower) = heights(), heights(usermeta={"narrowHeight": 150})
    assert same == wide
    assert narrow - lower == pytest.approx(50)


def test_the_same_chart_is_the_same_files_in_another_process(figures: Path, tmp_path: Path) -> None:
    program = "from tests.test_charts import *; write_chart(chart(), 'bars', 'en', ALTERNATIVE)"
    environment = {**os.environ, "THESIS_FIGURES": str(tmp_path), "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, env=environment, check=True)
    assert {path.name for path in tmp_path.iterdir()} == {"bars.en.svg", "bars-narrow.en.svg", "bars.en.json"}
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (figures / path.name).read_bytes(), path.name


@pytest.mark.parametrize("language", ["kk", "en"])
def test_the_specification_takes_the_width_it_is_given_and_knows_its_language(figures: Path, language: str) -> None:
    specification = json.loads((figures / f"bars.{language}.json").read_text(encoding="utf-8"))
    assert specification["width"] == "container"
    locale = specification["usermeta"]["embedOptions"]["formatLocale"]
    assert locale["decimal"] == {"kk": ",", "en": "."}[language]
    assert "https://" not in json.dumps({**specification, "$schema": ""})


@pytest.mark.parametrize("language", ["kk", "en"])
def test_the_specification_draws(figures: Path, language: str) -> None:
    specification = json.loads((figures / f"bars.{language}.json").read_text(encoding="utf-8"))
    drawn = vl_convert.vegalite_to_svg({**specification, "width": 500}, vl_version="6.4")
    assert "Қоңыр" in drawn


def test_a_long_title_is_broken_into_lines_that_fit_a_phone() -> None:
    words = "Соңғы он бес жолда – Қазақстан мен өңірдің елдері, ал олардың ұпайы – нөлге жақын"
    broken = title(words, words).to_dict()
    for lines in (broken["text"], broken["subtitle"]):
        assert " ".join(lines).replace("\N{NO-BREAK SPACE}", " ") == words
        assert len(lines) > 1
        assert max(map(len, lines)) <= 46
        assert not any(line.startswith("–") for line in lines)
    assert "subtitle" not in title(words).to_dict()


def test_a_title_has_longer_lines_over_a_wide_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THESIS_FIGURES", str(tmp_path))
    words = "Fifteen countries of the region close the list, with scores near zero, and one stands apart"
    write_chart(chart().properties(title=title(words, words)), "bars", "en", ALTERNATIVE)
    specification = json.loads((tmp_path / "bars.en.json").read_text(encoding="utf-8"))
    wide, narrow = specification["title"], specification["usermeta"]["narrowTitle"]
    assert narrow == title(words, words).to_dict()
    assert len(wide["text"]) < len(narrow["text"])
    assert all(len(line) <= 60 for line in wide["text"])
    for file, lines in (("bars.en.svg", wide["text"]), ("bars-narrow.en.svg", narrow["text"])):
        assert all(line in svg(tmp_path / file).xpath("string()") for line in lines)


def test_a_word_too_long_for_a_line_stands_alone() -> None:
    assert title("ұ" * 60 + " қысқа").to_dict()["text"] == ["ұ" * 60, "қысқа"]


def test_a_legend_stands_over_the_labels_with_room_below_the_title() -> None:
    key = legend(100, 50, columns=2).to_dict()
    assert key == {"orient": "none", "legendX": -100, "legendY": -50, "columns": 2}
    assert title("Тақырып", room=60).to_dict() == {"text": ["Тақырып"], "offset": 60}
    assert "offset" not in title("Тақырып").to_dict()


def test_every_colour_is_a_hex_code_with_a_dark_twin() -> None:
    colours = json.loads((REPOSITORY / "assets" / "palette.json").read_text(encoding="utf-8"))
    assert palette() == colours["light"]
    assert set(colours["light"]) == set(colours["dark"])
    assert all(re.fullmatch("#[0-9a-f]{6}", code) for theme in colours.values() for code in theme.values())
