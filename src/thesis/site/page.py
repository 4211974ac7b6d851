"""Reading a finished page, once: what links, search, citations and crawlers need of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import lxml.html

from thesis.store import Store, key_of, made_by
from thesis.workers import Workers

_LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "srcset"}
_NOT_SEARCHED = (
    "descendant-or-self::*[self::script or self::style or self::pre or self::svg or self::button"
    " or contains(concat(' ', @class, ' '), ' chart ') or contains(@class, 'provenance')"
    " or contains(@class, 'code-fold')]"
)
_HEADINGS = ("h1", "h2", "h3")
_INLINE = {"a", "abbr", "b", "cite", "code", "em", "i", "q", "span", "strong", "sub", "sup"}


@dataclass(frozen=True)
class PageFacts:
    """What a finished page holds, for whoever makes something of it.

    title: its heading; sections: for the search, each ``[id, heading, text]``; ids: every id,
    in order; links: each element's name, its target and its `rel`; cites: the keys of the
    sources cited; unresolved: references that name nothing; meta: its ``<meta>`` tags by name
    or property; citation: how it says it is cited; canonical: its address; twins: language and
    address of the same page elsewhere; cards: page → figure, of the chapters that it shows.
    """

    title: str
    sections: list[list[str]]
    ids: list[str]
    links: list[list[str]]
    cites: list[str]
    unresolved: list[str]
    meta: dict[str, str]
    citation: str
    canonical: str
    twins: list[list[str]]
    cards: dict[str, str]


def read_page(html: bytes) -> Any:
    """A page's root element; lxml's own types fit no answer of `xpath`, hence Any."""
    return lxml.html.fromstring(html, parser=lxml.html.HTMLParser(encoding="utf-8"))


def facts_of_pages(paths: Sequence[Path], store: Store, workers: Workers) -> dict[Path, PageFacts]:
    """The facts of finished pages, read now or kept from the same page before."""
    program = made_by("site/page.py")
    pages = [path.read_bytes() for path in paths]
    read = workers.keep(store, _read, [(key_of("facts", program, html), (html,)) for html in pages])()
    return {path: PageFacts(**json.loads(content)) for path, content in zip(paths, read, strict=True)}


def _read(html: bytes) -> bytes:
    return json.dumps(asdict(facts_of(html)), ensure_ascii=False).encode()


def facts_of(html: bytes) -> PageFacts:
    """Read a page; see :class:`PageFacts`."""
    page = read_page(html)

    def text(path: str) -> str:
        return " ".join(str(page.xpath(f"string({path})")).split())

    meta = {
        str(tag.get("name") or tag.get("property")): str(tag.get("content"))
        for tag in page.xpath("//head/meta[(@name or @property) and @content]")
    }
    return PageFacts(
        title=text("//main//h1"),
        ids=[str(name) for name in page.xpath("//@id")],
        links=[
            [element.tag, element.get(_LINKS[element.tag]), element.get("rel") or ""]
            for element in page.iter(*_LINKS)
            if element.get(_LINKS[element.tag])
        ],
        cites=[key for keys in page.xpath('//span[@class="citation"]/@data-cites') for key in keys.split()],
        unresolved=[str(words) for words in page.xpath("//main//strong[starts-with(., '?@')]//text()")],
        meta=meta,
        citation=text("//*[@id='citation-text']"),
        canonical=text("//link[@rel='canonical']/@href"),
        twins=[[twin.get("hreflang"), twin.get("href")] for twin in page.xpath("//head/link[@rel='alternate']")],
        cards={
            str(card.xpath("string(.//a/@href)")).removeprefix("./"): str(card.xpath("string(.//@data-thumbnail)"))
            for card in page.xpath("//*[contains(@class, 'chapter-card') and .//@data-thumbnail]")
        },
        # Last: what is not searched is taken out of the page.
        sections=_sections(page),
    )


def _sections(page: Any) -> list[list[str]]:
    """Id, heading and text of each section; code, pictures and the lines under them are left out.

    They would be found for words nobody reads.
    """
    bodies = page.xpath("//div[@class='text']")
    if not bodies:
        return []
    for element in bodies[0].xpath(_NOT_SEARCHED):
        element.drop_tree()
    sections: list[list[str]] = [["", "", ""]]
    _gather(bodies[0], sections)
    plain = [[identifier, heading, " ".join(text.split())] for identifier, heading, text in sections]
    return [section for section in plain if section[1] or section[2]]


def _gather(element: Any, sections: list[list[str]]) -> None:
    """Add an element's text to the last section; a heading begins the next one."""
    if element.tag in _HEADINGS:
        identifier = element.get("id") or element.getparent().get("id") or ""
        sections.append([identifier, " ".join(element.text_content().split()), ""])
        return
    # Words of neighbouring blocks must not run together, nor a word with a stressed part fall apart.
    between = "" if element.tag in _INLINE else " "
    sections[-1][2] += between + (element.text or "")
    for child in element:
        if isinstance(child.tag, str):  # and no comment
            _gather(child, sections)
        sections[-1][2] += child.tail or ""
    sections[-1][2] += between
