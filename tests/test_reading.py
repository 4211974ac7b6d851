"""Every page as every reader gets it: accessible, light, still, silent, in both languages."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bench.page_measures import DESK, PHONE, chromium, launched, measure, served

from .conftest import REPOSITORY

pytestmark = pytest.mark.skipif(
    chromium() is None and not os.environ.get("CI"), reason="no Chromium on the PATH: `make browser` installs it"
)
PAGES = ["index.html", *sorted(f"chapters/{path.stem}.html" for path in (REPOSITORY / "chapters").glob("*.qmd"))]


@pytest.fixture(scope="module")
def address(real_site: Path) -> Iterator[str]:
    with served(real_site) as place:
        yield place


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = launched(playwright)
        yield opened
        opened.close()


@pytest.mark.parametrize(("width", "theme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["kk", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_keeps_its_limits(
    browser: Browser, address: str, path: str, language: str, width: dict[str, int], theme: str
) -> None:
    def also(page: Page) -> None:
        assert overflow(page) == 0
        names_its_twin(page, address, language, path)

    seen = measure(browser, f"{address}{language}/{path}", width, theme, also)
    assert seen.violations == []
    assert seen.complaints == []
    assert seen.shift < 0.02
    assert seen.weight <= 200_000
    assert not seen.library
    assert [state for state in seen.charts if not state.endswith(" live")] == []


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def names_its_twin(page: Page, address: str, language: str, path: str) -> None:
    other = "en" if language == "kk" else "kk"
    assert page.locator("html").get_attribute("lang") == language
    twin = page.locator(f'a[hreflang="{other}"]').first.evaluate("link => link.href.replace(/#.*/, '')")
    assert twin == f"{address}{other}/{path}"
    # The head names published addresses, wherever a copy of the site happens to stand.
    named = {
        "rel=canonical": f"{language}/{path}",
        f'hreflang="{other}"': f"{other}/{path}",
        'hreflang="x-default"': f"kk/{path}",
    }
    for link, page_of_it in named.items():
        assert page.locator(f"link[{link}]").get_attribute("href") == f"http://127.0.0.1:8000/{page_of_it}"


JUMP = (
    "setTimeout(() => document.body.prepend(Object.assign(document.createElement('div'), {style: 'height:300px'})), 60)"
)


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<img src="x.png">', "violations"),
        ('<script>console.log("a word")</script>', "complaints"),
        ('<script src="missing.js"></script>', "complaints"),
        (f"<p>moved</p><script>{JUMP}</script>", "shift"),
        ('<script src="vega.js"></script>', "library"),
    ],
    ids=["picture without words", "console", "missing file", "jump", "library"],
)
def test_a_page_that_breaks_a_limit_is_seen_to(browser: Browser, tmp_path: Path, body: str, fault: str) -> None:
    (tmp_path / "vega.js").write_text("", encoding="utf-8")
    head = '<!DOCTYPE html><html lang="en"><head><title>A page</title></head>'
    page = f"{head}<body><main><h1>A</h1>{body}</main></body></html>"
    (tmp_path / "index.html").write_text(page, encoding="utf-8")
    with served(tmp_path) as place:
        seen = measure(browser, place, PHONE, "light")
    assert getattr(seen, fault)
