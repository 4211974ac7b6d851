"""How the ledger looks to a reader: on a chapter's page, on its own, and to a machine."""

import json
from collections import Counter
from pathlib import Path

import lxml.html
import pytest

from thesis.execution.execute import chapters
from thesis.house_rules import citation_keys
from thesis.ledger import display as shown
from thesis.ledger.claims import ledger
from thesis.references import named_sources
from thesis.tables import pipe_table
from thesis.words import VERDICT_NAMES

from .conftest import REPOSITORY
from .ledger_script import checks_set_aside

LANGUAGES = ["kk", "en"]


def page(site: Path, language: str, name: str) -> lxml.html.HtmlElement:
    parser = lxml.html.HTMLParser(encoding="utf-8")
    return lxml.html.fromstring((site / language / "chapters" / f"{name}.html").read_bytes(), parser=parser)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_every_claim_with_its_verdict(real_site: Path, language: str) -> None:
    rows = page(real_site, language, "reproducibility").xpath("//tr[.//span[starts-with(@id, 'ledger-')]]")
    assert len(rows) == len(ledger())
    verdicts = Counter(row.xpath("string(.//*[contains(@class, 'verdict-')])") for row in rows)
    names = {VERDICT_NAMES[judgement.verdict][language] for judgement in ledger()}
    assert verdicts == Counter(VERDICT_NAMES[judgement.verdict][language] for judgement in ledger())
    assert set(verdicts) == names


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_claim_leads_from_the_ledger_to_its_chapter_and_back(real_site: Path, language: str) -> None:
    there = page(real_site, language, "reproducibility")
    for judgement in ledger():
        claim = judgement.claim
        link = there.xpath(f"//tr[.//span[@id='ledger-{claim.id}']]//a[contains(@href, '#claim-')]/@href")
        assert link == [f"../chapters/{claim.chapter}.html#claim-{claim.id}"]
    for name in {judgement.claim.chapter for judgement in ledger()}:
        own = page(real_site, language, name)
        claims = [judgement.claim.id for judgement in ledger() if judgement.claim.chapter == name]
        assert sorted(own.xpath("//span[starts-with(@id, 'claim-')]/@id")) == sorted(f"claim-{id}" for id in claims)
        back = own.xpath("//a[contains(@href, 'reproducibility.html#ledger-')]/@href")
        assert len(back) == len(claims)


def test_every_chapter_of_the_thesis_has_claims() -> None:
    others = {"index", "data", "sources", "glossary", "about", "reproducibility"}
    written = {source.stem for source in chapters(REPOSITORY)} - others
    assert {judgement.claim.chapter for judgement in ledger()} == written


def test_what_is_material_comes_first(real_site: Path) -> None:
    own = page(real_site, "en", "reproducibility")
    first = own.xpath("(//div[contains(@class, 'ledger')])[1]//*[contains(@class, 'weight-')]/text()")
    material = [
        judgement for judgement in ledger() if judgement.verdict == "differs" and judgement.weight == "material"
    ]
    assert first == ["material"] * len(material)


def test_the_site_has_the_ledger_for_machines(real_site: Path) -> None:
    records = json.loads((real_site / "claims.json").read_text(encoding="utf-8"))
    assert [record["id"] for record in records] == [judgement.claim.id for judgement in ledger()]
    for record in records:
        name, anchor = record["href"].split("#")
        assert name == f"chapters/{record['chapter']}.html"
        assert anchor == f"claim-{record['id']}"


@pytest.mark.parametrize(
    "text", ["a | b", "2 * 3 * 4", "_x_", "[1]", "@key", "<b>", "#1", "$5 and $6", "H~2~O", "a ` b", "{x}", "1\\2"]
)
def test_text_is_shown_as_it_is(text: str) -> None:
    import pypandoc

    html = pypandoc.convert_text(pipe_table(["a"], [[shown.plain(text)]]), "html5", format="markdown-smart")
    assert lxml.html.fromstring(html).xpath("string(//td)") == text


def test_code_in_a_note_stays_code() -> None:
    assert shown.plain("at `a_b|c`, or d_e") == "at `<code>a_b&#124;c</code>`{=html}, or d\\_e"


def test_a_chapter_without_claims_is_refused() -> None:
    with pytest.raises(KeyError, match="no claim of the chapter “unwritten”"):
        shown.chapter_claims("unwritten")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_claim_says_how_it_was_checked(real_site: Path, language: str) -> None:
    aside = checks_set_aside((real_site / language / "assets" / "ledger-how.js").read_text(encoding="utf-8"))
    kept = page(real_site, language, "reproducibility").xpath(
        "//noscript//tr[.//*[@class='claim-how']]//span[starts-with(@id, 'ledger-')]/@id"
    )
    differing = [f"ledger-{judgement.claim.id}" for judgement in ledger() if judgement.verdict == "differs"]
    assert sorted(kept) == sorted(differing)
    assert sorted([*aside, *kept]) == sorted(f"ledger-{judgement.claim.id}" for judgement in ledger())
    assert all("claim-how" in said for said in aside.values())


def test_a_source_is_named_however_its_entry_is_laid_out(tmp_path: Path) -> None:
    bibliography = tmp_path / "references.bib"
    bibliography.write_text(
        "@misc{body,\n\tauthor = {{A body \\& its office}},\n\tdate={2024-03-18}\n}\n@misc{untold,\n}\n",
        encoding="utf-8",
    )
    assert named_sources(bibliography) == {"body": "A body & its office 2024", "untold": "untold"}


def test_a_source_is_named_by_author_and_year_and_leads_to_the_list_of_sources(real_site: Path) -> None:
    listed = set(page(real_site, "en", "sources").xpath("//*[starts-with(@id, 'ref-')]/@id"))
    assert len(listed) == len(citation_keys(REPOSITORY))
    links = page(real_site, "en", "reproducibility").xpath("//*[@class='claim-how']//a[contains(@href, '#ref-')]")
    assert links
    assert {link.get("href").partition("#")[2] for link in links} <= listed
    assert all(link.text_content().strip() for link in links)
