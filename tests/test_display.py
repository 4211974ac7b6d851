"""What a chapter shows, as the Markdown both renderers publish."""

import json
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest

from thesis.display import Bilingual, Column, block, cards, details, figure, folded, key_figures, table
from thesis.tables import KEY_FIGURES

from .conftest import REPOSITORY, write_description

CAPTION = {"kk": "Тақырып", "en": "Caption"}
FIELDS = {
    "name_kk": {"title_en": "Name, Kazakh", "title_kk": "Атауы"},
    "name_en": {"title_en": "Name", "title_kk": "Атауы, ағылшынша"},
    "score": {"type": "number", "title_en": "Score", "title_kk": "Ұпай"},
    "known": {"type": "boolean", "title_en": "Known", "title_kk": "Белгілі"},
    "day": {"type": "date", "title_en": "Day", "title_kk": "Күні"},
}


@pytest.fixture(autouse=True)
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one described table, and `figures/` beside it."""
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "assets").symlink_to(REPOSITORY / "assets")
    write_description(tmp_path, "scores", FIELDS)
    write_description(tmp_path, "reference/more", {"id": {}})
    header = (REPOSITORY / "data" / "loci.csv").read_text(encoding="utf-8").splitlines()[0]
    (tmp_path / "data" / "loci.csv").write_text(f"{header}\ntable-6,2.1,table,6,Елдер\n", encoding="utf-8")
    monkeypatch.setenv("THESIS_FIGURES", str(tmp_path / "figures"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scores() -> pd.DataFrame:
    rows = {
        "name_kk": ["Қазақстан", "Бұрын|соң", None],
        "name_en": ["Kazakhstan", "before|after", None],
        "score": [1234.5, -0.25, None],
        "known": [True, False, None],
        "day": ["2024-03-08", None, "2023-12-31"],
    }
    kinds = {"score": "Float64", "known": "boolean", "day": "datetime64[s]"}
    return pd.DataFrame(rows).astype(kinds)


def shown(**more: Any) -> Bilingual:
    columns: dict[str, Column | None] = {"name": None, "score": Column(decimals=2), "known": None, "day": None}
    return table("tbl-x", scores(), columns, caption=CAPTION, **{"source": "scores", **more})


def test_a_table_in_english() -> None:
    assert shown(thesis="table-6").markdown["en"] == (
        "::: {#tbl-x}\n\n"
        "| Name | Score | Known | Day |\n"
        "| :--- | ---: | :--- | :--- |\n"
        "| Kazakhstan | 1,234.50 | yes | 8 March 2024 |\n"
        "| before\\|after | −0.25 | no | — |\n"
        "| — | — | — | 31 December 2023 |\n\n"
        "Caption\n\n"
        ":::\n\n"
        "::: {.provenance}\n"
        "In the thesis: Table 6, §2.1 · Data: [scores.csv](/data/scores.csv) · "
        "Download: [CSV](/figures/tbl-x.en.csv) · [XLSX](/figures/tbl-x.en.xlsx)\n"
        ":::"
    )


def test_a_table_in_kazakh() -> None:
    assert shown(thesis="table-6").markdown["kk"] == (
        "::: {#tbl-x}\n\n"
        "| Атауы | Ұпай | Белгілі | Күні |\n"
        "| :--- | ---: | :--- | :--- |\n"
        "| Қазақстан | 1\N{NO-BREAK SPACE}234,50 | иә | 2024\N{NARROW NO-BREAK SPACE}ж. 8 наурыз |\n"
        "| Бұрын\\|соң | −0,25 | жоқ | — |\n"
        "| — | — | — | 2023\N{NARROW NO-BREAK SPACE}ж. 31 желтоқсан |\n\n"
        "Тақырып\n\n"
        ":::\n\n"
        "::: {.provenance}\n"
        "Диссертацияда: 6-кесте, 2.1-бөлім · Дерек: [scores.csv](/data/scores.csv) · "
        "Жүктеу: [CSV](/figures/tbl-x.kk.csv) · [XLSX](/figures/tbl-x.kk.xlsx)\n"
        ":::"
    )


def test_a_table_leaves_its_values_without_markdown(described: Path) -> None:
    rows = pd.DataFrame({"name": ["[Mali](/chapters/x.qmd) [@key]", "**All**"], "score": [7.9984, None]})
    titles = {"kk": "а", "en": "*a*"}
    shown = table(
        "tbl-x", rows, {"name": Column(titles), "score": Column(titles, 3, True)}, caption=CAPTION, source="scores"
    )
    assert "| [Mali](/chapters/x.qmd) [@key] | +7.998 |\n| **All** | — |" in shown.markdown["en"]
    record = json.loads((described / "figures" / "tbl-x.json").read_text(encoding="utf-8"))
    assert record["columns"] == [{}, {"decimals": 3, "sign": True}]
    assert record["en"] == [["a", "a"], ["Mali [@key]", 7.998], ["All", None]]


def test_what_the_thesis_does_not_have_is_said_to_be_added_and_every_file_is_named() -> None:
    added = shown(source=["scores", "more_reference"]).markdown
    files = "[scores.csv](/data/scores.csv), [reference/more.csv](/data/reference/more.csv)"
    assert f"\nNot in the thesis; added here · Data: {files} · Download: " in added["en"]
    assert f"\nДиссертацияда жоқ, осы сайтқа қосылды · Дерек: {files} · Жүктеу: " in added["kk"]


def test_a_column_may_have_a_heading_and_a_sign_of_its_own() -> None:
    column = Column(title={"kk": "Айырма", "en": "Change"}, decimals=1, sign=True)
    change = pd.DataFrame({"change": [2.5, -2.5, 0.0]})
    lines = table("tbl-x", change, {"change": column}, caption=CAPTION, source="scores").markdown["en"].splitlines()
    assert lines[2:7] == ["| Change |", "| ---: |", "| +2.5 |", "| −2.5 |", "| 0.0 |"]


@pytest.mark.parametrize(
    ("values", "mark", "first"),
    [
        (pd.Series([163, None], dtype="Int64"), "---:", "163"),
        (pd.Series([7, 8]), "---:", "7"),
        (pd.Series([7.4, 8.0]), "---:", "7"),
        (pd.Series(["8 571", "x"]), ":---", "8 571"),
        (pd.Series([True, False]), ":---", "yes"),
        (pd.Series(["two\nlines"]), ":---", "two lines"),
        (pd.Series([None, 5], dtype=object), ":---", "—"),
        (pd.Series([np.int64(1500)], dtype=object), ":---", "1,500"),
    ],
    ids=["Int64", "int64", "float64", "text", "bool", "line break", "gap", "object"],
)
def test_numbers_are_aligned_right_and_all_else_left(values: "pd.Series[Any]", mark: str, first: str) -> None:
    column = Column(title={"kk": "а", "en": "a"})
    shown = table("tbl-x", pd.DataFrame({"v": values}), {"v": column}, caption=CAPTION, source="scores")
    assert shown.markdown["en"].splitlines()[3:5] == [f"| {mark} |", f"| {first} |"]


@pytest.mark.parametrize(
    ("cells", "mark"), [(["7,600", "—", "80.1%"], "---:"), (["7,600", "none"], ":---"), (["—"], ":---")]
)
def test_written_numbers_are_aligned_as_numbers_but_for_what_names_the_row(cells: list[str], mark: str) -> None:
    rows = pd.DataFrame({"row": cells, "amount": cells})
    column = Column(title={"kk": "а", "en": "a"})
    shown = table("tbl-x", rows, {"row": column, "amount": column}, caption=CAPTION, source="scores")
    assert shown.markdown["en"].splitlines()[3] == f"| :--- | {mark} |"


def test_a_column_that_the_rows_lack_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(KeyError) as error:
        table("tbl-x", scores(), {"rank": None}, caption=CAPTION, source="scores")
    assert error.value.args == ("no column “rank” or “rank_kk” among name_kk, name_en, score, known, day",)


def test_a_column_without_a_heading_is_an_error() -> None:
    computed = pd.DataFrame({"sum": [1]})
    with pytest.raises(KeyError, match=r"table “scores” has no field “sum”"):
        table("tbl-x", computed, {"sum": None}, caption=CAPTION, source="scores")


def test_an_unknown_table_or_locus_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"describes no table “nothing”"):
        shown(source="nothing")
    with pytest.raises(KeyError, match="table-7"):
        shown(thesis="table-7")


def bars(language: str) -> alt.Chart:
    rows = scores().assign(name=scores()[f"name_{language}"])[["name", "score"]].dropna()
    drawn: alt.Chart = alt.Chart(rows).mark_bar().encode(x="score:Q", y="name:N")
    return drawn


def pictured() -> Bilingual:
    alternative = {"kk": "Екі жолақ", "en": "Two bars"}
    return figure("fig-two-bars", bars, caption=CAPTION, alternative=alternative, source="scores", thesis="table-6")


@pytest.mark.parametrize(
    ("language", "markdown"),
    [
        (
            "kk",
            '::: {#fig-two-bars}\n\n::: {.chart figure="two-bars"}\nЕкі жолақ\n:::\n\nТақырып\n\n:::\n\n'
            "::: {.provenance}\nДиссертацияда: 6-кесте, 2.1-бөлім · Дерек: [scores.csv](/data/scores.csv) · "
            "Жүктеу: [SVG](/figures/two-bars.kk.svg) · [PNG](/figures/two-bars.kk.png) · "
            "[CSV](/figures/two-bars.kk.csv)\n:::",
        ),
        (
            "en",
            '::: {#fig-two-bars}\n\n::: {.chart figure="two-bars"}\nTwo bars\n:::\n\nCaption\n\n:::\n\n'
            "::: {.provenance}\nIn the thesis: Table 6, §2.1 · Data: [scores.csv](/data/scores.csv) · "
            "Download: [SVG](/figures/two-bars.en.svg) · [PNG](/figures/two-bars.en.png) · "
            "[CSV](/figures/two-bars.en.csv)\n:::",
        ),
    ],
)
def test_a_figure_names_its_chart_caption_source_and_download(language: str, markdown: str) -> None:
    assert pictured().markdown[language] == markdown


def test_a_figure_draws_its_chart_in_each_language(described: Path) -> None:
    pictured()
    names = {path.name for path in (described / "figures").iterdir()}
    stems = {"two-bars", "two-bars-narrow"}
    pictures = {f"{stem}.{language}.svg" for stem in stems for language in ("kk", "en")}
    assert names == pictures | {"two-bars.kk.json", "two-bars.en.json"}
    assert "Қазақстан" in (described / "figures" / "two-bars.kk.svg").read_text(encoding="utf-8")
    assert 'aria-label="Two bars"' in (described / "figures" / "two-bars-narrow.en.svg").read_text(encoding="utf-8")


def test_jupyter_draws_a_figure_live() -> None:
    bundle = pictured()._repr_mimebundle_()
    specification = bundle["application/vnd.vegalite.v5+json"]
    # JupyterLab 4 never ends drawing a chart that takes its width from its container.
    assert specification["width"] == 640
    assert "Қазақстан" in json.dumps(specification, ensure_ascii=False)


def test_key_figures_stand_in_cards() -> None:
    cards = key_figures([({"kk": "8,571", "en": "8.571"}, {"kk": "ұпай", "en": "score"}), ("23", CAPTION)])
    assert cards.markdown == {
        "kk": "::::: {.key-figures}\n::: {.key-figure}\n**8,571**\n\nұпай\n:::\n\n"
        "::: {.key-figure}\n**23**\n\nТақырып\n:::\n:::::",
        "en": "::::: {.key-figures}\n::: {.key-figure}\n**8.571**\n\nscore\n:::\n\n"
        "::: {.key-figure}\n**23**\n\nCaption\n:::\n:::::",
    }


def test_key_figures_are_left_in_the_notebook_as_values() -> None:
    bundle = key_figures([({"kk": "8,571", "en": "8.571"}, CAPTION), ("23", CAPTION)])._repr_mimebundle_()
    assert bundle[KEY_FIGURES] == [
        {"kk": {"value": "8,571", "label": "Тақырып"}, "en": {"value": "8.571", "label": "Caption"}},
        {"kk": {"value": "23", "label": "Тақырып"}, "en": {"value": "23", "label": "Caption"}},
    ]


def test_a_notebook_holds_both_languages_and_the_renderer_chooses() -> None:
    assert Bilingual({"kk": "қазақша\n", "en": "\nEnglish"})._repr_mimebundle_() == {
        "text/markdown": '::: {.content-visible when-profile="kk"}\n\nқазақша\n\n:::\n\n'
        '::: {.content-visible when-profile="en"}\n\nEnglish\n\n:::\n',
        "text/plain": "\nEnglish",
    }


def test_a_block_is_captioned_and_sourced_like_a_table() -> None:
    body = {"kk": "Мәтін", "en": "Text"}
    assert block("tbl-x", body, caption=CAPTION, source=["scores", "more_reference"], thesis="table-6").markdown[
        "en"
    ] == (
        "::: {#tbl-x}\n\nText\n\nCaption\n\n:::\n\n"
        "::: {.provenance}\n"
        "In the thesis: Table 6, §2.1 · Data: [scores.csv](/data/scores.csv), "
        "[reference/more.csv](/data/reference/more.csv)\n"
        ":::"
    )


def test_cards_leave_out_an_empty_paragraph() -> None:
    assert cards([["**A**", "", "a"], ["**B**"]]) == (
        ":::: {.chapter-cards}\n::: {.chapter-card}\n**A**\n\na\n:::\n\n::: {.chapter-card}\n**B**\n:::\n::::"
    )


def test_details_open_and_hold_further_ones() -> None:
    inner = "<details>\n<summary>inner</summary>\n\ntext\n\n</details>"
    assert details("inner", "text") == inner
    assert details("outer", inner, opened=True) == f"<details open>\n<summary>outer</summary>\n\n{inner}\n\n</details>"


def test_what_a_cell_shows_is_folded_in_both_languages() -> None:
    closed = folded(Bilingual({"kk": "Кесте", "en": "Table"}), CAPTION)
    assert closed.markdown == {
        "kk": "<details>\n<summary>Тақырып</summary>\n\nКесте\n\n</details>",
        "en": "<details>\n<summary>Caption</summary>\n\nTable\n\n</details>",
    }
