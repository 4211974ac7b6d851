"""Checking a finished site: links that lead nowhere, references nobody resolved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Set
from pathlib import Path
from posixpath import basename, dirname, join, normpath
from urllib.parse import unquote, urlsplit

from thesis.site.page import PageFacts

_LOADED = {"link", "img", "script", "source"}


def broken_links(site: Path, pages: Mapping[Path, PageFacts]) -> list[str]:
    """Every problem of every page: a missing target or anchor, an id given twice, a request
    to another host, an unresolved citation or reference, a path that would break when the
    site is moved.

    site: the site's folder; pages: each page below it with its facts. Returns one line a
    problem, in the order of the pages' names.
    """
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    anchors = {path.relative_to(site).as_posix(): frozenset(facts.ids) for path, facts in pages.items()}
    problems = []
    for path, facts in sorted(pages.items()):
        name = path.relative_to(site).as_posix()
        times = Counter(facts.ids)
        for identifier in sorted(identifier for identifier, count in times.items() if count > 1):
            problems.append(
                f"{name}: the id {identifier} stands on {times[identifier]} elements; give a heading another"
            )
        for tag, target, relation in facts.links:
            problem = _problem(files, anchors, name, tag, target, relation)
            if problem:
                problems.append(f"{name}: {problem}")
        for key in facts.cites:
            if f"ref-{key}" not in anchors[name]:
                problems.append(f"{name}: the citation @{key} is not in references.bib")
        for text in facts.unresolved:
            problems.append(f"{name}: the reference {text} names no figure or table of the page")
    return problems


def _problem(
    files: Set[str], anchors: Mapping[str, Set[str]], name: str, tag: str, target: str, relation: str
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
        return None if name == "404.html" else f"the link {target} breaks when the site stands in a folder"
    goal = normpath(join(dirname(name), unquote(address.path))) if address.path else name
    if goal not in files:
        goal = normpath(join(goal, "index.html"))
    if goal not in files:
        return f"the link {target} leads nowhere"
    if address.fragment and goal in anchors and unquote(address.fragment) not in anchors[goal]:
        return f"the link {target} names no place of {basename(goal)}"
    return None
