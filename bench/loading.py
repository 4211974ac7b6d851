"""What a reader's browser loads first, and how long a search takes in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.page_measures import PHONE, launched, served

LEDGER, DATA = "kk/chapters/reproducibility.html", "kk/chapters/data.html"
WORDS = ("терроризм", "Қазақстандағы оқиғалар", "2016")
"""What is searched for: a word of every page, two words, a number."""
_TIMES = 5
_MINUTES = 5

_SEARCH = """
async (word) => {
  const dialog = document.querySelector("#search");
  const list = dialog.querySelector(".search-results");
  if (dialog.open) dialog.close();
  list.replaceChildren();
  document.querySelector("#search-field").value = word;
  const shown = new Promise((resolve) => {
    const look = new MutationObserver(() => { if (list.children.length) { look.disconnect(); resolve(); } });
    look.observe(list, { childList: true });
    setTimeout(resolve, 60000);  // no result: the time says so
  });
  const started = performance.now();
  window.thesisSearch();
  await shown;
  return performance.now() - started;
}
"""
"""From asking the page's own script to the first result shown; without the script's wait for more letters."""


@dataclass(frozen=True)
class Loading:
    """What a phone was sent and how long it searched.

    ledger, data, search: bytes, compressed, for the first view of the ledger and of the data
    page and for the first search; milliseconds: of the slowest of :data:`WORDS` once what it
    searches is loaded, the middle of five times.
    """

    ledger: int
    data: int
    search: int
    milliseconds: float


def loading(site: Path) -> Loading:
    """Open the pages of a built site in a browser, and search."""
    with served(site) as address, sync_playwright() as playwright:
        browser = launched(playwright)
        ledger, data = (_first_view(browser, address + page) for page in (LEDGER, DATA))
        search, milliseconds = _search(browser, address + "kk/index.html")
        browser.close()
    return Loading(ledger, data, search, milliseconds)


def _opened(browser: Browser, address: str) -> tuple[Any, list[int]]:
    """A page that has loaded, and the sizes of all it was sent and will be sent."""
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    page.set_default_timeout(_MINUTES * 60_000)
    sent: list[int] = []
    page.on("response", lambda reply: sent.append(int(reply.headers.get("content-length", 0))))
    page.goto(address, wait_until="networkidle")
    return page, sent


def _first_view(browser: Browser, address: str) -> int:
    page, sent = _opened(browser, address)
    page.close()
    return sum(sent)


def _search(browser: Browser, address: str) -> tuple[int, float]:
    page, sent = _opened(browser, address)
    before = sum(sent)
    page.evaluate("document.querySelector('[data-open-search]').click()")
    page.wait_for_function("Boolean(window.thesisSearch)")  # a function alone would be called
    page.evaluate(_SEARCH, WORDS[0])
    page.wait_for_load_state("networkidle")
    loaded = sum(sent) - before
    slowest = max(median(page.evaluate(_SEARCH, word) for _ in range(_TIMES)) for word in WORDS)
    page.close()
    return loaded, slowest
