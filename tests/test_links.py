"""Links that lead nowhere, found before a site is published."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from thesis.site import links
from thesis.site.page import facts_of_pages
from thesis.store import Store
from thesis.workers import Workers

GOOD = """<!DOCTYPE html><html lang="en"><head>
<link rel="stylesheet" href="../site.css">
<link rel="canonical" href="https://example.org/en/">
<link rel="alternate" hreflang="kk" href="../kk/index.html">
<script src="../site.js"></script>
</head><body><main>
<h2 id="top">Top</h2> <h2 id="қазақша">Қазақша</h2>
<a href="#top">here</a> <a href="#%D2%9B%D0%B0%D0%B7%D0%B0%D2%9B%D1%88%D0%B0">encoded</a>
<a href="../kk/index.html#top">there</a> <a href="../kk/">a folder</a> <a href="../data/a%20b.csv">a file</a>
<a href="?q=x#top">query</a> <a href="https://example.org/x#y">elsewhere</a> <a href="mailto:a@example.org">mail</a>
<a>no target</a> <img src="../picture.svg" alt="">
<span class="citation" data-cites="one2020 two2021">(One 2020; Two 2021)</span>
<div id="ref-one2020"></div><div id="ref-two2021"></div>
EXTRA
</main></body></html>
"""


Check = Callable[[Path], list[str]]


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    with Workers(1, tmp_path_factory.mktemp("workers")) as started:
        yield started


@pytest.fixture
def broken_links(workers: Workers) -> Check:
    """The problems of a site, its pages read as a build reads them: once as long as they stay the same."""

    def check(site: Path) -> list[str]:
        pages = facts_of_pages(sorted(site.rglob("*.html")), Store(site.parent), workers)
        return links.broken_links(site, pages)

    return check


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "_site"
    for name in ("kk/index.html", "en/index.html"):
        (site / name).parent.mkdir(parents=True)
        (site / name).write_text(GOOD, encoding="utf-8")
    (site / "data").mkdir()
    for name in ("site.css", "site.js", "picture.svg", "data/a b.csv", "../outside.html"):
        (site / name).touch()
    return site


def add(site: Path, html: str) -> None:
    (site / "en" / "index.html").write_text(GOOD.replace("EXTRA", html), encoding="utf-8")


def test_a_good_site_has_no_broken_link(broken_links: Check, site: Path) -> None:
    assert broken_links(site) == []


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="gone.html">x</a>', "the link gone.html leads nowhere"),
        ('<a href="../data/">x</a>', "the link ../data/ leads nowhere"),
        ('<a href="../../outside.html">x</a>', "the link ../../outside.html leads nowhere"),
        ('<a href="#gone">x</a>', "the link #gone names no place of index.html"),
        ('<a href="../kk/index.html#gone">x</a>', "the link ../kk/index.html#gone names no place of index.html"),
        ('<a href="../kk/#gone">x</a>', "the link ../kk/#gone names no place of index.html"),
        ('<a href="/en/index.html">x</a>', "the link /en/index.html breaks when the site stands in a folder"),
        ('<p id="top">x</p>', "the id top stands on 2 elements; give a heading another"),
        ('<img src="gone.svg">', "the link gone.svg leads nowhere"),
        ('<script src="gone.js"></script>', "the link gone.js leads nowhere"),
        ('<link rel="stylesheet" href="gone.css">', "the link gone.css leads nowhere"),
        (
            '<script src="https://cdn.example.org/x.js"></script>',
            "<script> loads https://cdn.example.org/x.js from another host",
        ),
        ('<script src="//cdn.example.org/x.js"></script>', "<script> loads //cdn.example.org/x.js from another host"),
        (
            '<link rel="stylesheet" href="https://fonts.example.org/x">',
            "<link> loads https://fonts.example.org/x from another host",
        ),
        ('<img src="http://example.org/x.png">', "<img> loads http://example.org/x.png from another host"),
        (
            '<span class="citation" data-cites="one2020 nobody">(?)</span>',
            "the citation @nobody is not in references.bib",
        ),
        ("<p>See <strong>?@fig-gone</strong>.</p>", "the reference ?@fig-gone names no figure or table of the page"),
    ],
)
def test_each_kind_of_broken_link_is_found_and_named(broken_links: Check, site: Path, html: str, problem: str) -> None:
    add(site, html)
    assert broken_links(site) == [f"en/index.html: {problem}"]


def test_every_problem_of_every_page_is_told_in_one_run(broken_links: Check, site: Path) -> None:
    add(site, '<a href="gone.html">x</a><a href="#gone">x</a>')
    (site / "404.html").write_text('<a href="gone.html">x</a>', encoding="utf-8")
    assert broken_links(site) == [
        "404.html: the link gone.html leads nowhere",
        "en/index.html: the link gone.html leads nowhere",
        "en/index.html: the link #gone names no place of index.html",
    ]


def test_the_404_page_alone_may_give_addresses_from_the_root(broken_links: Check, site: Path) -> None:
    (site / "404.html").write_text('<a href="/kk/index.html">x</a>', encoding="utf-8")
    assert broken_links(site) == []


def test_a_site_changed_since_the_last_check_is_read_again(broken_links: Check, site: Path) -> None:
    add(site, '<a href="#new">x</a>')
    assert broken_links(site) == ["en/index.html: the link #new names no place of index.html"]
    add(site, '<a href="#new">x</a><p id="new">There.</p>')
    assert broken_links(site) == []
