"""The built-in renderer: the small site, page by page, without Quarto."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from thesis.failures import RenderError
from thesis.site.markdown import in_language
from thesis.site.render import Page, read_pages, read_settings, rendered_pages
from thesis.store import Store, key_of

from .conftest import REPOSITORY, TABLES, as_it_stands, file_of

LANGUAGES = ("kk", "en")
in_both_languages = pytest.mark.parametrize("language", LANGUAGES)


def read(path: Path) -> Any:
    return read_html(path.read_bytes())


def read_html(html: bytes) -> Any:
    return lxml.html.fromstring(html, parser=lxml.html.HTMLParser(encoding="utf-8"))


def text(element: Any) -> str:
    return " ".join(element.text_content().split())


def texts(page: Any, path: str) -> list[str]:
    return [text(element) for element in page.xpath(path)]


@pytest.fixture
def measured(site: Path, language: str) -> Any:
    """The small site's chapter with a table, a figure and computed numbers."""
    return read(site / language / "chapters" / "measured.html")


Try = Callable[[str, str], Any]


@pytest.fixture
def attempt(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Try:
    """Render some Markdown as a chapter of the small project."""

    def attempt(markdown: str, language: str) -> Any:
        text = in_language(f'---\ntitle-kk: "Б"\ntitle-en: "B"\n---\n\n{markdown}\n', language)
        page = Page(Path("chapters/try.qmd"), language, text, key_of(language, text))
        work = tmp_path_factory.mktemp("attempt")
        return read_html(rendered_pages(as_it_stands(project), [page], {}, work, "pandoc", Store(work), 1)[page])

    return attempt


@pytest.mark.parametrize(("language", "title"), [("kk", "Өлшенген тарау"), ("en", "A measured chapter")])
def test_a_page_is_in_its_language_and_links_the_same_page_in_the_other(
    measured: Any, language: str, title: str
) -> None:
    other = "en" if language == "kk" else "kk"
    assert measured.get("lang") == language
    assert texts(measured, "//title")[0].startswith(title)
    assert texts(measured, "//h1") == [f"1.1 {title}"]
    alternates = {link.get("hreflang"): link.get("href") for link in measured.xpath("//head/link[@rel='alternate']")}
    assert alternates[other] == f"http://127.0.0.1:8000/{other}/chapters/measured.html"
    assert measured.xpath("//body//a[@rel='alternate']/@href") == [f"../../{other}/chapters/measured.html"]


@pytest.mark.parametrize("page", ["index.html", "chapters/measured.html", "chapters/notes.html"])
def test_no_page_holds_prose_of_the_other_language(site: Path, page: str) -> None:
    for language, foreign in (("kk", r"\b(the|of|and|An?|English|Note|Code|Table|Figure)\b"), ("en", "[Ѐ-ӿ]")):
        main = read(site / language / page).xpath("//main")[0]
        for quoted in main.xpath(".//pre | .//script | .//*[@id='refs'] | .//*[@class='preview']"):
            quoted.drop_tree()
        assert len(text(main)) > 40
        assert re.findall(foreign, text(main)) == [], language


@pytest.mark.parametrize(
    ("language", "callouts"),
    [
        (
            "kk",
            [
                ("callout callout-note", "Назар аударыңыз", "Қазақша ескертпе."),
                ("callout callout-caution", "Абайлаңыз", "Қазақша сақтандыру, сурет I ішінде."),
            ],
        ),
        (
            "en",
            [
                ("callout callout-note", "Note", "An English note."),
                ("callout callout-caution", "Be careful", "An English caution, with Figure I inside."),
            ],
        ),
    ],
)
def test_a_callout_has_its_own_title_or_the_language_s(measured: Any, callouts: list[tuple[str, str, str]]) -> None:
    found = measured.xpath("//div[@role='note']")
    assert [(box.get("class"), text(box[0]), text(box[1])) for box in found] == callouts


@pytest.mark.parametrize("kind", ["note", "tip", "important", "caution", "warning"])
@in_both_languages
def test_every_kind_of_callout_has_a_word_in_each_language(attempt: Try, kind: str, language: str) -> None:
    page = attempt(f"::: {{.callout-{kind}}}\nx\n:::", language)
    assert len(texts(page, f"//div[@class='callout callout-{kind}']/div[@class='callout-title']")[0]) > 2


@pytest.mark.parametrize(
    ("language", "captions"),
    [
        ("kk", ["Кесте I: Үш елдің ұпайы", "Сурет I: Үш елдің суреті"]),
        ("en", ["Table I: Scores of three countries", "Figure I: A picture of three countries"]),
    ],
)
def test_captions_are_numbered_in_the_language(measured: Any, captions: list[str]) -> None:
    assert texts(measured, "//figcaption") == captions
    assert measured.xpath("//*[@id='tbl-scores']//table")
    assert measured.xpath("//*[@id='fig-scores']//svg")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("kk", "Оны I сурет пен I кесте көрсетеді. Сурет I сөйлем басында."),
        ("en", "Figure I and Table I show it; Figure I, Table I both."),
    ],
)
def test_cross_references_are_numbered_in_the_language_and_lead_there(measured: Any, sentence: str) -> None:
    assert sentence in text(measured.xpath("//main")[0])
    targets = set(measured.xpath("//main//a[contains(@class, 'quarto-xref')]/@href"))
    assert targets == {"#fig-scores", "#tbl-scores"}


def test_figures_and_tables_are_numbered_apart_and_in_order(attempt: Try) -> None:
    grid = "| a |\n|---|\n| 1 |"
    floats = "\n\n".join(f"::: {{#tbl-{name}}}\n\n{grid}\n\nTable {name}\n\n:::" for name in "ab")
    page = attempt(f"@tbl-b, @Tbl-a, [-@tbl-b], [see @tbl-b]\n\n{floats}", "en")
    assert texts(page, "//figcaption") == ["Table I: Table a", "Table II: Table b"]
    assert text(page.xpath("//main//p")[0]) == "Table II, Table I, II, see II"


@pytest.mark.parametrize(
    ("markdown", "message"),
    [
        ("See @fig-nothing.", "@fig-nothing names no figure or table of this page"),
        ("See @Tbl-nothing.", "@tbl-nothing names no figure or table of this page"),
        ("Said [@nobody].", "[WARNING] Citeproc: citation nobody not found"),
        (
            "::: {#tbl-a}\n\n| a |\n|---|\n| 1 |\n\nA\n\n:::\n\nSee @tbl-a [@one2020].",
            "put a word between @tbl-a and @one2020",
        ),
        ('::: {.chart figure="gone"}\nAlternative\n:::', "figures/gone.en.svg is missing; `thesis execute` writes"),
    ],
    ids=["unknown figure", "unknown table", "unknown citation", "citation swallowed", "unknown chart"],
)
def test_what_cannot_be_resolved_fails_with_page_language_and_reason(attempt: Try, markdown: str, message: str) -> None:
    with pytest.raises(RenderError) as error:
        attempt(markdown, "en")
    assert str(error.value).startswith("chapters/try.qmd in en: ")
    assert message in str(error.value)


@pytest.mark.parametrize(("language", "word"), [("kk", "Код"), ("en", "Code")])
def test_code_is_folded_under_the_language_s_word(measured: Any, word: str) -> None:
    folded = measured.xpath("//details[@class='code-fold']")
    assert [text(details[0]) for details in folded] == [word] * 3
    assert folded[0].xpath(".//code")[0].text_content().startswith('table(\n    "tbl-scores",')
    assert "import altair" not in measured.text_content()
    assert "key_figures(" not in measured.text_content()


@in_both_languages
def test_what_a_cell_prints_and_returns_is_shown(measured: Any, language: str) -> None:
    outputs = measured.xpath("//*[@id='cell-total']/div[contains(@class, 'cell-output')]")
    assert [text(output) for output in outputs] == ["computed", "6"]


@pytest.mark.parametrize(
    ("language", "rows"),
    [
        ("kk", [["Ел", "Орын", "Ұпай"], ["Буркина-Фасо", "1", "8,571"]]),
        ("en", [["Country", "Rank", "Score"], ["Burkina Faso", "1", "8.571"]]),
    ],
)
def test_a_table_is_in_the_language_with_numbers_to_the_right(measured: Any, rows: list[list[str]]) -> None:
    table = measured.xpath("//*[@id='tbl-scores']//tr")
    assert [[text(cell) for cell in row] for row in table][:2] == rows
    assert ["right" in (cell.get("style") or "") for cell in table[1]] == [False, True, True]


@in_both_languages
def test_citations_lead_to_the_reference_list(site: Path, language: str) -> None:
    page = read(site / language / "chapters" / "notes.html")
    assert page.xpath("//div[@id='refs']/div/@id") == ["ref-one2020", "ref-two2021"]
    assert "first book of the tests" in text(page.get_element_by_id("ref-one2020")).lower()
    cited = [set(span.get("data-cites").split()) for span in page.xpath("//span[@class='citation']")]
    assert {"one2020", "two2021"} in cited
    assert set(page.xpath("//span[@class='citation']//a/@href")) == {"#ref-one2020", "#ref-two2021"}


@pytest.mark.parametrize(("language", "cites"), [("kk", False), ("en", True)])
def test_a_page_that_cites_nothing_in_its_language_has_no_reference_list(
    site: Path, language: str, cites: bool
) -> None:
    page = read(site / language / "index.html")
    assert bool(page.xpath("//*[@id='bibliography']")) == cites
    assert page.xpath("//div[@id='refs']/div/@id") == (["ref-two2021"] if cites else [])


@in_both_languages
def test_navigation_marks_the_page_and_names_its_neighbours(measured: Any, language: str) -> None:
    words = {
        "kk": ("Басты бет", "1-тарау", "1.1 Өлшенген", "Жазба"),
        "en": ("Home", "Chapter 1", "1.1 Measured", "Notes"),
    }
    assert tuple(texts(measured, "//nav[@id='navigation']//li")) == words[language]
    links = measured.xpath("//nav[@id='navigation']//a")
    assert [(link.get("href"), link.get("aria-current")) for link in links] == [
        ("../index.html", None),
        ("../chapters/measured.html", "page"),
        ("../chapters/notes.html", None),
    ]
    assert measured.xpath("//a[@rel='prev']/@href") == ["../index.html"]
    assert measured.xpath("//a[@rel='next']/@href") == ["../chapters/notes.html"]


@pytest.mark.parametrize(("page", "rels"), [("index.html", ["next"]), ("chapters/notes.html", ["prev"])])
@in_both_languages
def test_the_first_and_the_last_page_have_one_neighbour(site: Path, page: str, rels: list[str], language: str) -> None:
    assert read(site / language / page).xpath("//a[@rel='prev' or @rel='next']/@rel") == rels


@pytest.mark.parametrize(
    ("language", "headings"),
    [
        ("kk", ["Рейтинг", "Ескертпелер", "Пайдаланылған дереккөздер"]),
        ("en", ["The ranking", "Remarks", "References"]),
    ],
)
def test_the_contents_list_the_headings_under_ids_both_languages_share(measured: Any, headings: list[str]) -> None:
    assert texts(measured, "//nav[@id='TOC']//a") == headings
    addresses = measured.xpath("//nav[@id='TOC']//a/@href")
    assert addresses[:2] == ["#ranking", "#remarks"]
    assert [text(measured.get_element_by_id(address[1:])) for address in addresses] == headings


@pytest.mark.parametrize("page", ["index.html", "chapters/measured.html", "chapters/notes.html"])
@in_both_languages
def test_every_address_in_a_page_is_relative_and_leads_to_a_file(site: Path, page: str, language: str) -> None:
    path = site / language / page
    addresses = read(path).xpath("//head/link[not(@hreflang or @rel='canonical')]/@href | //@src | //main//a/@href")
    local = [address.split("#")[0] for address in addresses if not address.startswith(("https://example.org", "#"))]
    assert len(local) > 5
    for address in local:
        assert (path.parent / address).is_file(), address


@in_both_languages
def test_links_from_the_root_reach_pages_and_offer_data_as_downloads(measured: Any, language: str) -> None:
    downloads = measured.xpath("//div[@class='provenance']//a[@download]/@href")
    assert downloads == [
        f"../{file_of('gti_2024_table')}",
        f"../{file_of('countries')}",
        f"../figures/tbl-scores.{language}.csv",
        f"../figures/tbl-scores.{language}.xlsx",
        f"../{file_of('gti_2024_table')}",
        *(f"../figures/scores.{language}.{kind}" for kind in ("svg", "png", "csv")),
    ]


@in_both_languages
def test_a_figure_is_a_picture_with_words_and_a_live_chart(measured: Any, site: Path, language: str) -> None:
    assert (
        measured.xpath("//div[@id='chart-scores']//svg/@aria-label")
        == [{"kk": "Үш жолақ", "en": "Three bars"}[language]] * 2
    )
    name = measured.xpath("//div[@id='chart-scores']/@data-figure")[0]
    script = (site / language / "figures" / f"{name}.js").read_text(encoding="utf-8")
    assert script.startswith(f'thesisChart("scores.{language}",{{') and '"mark"' in script
    assert script.count("\n") == 1


@pytest.mark.parametrize("name", [*map(file_of, TABLES), "assets/site.css"])
@in_both_languages
def test_resources_are_published_beside_the_pages(site: Path, name: str, language: str) -> None:
    assert (site / language / name).read_bytes() == (REPOSITORY / name).read_bytes()


@in_both_languages
def test_what_both_renderers_need_is_added_after_rendering(site: Path, language: str) -> None:
    assert (site / language / "search-index.js").is_file()
    assert "vegaEmbed" in (site / language / "assets" / "vega.js").read_text(encoding="utf-8")
    assert (site / language / "figures" / f"scores.{language}.svg").is_file()


def test_a_profile_is_laid_over_the_settings_as_quarto_does_it(tmp_path: Path) -> None:
    (tmp_path / "_quarto.yml").write_text("a: {b: 1, c: [x]}\nd: old\ne: kept\n", encoding="utf-8")
    (tmp_path / "_quarto-en.yml").write_text("a: {b: 2, c: [y], f: 3}\nd: new\n", encoding="utf-8")
    assert read_settings(tmp_path, "en") == {"a": {"b": 2, "c": ["x", "y"], "f": 3}, "d": "new", "e": "kept"}


def test_a_page_never_executed_is_named(project: Path) -> None:
    with pytest.raises(RenderError) as error:
        read_pages(as_it_stands(project), {Path("chapters/notes.qmd"): project}, "pandoc")
    assert str(error.value) == (
        "chapters/notes.qmd has not been executed yet: `thesis execute` records notebooks/notes.ipynb"
    )


def test_the_built_in_renderer_stays_small() -> None:
    parts = ("src/thesis/site/render.py", "filters/quarto.lua")
    lines = sum(len((REPOSITORY / part).read_text(encoding="utf-8").splitlines()) for part in parts)
    assert lines < 600
