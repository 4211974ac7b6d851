"""Checking a rendered site: links that lead nowhere, references nobody resolved."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import lxml.html

from thesis.site.page import read_page

_LINKS = {"a": "href", "link": "href", "img": "src", "script": "src", "source": "srcset"}
_LOADED = {"link", "img", "script", "source"}
_page = cache(read_page)


@cache
def _anchors(path: Path) -> frozenset[str]:
    return frozenset(_page(path).xpath("//@id"))


def broken_links(site: Path) -> list[str]:
    """Every problem of every page: a missing target or anchor, an id given twice, a request
    to another host, an unresolved citation or reference, a path that would break when the
    site is moved.

    Returns one line a problem, in the order of the pages' names.
    """
    _page.cache_clear()
    _anchors.cache_clear()
    problems = []
    site = site.resolve()
    for path in sorted(site.rglob("*.html")):
        page = _page(path)
        name = path.relative_to(site)
        named = Counter(page.xpath("//@id"))
        for identifier in sorted(identifier for identifier, times in named.items() if times > 1):
            problems.append(
                f"{name}: the id {identifier} stands on {named[identifier]} elements; give a heading another"
            )
        for element in page.iter(*_LINKS):
            target = element.get(_LINKS[element.tag])
            if target:
                problem = _problem(site, path, element, target)
                if problem:
                    problems.append(f"{name}: {problem}")
        for cite in page.xpath('//span[@class="citation"]'):
            for key in (cite.get("data-cites") or "").split():
                if f"ref-{key}" not in _anchors(path):
                    problems.append(f"{name}: the citation @{key} is not in references.bib")
        for text in page.xpath("//main//strong[starts-with(., '?@')]//text()"):
            problems.append(f"{name}: the reference {text} names no figure or table of the page")
    return problems


def _problem(site: Path, path: Path, element: lxml.html.HtmlElement, target: str) -> str | None:
    address = urlsplit(target)
    if address.scheme in {"http", "https"} or address.netloc:
        if element.tag in _LOADED and element.get("rel") not in {"canonical", "alternate", "license"}:
            return f"<{element.tag}> loads {target} from another host"
        return None
    if address.scheme:
        return None
    if address.path.startswith("/"):
        # The 404 page is shown at any address; its links begin where the site is published.
        return None if path.name == "404.html" else f"the link {target} breaks when the site stands in a folder"
    goal = (path.parent / unquote(address.path)).resolve() if address.path else path
    if goal.is_dir():
        goal /= "index.html"
    if not goal.is_relative_to(site) or not goal.is_file():
        return f"the link {target} leads nowhere"
    if address.fragment and goal.suffix == ".html" and unquote(address.fragment) not in _anchors(goal):
        return f"the link {target} names no place of {goal.name}"
    return None
