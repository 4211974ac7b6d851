"""The built site as a reader meets it: a real browser, both languages, desk and phone."""

import os
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bench.page_measures import DESK, PHONE, chromium, launched
from thesis.ledger.claims import ledger
from thesis.site.serve import server_for

CHAPTER = "chapters/global-terrorism-index.html"

pytestmark = pytest.mark.skipif(
    chromium() is None and not os.environ.get("CI"), reason="no Chromium on the PATH: `make browser` installs it"
)


@pytest.fixture(scope="module")
def site(real_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real pages in a folder as a host may put them."""
    folder = tmp_path_factory.mktemp("host")
    # Below a folder: the site must not expect to stand at the root of its host.
    shutil.copytree(real_site, folder / "repository")
    shutil.copy(real_site / "404.html", folder)
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    server = server_for(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/repository/"
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launched(playwright)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page that fails its test on any console message, script error or request to another host."""
    context = browser.new_context(viewport=DESK)  # type: ignore[arg-type]
    complaints: list[str] = []
    opened = context.new_page()
    opened.set_default_timeout(10_000)
    opened.on("console", lambda message: complaints.append(f"console: {message.text}"))
    opened.on("pageerror", lambda error: complaints.append(f"script: {error}"))
    allowed = ("file://", "blob:", "data:", "http://127.0.0.1:")
    opened.on(
        "request",
        lambda request: None if request.url.startswith(allowed) else complaints.append(f"foreign: {request.url}"),
    )
    opened.on(
        "response", lambda reply: complaints.append(f"{reply.status}: {reply.url}") if reply.status >= 400 else None
    )
    yield opened
    context.close()
    assert complaints == []


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


@pytest.mark.parametrize(("preferred", "language"), [("kk-KZ", "kk"), ("en-GB", "en"), ("fr-FR", "kk")])
def test_the_root_sends_a_newcomer_to_the_browsers_language(
    browser: Browser, address: str, preferred: str, language: str
) -> None:
    context = browser.new_context(locale=preferred)
    page = context.new_page()
    page.goto(address)
    page.wait_for_url(f"{address}{language}/index.html")
    assert page.locator("html").get_attribute("lang") == language
    context.close()


def test_the_root_offers_both_languages_without_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    assert [link.get_attribute("href") for link in page.locator("a").all()] == ["kk/index.html", "en/index.html"]
    context.close()


def test_the_switch_keeps_page_and_section_and_is_remembered(page: Page, address: str) -> None:
    page.goto(f"{address}kk/{CHAPTER}")
    section = page.locator(".text h2[id]").nth(2)
    identifier = section.get_attribute("id")
    section.evaluate("heading => heading.scrollIntoView({behavior: 'instant'})")
    at_the_top = "heading => Math.abs(heading.getBoundingClientRect().top) < 150"
    page.wait_for_function(at_the_top, arg=section.element_handle())
    page.locator("a[data-language]").click()
    page.wait_for_url(re.compile(rf"/en/{CHAPTER}#{identifier}$"))
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator(f"#{identifier}").is_visible()
    page.goto(address)
    page.wait_for_url(f"{address}en/index.html")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["kk", "en"])
def test_charts_are_drawn_and_nothing_overflows(
    page: Page, address: str, language: str, viewport: dict[str, int]
) -> None:
    page.set_viewport_size(viewport)  # type: ignore[arg-type]
    page.goto(f"{address}{language}/{CHAPTER}")
    charts = page.locator(".chart")
    assert charts.count() >= 1
    for number in range(charts.count()):
        chart = charts.nth(number)
        chart.scroll_into_view_if_needed()
        chart.locator(".chart-live svg path, .chart-live svg text").first.wait_for()
        assert chart.get_attribute("data-state") == "live"
        box = chart.locator(".chart-live svg").bounding_box()
        assert box and box["width"] > viewport["width"] * 0.4 and box["height"] > 100
        assert chart.locator(".chart-static svg").evaluate_all("all => all.every(one => !one.checkVisibility())")
    assert overflow(page) == 0


@pytest.mark.parametrize("language", ["kk", "en"])
def test_a_tooltip_speaks_the_pages_language(page: Page, address: str, language: str) -> None:
    page.goto(f"{address}{language}/{CHAPTER}")
    chart = page.locator("#chart-gti-ranking")
    chart.scroll_into_view_if_needed()
    chart.locator(".chart-live svg").wait_for()
    bar = chart.locator(".chart-live svg .mark-rect path").nth(11)
    bar.evaluate("bar => bar.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = bar.bounding_box()
    assert box
    page.mouse.move(box["x"] + 5, box["y"] + box["height"] / 2)
    tooltip = page.locator(".vg-tooltip, #vg-tooltip-element")
    tooltip.wait_for()
    words = tooltip.inner_text()
    assert bool(re.search("[а-яәғқңөұүһі]", words.lower())) == (language == "kk")


@pytest.mark.parametrize(("language", "query"), [("kk", "терроризм"), ("en", "terrorism")])
def test_search_finds_pages_of_its_own_language(page: Page, address: str, language: str, query: str) -> None:
    page.goto(f"{address}{language}/index.html")
    page.keyboard.press("Control+k")
    page.locator("#search-field").fill(query)
    first = page.locator(".search-results a").first
    first.wait_for()
    links = page.locator(".search-results a").evaluate_all("all => all.map(link => link.href)")
    assert links and all(link.startswith(f"{address}{language}/") for link in links)
    first.click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == language


@pytest.mark.parametrize(
    ("language", "written", "typed"),
    [
        ("kk", "терроризм", ["ТЕРРОРИЗМ", "терроризмдегі", "терроризмнің"]),
        ("kk", "тәжірибе", ["тажирибе", "тәжирибе", "тəжірибесінен".replace("ə", "ә")]),
        ("kk", "Қазақстан", ["казакстан", "Казакстанда", "қазақстандағы"]),
        ("kk", "ивент-талдау", ["ивент талдау", "ивент–талдау", "ивенттал"]),
        ("kk", "сарапшы", ["сарапшылардың", "capапшы"]),
        ("en", "event analysis", ["Event-analysis", "events analysis"]),
        ("en", "Kazakhstan", ["KAZAKHSTAN", "kazakh"]),
    ],
)
def test_search_finds_a_word_in_the_forms_a_reader_types(
    page: Page, address: str, language: str, written: str, typed: list[str]
) -> None:
    page.goto(f"{address}{language}/index.html")
    page.keyboard.press("Control+k")
    field, results = page.locator("#search-field"), page.locator(".search-results > li")

    def found(query: str) -> set[str]:
        field.fill("щщщ")
        page.get_by_text("щщщ").wait_for()
        field.fill(query)
        results.first.wait_for()
        return set(page.locator(".search-results > li > a").evaluate_all("all => all.map(link => link.href)"))

    expected = found(written)
    for query in typed:
        assert len(found(query) & expected) >= min(3, len(expected)), query


def test_search_says_when_it_finds_nothing(page: Page, address: str) -> None:
    page.goto(f"{address}kk/index.html")
    page.keyboard.press("Control+k")
    page.locator("#search-field").fill("щщщщщщ")
    page.get_by_text("«щщщщщщ»").wait_for()


def test_the_search_button_tells_the_only_shortcut_which_is_no_single_character(page: Page, address: str) -> None:
    page.goto(f"{address}kk/index.html")
    button = page.locator("[data-open-search]")
    assert button.get_attribute("aria-keyshortcuts") == "Control+K Meta+K"
    assert button.locator("kbd").inner_text() == "Ctrl K"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for key in ("/", "k", "Control+Shift+k"):
        page.keyboard.press(key)
    page.wait_for_timeout(200)
    assert not [url for url in asked if "search" in url] and page.locator("#search").is_hidden()
    page.keyboard.press("Meta+k")
    page.locator("#search-field").wait_for()


@pytest.mark.parametrize("again", ["typing", "the button"])
def test_search_that_could_not_be_loaded_says_so_and_is_tried_again(browser: Browser, address: str, again: str) -> None:
    page = browser.new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{address}en/index.html")
    page.route("**/assets/search.js", lambda route: route.abort())
    page.locator("[data-open-search]").click()
    page.get_by_text("The text to search in did not load").wait_for()
    page.unroute("**/assets/search.js")
    if again == "the button":
        page.locator("[data-close-search]").click()
        page.locator("#search").wait_for(state="hidden")
        page.locator("[data-open-search]").click()
        page.get_by_text("The beginning of a word is enough").wait_for()
    page.locator("#search-field").fill("terrorism")
    page.locator(".search-results a").first.wait_for()
    page.close()


@pytest.mark.parametrize("place", [f"{CHAPTER}#50%", "chapters/reproducibility.html#ledger-50%'"])
def test_an_address_that_names_no_place_leaves_the_page_whole(page: Page, address: str, place: str) -> None:
    page.goto(f"{address}en/{place}")
    page.locator("a[data-language]").hover()
    page.keyboard.press("Control+k")
    page.locator("#search-field").wait_for()
    if "ledger" in place:
        page.keyboard.press("Escape")
        page.locator(".ledger-filter").scroll_into_view_if_needed()
        assert shown_rows(page).count() > 0


def test_the_theme_is_kept(page: Page, address: str) -> None:
    page.goto(f"{address}kk/index.html")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    for _ in range(2):  # as the device → light → dark
        page.locator("[data-theme-button]").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.goto(f"{address}en/{CHAPTER}")
    assert page.locator("html").get_attribute("data-theme") == "dark"
    assert page.evaluate(background) != light


def test_without_script_the_picture_and_the_tables_are_there(browser: Browser, address: str) -> None:
    for viewport, shown in ((DESK, ".chart-wide"), (PHONE, ".chart-narrow")):
        context = browser.new_context(java_script_enabled=False, viewport=viewport)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{address}kk/{CHAPTER}")
        picture = page.locator(f"#chart-gti-ranking {shown} svg")
        assert picture.is_visible()
        assert picture.get_attribute("aria-label")
        assert page.locator("#chart-gti-ranking svg:visible").count() == 1
        assert page.locator("table").first.is_visible()
        context.close()


def test_a_phone_has_a_menu(page: Page, address: str) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{address}kk/{CHAPTER}")
    page.locator("[data-menu-button]").click()
    page.locator("#navigation a").first.click()
    page.wait_for_url(re.compile(r"/index\.html$"))


def test_a_page_opened_from_a_file_draws_its_charts_and_searches(page: Page, site: Path) -> None:
    page.goto((site / "repository" / "kk" / CHAPTER).as_uri())
    chart = page.locator(".chart").first
    chart.scroll_into_view_if_needed()
    chart.locator(".chart-live svg").wait_for()
    page.keyboard.press("Control+k")
    page.locator("#search-field").fill("индекс")
    first = page.locator(".search-results a").first
    first.wait_for()
    assert first.evaluate("link => link.href").startswith((site / "repository" / "kk").as_uri())


def test_an_unknown_address_is_answered_in_both_languages(browser: Browser, address: str) -> None:
    page = browser.new_page()
    reply = page.goto(f"{address}kk/chapters/no-such-page.html")
    assert reply and reply.status == 404
    for language in ("kk", "en"):
        assert page.locator(f'section[lang="{language}"] h1').is_visible()
        assert (
            page.locator(f'a[data-language="{language}"]').evaluate("link => link.href")
            == f"{address}{language}/index.html"
        )
    page.close()


@pytest.mark.parametrize("language", ["kk", "en"])
def test_a_long_table_is_sorted_by_numbers_and_by_keyboard(page: Page, address: str, language: str) -> None:
    page.goto(f"{address}{language}/{CHAPTER}")
    table = page.locator("#tbl-gti-2024 table")
    cells = "table => [...table.tBodies[0].rows].map(row => row.cells[3].textContent.replace(',', '.'))"
    printed = table.evaluate(cells)
    button = table.locator("thead button").nth(3)
    button.focus()
    page.keyboard.press("Enter")
    assert table.locator("th").nth(3).get_attribute("aria-sort") == "ascending"
    assert table.evaluate(cells) == sorted(printed, key=float)
    button.click()
    assert table.evaluate(cells) == sorted(printed, key=float, reverse=True)
    button.click()
    assert table.evaluate(cells) == printed


def test_days_are_sorted_as_days(page: Page, address: str) -> None:
    page.goto(f"{address}kk/chapters/legislation-and-conventions.html")
    days = page.locator("td[data-value]").evaluate_all("all => all.map(cell => cell.dataset.value)")
    assert days and all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in days)


def test_an_abbreviation_is_explained_to_mouse_keyboard_and_finger(page: Page, address: str) -> None:
    page.goto(f"{address}en/{CHAPTER}")
    short = page.locator("abbr.explained", has_text="IEP").first
    explanation = page.get_by_role("tooltip")
    for reach in (short.hover, short.focus, short.click):
        reach()
        explanation.wait_for()
        assert explanation.inner_text() == "Institute for Economics and Peace"
        page.keyboard.press("Escape")
        explanation.wait_for(state="hidden")
        for key in ("Enter", "Space") if reach == short.focus else ():
            page.keyboard.press(key)
            explanation.wait_for()
            page.keyboard.press("Escape")
            explanation.wait_for(state="hidden")
        short.evaluate("short => short.blur()")
        page.mouse.move(0, 0)


@pytest.mark.parametrize(("language", "beginning"), [("kk", "терроризм"), ("en", "terrorism")])
def test_a_term_leads_to_its_place_in_the_glossary(page: Page, address: str, language: str, beginning: str) -> None:
    page.goto(f"{address}{language}/{CHAPTER}")
    term = page.locator("a.term").first
    assert term.inner_text().lower().startswith(beginning)
    term.click()
    page.wait_for_url(re.compile(rf"/{language}/chapters/glossary\.html#term-"))
    assert page.locator(":target").inner_text().lower().startswith(beginning)
    page.go_back()
    page.wait_for_url(re.compile(rf"/{language}/{CHAPTER}"))


def test_the_line_under_a_figure_opens_its_code(page: Page, address: str) -> None:
    page.goto(f"{address}en/{CHAPTER}")
    link = page.locator(
        "#fig-gti-ranking + .provenance a.to-code, .provenance:has(a[href*='gti-ranking']) a.to-code"
    ).first
    link.click()
    assert page.locator(":target details.code-fold[open] pre").first.is_visible()


def shown_rows(page: Page) -> Any:
    page.wait_for_selector(".ledger-filter ~ .ledger tbody tr")
    return page.locator(".ledger-filter ~ .ledger tbody tr")


@pytest.mark.parametrize(("language", "word"), [("kk", "Ақтөбе"), ("en", "aktobe")])
def test_the_ledger_is_searched_and_filtered_and_the_choice_stands_in_the_address(
    page: Page, address: str, language: str, word: str
) -> None:
    page.goto(f"{address}{language}/chapters/reproducibility.html")
    page.locator(".ledger-filter").scroll_into_view_if_needed()
    every = shown_rows(page).count()
    page.fill(".ledger-filter [name=text]", word)
    page.select_option(".ledger-filter [name=verdict]", "differs")
    assert 0 < shown_rows(page).count() < every
    for row in shown_rows(page).all():
        assert word.lower() in (row.text_content() or "").lower()
        assert row.locator(".verdict-differs").count() == 1
    assert "verdict=differs" in page.url
    page.reload()
    assert page.input_value(".ledger-filter [name=text]") == word
    assert 0 < shown_rows(page).count() < every


def test_a_link_to_one_claim_shows_it_with_its_check(page: Page, address: str) -> None:
    page.goto(f"{address}en/chapters/event-analysis.html")
    link = page.locator("a[href*='#ledger-']").last
    name = (link.get_attribute("href") or "").split("#")[1]
    page.goto(f"{address}en/chapters/reproducibility.html#{name}")
    row = page.locator(f"tr:has(#{name})")
    row.wait_for()
    row.locator("summary").click()
    assert "Rows:" in row.locator(".claim-how").inner_text()


def test_without_scripts_the_ledger_is_a_plain_table_of_every_claim(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{address}kk/chapters/reproducibility.html")
    assert page.locator("noscript .ledger tbody tr").count() == len(ledger())
    assert page.locator("noscript .ledger tbody tr").last.is_visible()
    assert page.locator(".ledger-filter").is_hidden()
    context.close()
