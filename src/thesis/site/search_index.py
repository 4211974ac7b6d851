"""The text of a language's pages, section by section, for the search in ``assets/search.js``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from thesis.site.page import read_page

_LEFT_OUT = (
    "descendant-or-self::*[self::script or self::style or self::pre or self::svg or self::button"
    " or contains(concat(' ', @class, ' '), ' chart ') or contains(@class, 'provenance')"
    " or contains(@class, 'code-fold')]"
)
_HEADINGS = ("h1", "h2", "h3")
_INLINE = {"a", "abbr", "b", "cite", "code", "em", "i", "q", "span", "strong", "sub", "sup"}


def write_search_index(output: Path) -> None:
    """Write ``search-index.js`` into the folder of a language.

    It calls ``thesisIndex`` with a list of pages, each ``[address, title, sections]``, a
    section being ``[id, heading, text]``. A script and not JSON, so that search also works
    on pages opened from a file. Code, pictures and the lines under them are left out: they
    would be found for words nobody reads.
    """
    pages = [_page(path, output) for path in sorted(output.rglob("*.html"))]
    text = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
    (output / "search-index.js").write_text(f"thesisIndex({text});\n", encoding="utf-8")


def _page(path: Path, output: Path) -> list[object]:
    page = read_page(path)
    title = " ".join(page.xpath("string(//main//h1)").split())
    body = page.xpath("//div[@class='text']")[0]
    for element in body.xpath(_LEFT_OUT):
        element.drop_tree()
    sections: list[list[str]] = [["", "", ""]]
    _gather(body, sections)
    told = [[identifier, heading, " ".join(text.split())] for identifier, heading, text in sections]
    return [path.relative_to(output).as_posix(), title, [section for section in told if section[1] or section[2]]]


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
