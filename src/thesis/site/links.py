"""Checking a finished site: links that lead nowhere, references nobody resolved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from thesis.site.page import PageFacts

_LOADED = {"link", "img", "script", "source"}


def broken_links(site: Path, pages: Mapping[Path, PageFacts]) -> list[str]:
    """Every problem of every page: a missing target or anchor, an id given twice, a request
    to another host, an unresolved citation or reference, a path that would break when the
    site is moved.

    site: the site's folder, resolved; pages: each page below it with its facts. Returns one
    line a problem, in the order of the pages' names.
    """
    anchors = {path: frozenset(facts.ids) for path, facts in pages.items()}
    problems = []
    for path, facts in sorted(pages.items()):
        name = path.relative_to(site)
        times = Counter(facts.ids)
        for identifier in sorted(identifier for identifier, count in times.items() if count > 1):
            problems.append(
                f"{name}: the id {identifier} stands on {times[identifier]} elements; give a heading another"
            )
        for tag, target, relation in facts.links:
            problem = _problem(site, anchors, path, tag, target, relation)
            if problem:
                problems.append(f"{name}: {problem}")
        for key in facts.cites:
            if f"ref-{key}" not in anchors[path]:
                problems.append(f"{name}: the citation @{key} is not in references.bib")
        for text in facts.unresolved:
            problems.append(f"{name}: the reference {text} names no figure or table of the page")
    return problems


def _problem(
    site: Path, anchors: Mapping[Path, frozenset[str]], path: Path, tag: str, target: str, relation: str
) -> str | None:
    address = urlsplit(target)
    if address.scheme in {"http", "https"} or address.netloc:
        if tag in _LOADED and relation not in {"canonical", "alternate", "license"}:
            return f"<{tag}> loads {target} from another host"
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
    if address.fragment and goal.suffix == ".html" and unquote(address.fragment) not in anchors[goal]:
        return f"the link {target} names no place of {goal.name}"
    return None
