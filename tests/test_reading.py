"""Every page as every reader gets it: accessible, light, still, silent, in both languages."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

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
    seen = measure(browser, f"{address}{language}/{path}", width, theme)
    assert seen.violations == []
    assert seen.complaints == []
    assert seen.shift < 0.02
    assert seen.weight <= 200_000
    assert not seen.library


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
