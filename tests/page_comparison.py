"""What a reader gets from a rendered page, in a form in which two renderings can be compared."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import lxml.html

Fact = Callable[[Any], object]


def _text(element: Any) -> str:
    return " ".join(element.text_content().split())


def _texts(path: str, *attributes: str) -> Fact:
    """The text and some attributes of each element that an XPath finds, in order."""

    def fact(page: Any) -> object:
        return [(_text(element), *map(element.get, attributes)) for element in page.xpath(path)]

    return fact


def _tables(page: Any) -> object:
    def cell(element: Any) -> tuple[str, bool]:
        return _text(element), "right" in (element.get("style") or "")

    return [[[cell(item) for item in row.xpath("th | td")] for row in table.iter("tr")] for table in page.iter("table")]


ASPECTS: dict[str, Fact] = {
    "language": lambda page: page.get("lang"),
    "title": _texts("//head/title | //main//h1"),
    "links of the head": lambda page: [dict(sorted(link.items())) for link in page.xpath("//head/link")],
    "description": lambda page: page.xpath("//head/meta[@name='description']/@content"),
    "ids": lambda page: page.xpath("//body//@id"),
    "headings": lambda page: [(item.tag, item.get("id"), _text(item)) for item in page.iter("h1", "h2", "h3", "h4")],
    "contents": _texts("//nav[@id='TOC']//a", "href"),
    "navigation": _texts("//nav[@id='navigation']//li | //nav[@id='navigation']//a", "class", "href", "aria-current"),
    "neighbours": _texts("//a[@rel='prev' or @rel='next']", "rel", "href"),
    "captions": _texts("//figcaption", "class"),
    "cross-references": _texts("//a[contains(@class, 'quarto-xref')]", "href"),
    "citations": _texts("//span[@class='citation']", "data-cites"),
    "reference list": _texts("//div[@id='refs']/div", "id"),
    "callouts": _texts("//div[@role='note'] | //div[@role='note']/div", "class"),
    "tables": _tables,
    "figures": _texts("//figure//svg", "aria-label", "width", "class"),
    "code": _texts("//details[@class='code-fold']/summary | //pre"),
    "colours of code": _texts("//pre//span[@class]", "class"),
    # Quarto adds a word for its own style sheet, which these pages do not have.
    "outputs": lambda page: [
        kind.removesuffix(" no-overflow-x") for kind in page.xpath("//div[contains(@class, 'cell-output')]/@class")
    ],
    "links": _texts("//body//a", "href", "download"),
    "text": lambda page: _text(page.xpath("//body")[0]).split(". "),
}
"""What is compared, by its name."""


@cache
def _page(path: Path) -> Any:
    page: Any = lxml.html.fromstring(path.read_bytes(), parser=lxml.html.HTMLParser(encoding="utf-8"))
    for element in page.iter("script", "style", "title"):
        if element.getparent().tag != "head":  # a picture's, or code: nothing a reader reads
            element.text = None
    for element in page.xpath("//p[@class='made-with']"):  # it names the renderer, so it must differ
        element.drop_tree()
    return page


def facts(site: Path, aspect: str) -> dict[str, object]:
    """One aspect of every page of a site: ``kk/index.html`` → what a reader gets there."""
    paths = sorted(path for language in ("kk", "en") for path in (site / language).rglob("*.html"))
    return {path.relative_to(site).as_posix(): ASPECTS[aspect](_page(path)) for path in paths}
