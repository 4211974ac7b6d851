"""What belongs to the whole site, seen on the small one; and what each page says of itself."""

import json
import re
import zipfile
from html import escape
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree

import pytest

from thesis.execution.execute import chapters
from thesis.site import render
from thesis.site.citations import bibtex, ris
from thesis.site.page import facts_of, read_page
from thesis.site.whole_site import write_archive, write_data_package, write_whole_site
from thesis.store import Store

from .conftest import REPOSITORY, as_it_stands

ADDRESS = "http://127.0.0.1:8000/"
in_both_languages = pytest.mark.parametrize("language", ["kk", "en"])


def test_the_sitemap_has_every_page_with_its_twins(site: Path) -> None:
    spaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    entries = ElementTree.parse(site / "sitemap.xml").findall("s:url", spaces)
    pages = {path.relative_to(site).as_posix() for name in ("kk", "en") for path in (site / name).rglob("*.html")}
    assert {entry.findtext("s:loc", "", spaces) for entry in entries} == {ADDRESS + page for page in pages}
    for entry in entries:
        twins = {link.get("hreflang"): link.get("href", "") for link in entry.findall("x:link", spaces)}
        assert set(twins) == {"kk", "en", "x-default"}
        assert all(twin.removeprefix(ADDRESS) in pages for twin in twins.values())
    assert (site / "robots.txt").read_text(encoding="utf-8").endswith(f"Sitemap: {ADDRESS}sitemap.xml\n")


def test_the_archives_hold_the_data_and_the_site_and_no_archive(site: Path) -> None:
    with zipfile.ZipFile(site / "downloads" / "data-package.zip") as data:
        described = json.loads(data.read("datapackage.json"))
        assert {"datapackage.json", *(table["path"] for table in described["resources"])} == set(data.namelist())
    for language in ("kk", "en"):
        assert json.loads((site / language / "data" / "datapackage.json").read_text(encoding="utf-8")) == described
    with zipfile.ZipFile(site / "downloads" / "offline-site.zip") as packed:
        names = packed.namelist()
        assert packed.read("kk/index.html") == (site / "kk" / "index.html").read_bytes()
    assert "index.html" in names
    assert not [name for name in names if name.endswith(".zip")]


@pytest.mark.parametrize("address", ["https://example.org/thesis/", "https://example.org/", "http://[::1]/a&b/"])
def test_the_page_for_unknown_addresses_leads_into_the_folder_of_the_site(
    site: Path, tmp_path: Path, address: str
) -> None:
    for path in ("kk/index.html", "en/index.html"):
        (tmp_path / path).parent.mkdir()
        page = (site / path).read_text(encoding="utf-8").replace(ADDRESS, escape(address))
        (tmp_path / path).write_text(page, encoding="utf-8")
    pages = {path: facts_of(path.read_bytes()) for path in tmp_path.rglob("*.html")}
    write_whole_site(tmp_path, REPOSITORY, pages, Store(tmp_path))
    links = read_page((tmp_path / "404.html").read_bytes()).xpath("//a/@href")
    assert [urljoin(address, link) for link in links] == [f"{address}kk/index.html", f"{address}en/index.html"]


@pytest.mark.parametrize("address", ["https://example.org/thesis/", ADDRESS])
def test_the_data_package_names_the_site_unless_it_is_on_ones_own_machine(tmp_path: Path, address: str) -> None:
    (tmp_path / "downloads").mkdir()
    for language in ("kk", "en"):
        (tmp_path / language).mkdir()
    write_data_package(tmp_path, REPOSITORY, address, Store(tmp_path))
    described = json.loads((tmp_path / "kk" / "data" / "datapackage.json").read_text(encoding="utf-8"))
    assert described.get("homepage") == (None if address == ADDRESS else address)
    assert next(iter(described)) == "$schema"


def test_the_same_files_are_the_same_archive_whenever_they_were_written(tmp_path: Path) -> None:
    for name, files in {"one": "ab", "other": "ba"}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).write_text(file, encoding="utf-8")
        packed = {path.name: path for path in (tmp_path / name).iterdir()}
        write_archive(tmp_path / f"{name}.zip", packed, Store(tmp_path / name))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


@in_both_languages
def test_every_page_has_a_card_for_social_networks(site: Path, language: str) -> None:
    for path in (site / language).rglob("*.html"):
        said = read_page(path.read_bytes()).xpath("//meta[@property='og:image']/@content")[0]
        head = (site / said.removeprefix(ADDRESS)).read_bytes()[:24]
        assert (int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")) == (1200, 630)


@in_both_languages
def test_every_page_says_how_to_cite_it_in_words_and_files(site: Path, language: str) -> None:
    for path in (site / language).rglob("*.html"):
        page = read_page(path.read_bytes())
        title = page.xpath("//meta[@name='citation_title']/@content")[0]
        sentence = " ".join(page.xpath("//*[@id='citation-text']")[0].text_content().split())
        assert title in sentence and "2026" in sentence and "127.0.0.1" not in sentence
        folder = site / language / "cite"
        assert (folder / f"{path.stem}.txt").read_text(encoding="utf-8") == sentence + "\n"
        assert f"title = {{{{{title}}}}}," in (folder / f"{path.stem}.bib").read_text(encoding="utf-8")
        assert f"TI  - {title}\n" in (folder / f"{path.stem}.ris").read_text(encoding="utf-8")


FACTS = {"title": "A chapter", "author": "Somebody", "publication_date": "2026", "language": "en"}


def test_an_address_is_cited_where_there_is_one() -> None:
    public = {**FACTS, "fulltext_html_url": "https://example.org/en/x.html", "inbook_title": "A site"}
    assert "  url = {https://example.org/en/x.html},\n" in bibtex("x", public)
    assert bibtex("x", public).startswith("@incollection{")
    assert "UR  - https://example.org/en/x.html\r\n" in ris(public)
    assert "url" not in bibtex("x", FACTS) and bibtex("x", FACTS).startswith("@misc{")


def test_the_address_comes_from_the_environment_where_it_is_given(
    executed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITE_URL", "https://example.org/thesis")
    snapshot, records = as_it_stands(executed), dict.fromkeys(chapters(executed), executed)
    measured = [
        page
        for page in render.read_pages(snapshot, records, "pandoc")
        if (page.language, page.address) == ("en", "chapters/measured.html")
    ]
    made = render.rendered_pages(snapshot, measured, records, tmp_path, "pandoc", Store(tmp_path), 1)
    page = read_page(made[measured[0]])
    canonical = page.xpath("//link[@rel='canonical']/@href")[0]
    assert re.fullmatch(r"https://example\.org/thesis/en/chapters/measured\.html", canonical)
    assert page.xpath("//meta[@name='citation_fulltext_html_url']/@content") == [canonical]
    assert canonical in page.xpath("//*[@id='citation-text']")[0].text_content()


def test_the_index_for_search_has_whole_words_of_every_section(site: Path) -> None:
    text = (site / "en" / "search-index.js").read_text(encoding="utf-8")
    pages = json.loads(text.removeprefix("thesisIndex(").removesuffix(");\n"))
    assert [page[0] for page in pages] == ["chapters/measured.html", "chapters/notes.html", "index.html"]
    sections = {section[0]: section for section in pages[0][2]}
    assert sections["ranking"][1] == "The ranking"
    assert sections["ranking"][2].endswith("(Aitbaev 2020). Figure I and Table I show it; Figure I, Table I both.")
    assert "Scores of three countries" in sections["remarks"][2]
    assert "import" not in sections["remarks"][2] and "Download" not in sections["remarks"][2]
