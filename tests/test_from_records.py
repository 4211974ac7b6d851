"""What is written into a page from records, without a renderer."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import lxml.html
import pytest

from thesis import words
from thesis.descriptions import build_package
from thesis.display import from_records
from thesis.failures import RenderError
from thesis.language import LANGUAGES
from thesis.site import finish as finishing
from thesis.site.from_records import fill_in_records, ledger_how, text, unbroken
from thesis.store import Store
from thesis.workers import Workers

from .conftest import REPOSITORY
from .ledger_script import checks_set_aside

MARKUP = """<b>"a" & 'b'</b> | *c* [d](e) `<f>` {{ g }}"""
SHOWN = """<b>"a" & 'b'</b> | *c* [d](e) <f> {{ g }}"""
"""The same where what stands between backticks is code."""

Write = Callable[..., Any]


def claim(name: str, verdict: str = "reproduced", **other: Any) -> dict[str, Any]:
    """A record of the ledger."""
    both = {"kk": "Қазақша", "en": "English"}
    return {
        "id": name,
        "chapter": "measured",
        "place": {"kk": "1.1-бөлім, 2-абзац", "en": "§1.1, paragraph 2"},
        "statement": both,
        "printed": "1 234 ж.",
        "stated_written": {"kk": "5,5", "en": "5.5"},
        "relation": "equals",
        "tolerance": None,
        "check": "value",
        "table": "countries",
        "rows": 'id == "kazakhstan"',
        "column": "name_en",
        "among_table": "",
        "among": "",
        "recomputed_written": {"kk": "7,5", "en": "7.5"},
        "verdict": verdict,
        "weight": "material",
        "against": "own-data",
        "evidence": [],
        "meant_at": "",
        "note": {"kk": "Ескертпе.", "en": "A note."},
        "href": f"chapters/measured.html#claim-{name}",
        **other,
    }


@pytest.fixture
def record(project: Path) -> Callable[..., None]:
    """Leave claims in the small project as executing would."""

    def record(*claims: dict[str, Any]) -> None:
        (project / "figures").mkdir(exist_ok=True)
        (project / "figures" / "claims.json").write_text(json.dumps(claims), encoding="utf-8")

    return record


def asked(kind: str, **more: str) -> str:
    """A page with one place for records, as both renderers make it."""
    attributes = "".join(f' data-{name}="{value}"' for name, value in {"records": kind, **more}.items())
    return f'<html lang="kk" data-root=".."><body><p>Before</p><div{attributes}>\n\n</div><p>After</p></body></html>'


@pytest.fixture
def filled(project: Path) -> Write:
    """What stands in a page after its place was filled."""

    def filled(kind: str, language: str = "en", **more: str) -> Any:
        return lxml.html.fromstring(fill_in_records(asked(kind, **more), language, project))

    return filled


def ids(page: Any) -> list[str]:
    return [str(name) for name in page.xpath("//span/@id")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_characters_of_markup_are_shown_as_they_are(record: Write, filled: Write, language: str) -> None:
    both = {"kk": MARKUP, "en": MARKUP}
    record(
        claim(
            "a",
            "differs",
            statement=both,
            printed=MARKUP,
            rows=MARKUP,
            column=MARKUP,
            note=both,
            tolerance={"value": 1.0, "written": both, "reason": both},
            relation="at-least",
            stated_written=both,
            recomputed_written=both,
        )
    )
    page = filled("ledger", language)
    assert not page.xpath("//b | //f")
    for part in ("claim-statement", "claim-note", "as-printed"):
        assert page.xpath(f"string(//*[@class='{part}'])") == SHOWN
    assert [code.text for code in page.xpath("//*[@class='claim-how']/code[not(node()[2])]")][:2] == [MARKUP, MARKUP]
    assert page.xpath("string(//tbody//td[3])") == SHOWN
    assert f"±{MARKUP} ({SHOWN})" in page.xpath("string(//*[@class='claim-how'])")


def test_cells_and_descriptions_of_a_table_are_shown_as_they_are(
    project: Path, filled: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    field = {"name": "<i>", "type": "string", "description": MARKUP, "description_kk": MARKUP}
    described = {"name": "odd", "path": "odd.csv", "schema": {"fields": [field]}}
    monkeypatch.setattr("thesis.site.from_records.describe", lambda name, folder: described)
    long = "слово " * 30
    (project / "data" / "odd.csv").write_text(
        f'<i>\n"{MARKUP.replace(chr(34), 2 * chr(34))}"\n"two\nlines"\n{long}\nfourth\n'
    )
    page = filled("table", table="odd")
    meaning, *cells = [cell.text_content() for cell in page.xpath("//td[last()]")]
    assert meaning == SHOWN
    assert cells[:2] == [MARKUP, "two lines"]
    assert len(cells) == 3 and len(cells[2]) <= 60 and cells[2].endswith("слово…")
    assert page.xpath("//th[last()]/text()") == ["Meaning", "<i>"]


@pytest.mark.parametrize(
    ("kind", "addresses", "links", "checks"),
    [
        ("ledger", ["ledger-a", "ledger-b"], "../chapters/measured.html#claim-", ["b"]),
        ("claims", [], "../chapters/measured.html#claim-", ["b", "a"]),
        ("chapter-claims", ["claim-b", "claim-a"], "../chapters/reproducibility.html#ledger-", []),
    ],
)
def test_a_row_has_the_address_the_link_and_the_check_of_its_kind(
    record: Write, filled: Write, kind: str, addresses: list[str], links: str, checks: list[str]
) -> None:
    record(claim("a"), claim("b", "differs"))
    page = filled(kind)
    rows = page.xpath("//tbody/tr")
    assert ids(page) == addresses
    assert {row.xpath("string(.//*[@class='claim-place']/a/@href)")[:-1] for row in rows} == {links}
    checked = [row for row in rows if row.xpath(".//*[@class='claim-how']")]
    assert [row.xpath("string(.//*[@class='claim-place']/a/@href)")[-1] for row in checked] == checks
    assert page.xpath("//p/text()") == ["Before", "After"]


def test_claims_are_chosen_and_those_that_differ_come_first_by_weight(record: Write, filled: Write) -> None:
    record(
        claim("a"),
        claim("b", "differs", weight="misprint", meant_at="table-6"),
        claim("c", "differs"),
        claim("d", "not-computable", recomputed_written=None, against=None),
        claim("e", chapter="notes"),
    )
    assert ids(filled("chapter-claims", chapter="measured")) == ["claim-c", "claim-b", "claim-a", "claim-d"]
    assert ids(filled("chapter-claims", verdict="reproduced not-computable")) == ["claim-a", "claim-d", "claim-e"]
    assert ids(filled("chapter-claims", verdict="differs", weight="misprint")) == ["claim-b"]
    assert ids(filled("ledger")) == [f"ledger-{name}" for name in "abcde"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_notes_and_checks_of_what_does_not_differ_are_set_aside(
    project: Path, record: Write, filled: Write, language: str
) -> None:
    record(claim("a"), claim("b", "differs"), claim("c", note={"kk": "", "en": ""}))
    page = filled("ledger", language)
    aside = checks_set_aside(ledger_how(language, project))
    assert list(aside) == ["ledger-a", "ledger-c"]
    kept = page.xpath("//tr[.//span[@id='ledger-b']]")[0]
    assert [len(page.xpath(f"//*[@class='{part}']")) for part in ("claim-note", "claim-how")] == [1, 1]
    for part in ("claim-note", "claim-how"):
        set_aside = lxml.html.fromstring(f"<div>{aside['ledger-a']}</div>").xpath(f"string(//*[@class='{part}'])")
        assert set_aside == kept.xpath(f"string(.//*[@class='{part}'])")
    assert "claim-note" not in aside["ledger-c"]


def test_a_check_is_told_in_full(record: Write, filled: Write) -> None:
    places = ["table-6", "2.1-p001", "2.1-p002", "2.1-p003"]
    tolerance = {"value": 0.5, "written": {"kk": "0,5", "en": "0.5"}, "reason": {"kk": "Дөңгелек.", "en": "Rounded."}}
    record(
        claim("a", "differs", check="share", among='id == "x"', among_table="loci", relation="about"),
        claim("b", "differs", rows="", evidence=places, tolerance=tolerance),
        claim("c", "differs", relation="more-than", against="primary-source", evidence=["one2020", "2.1-p001"]),
        claim("d", "differs", weight="misprint", meant_at="table-6"),
    )
    told = [" ".join(how.text_content().split()) for how in filled("claims").xpath("//*[@class='claim-how']")]
    start = 'name_en is read from countries. Rows: id == "kazakhstan".'
    assert told == [
        'The share of the matching rows of countries among loci id == "x" is computed, in per cent. '
        'Rows: id == "kazakhstan". Held against: the thesis’s own data.',
        "name_en is read from countries. Rows: all rows. Tolerance: ±0.5 (Rounded). "
        "Held against: the thesis’s own data (Table 6, §2.1; §2.1, paragraph 1; §2.1, paragraph 2; …).",
        f"{start} What the statement asks: to be more than 5.5. "
        "Held against: a source outside the thesis (Aitbaev 2020).",
        f"{start} Held against: the thesis’s own data. What was meant is shown by: Table 6, §2.1.",
    ]


def test_both_languages_are_written_side_by_side(record: Write, project: Path) -> None:
    record(*(claim(f"c{place}", "differs") for place in range(200)))

    def write(language: str) -> tuple[str, str]:
        return fill_in_records(asked("ledger"), language, project), ledger_how(language, project)

    alone = {language: write(language) for language in LANGUAGES}
    assert alone["kk"] != alone["en"]
    with ThreadPoolExecutor(4) as pool:
        for language, written in zip(LANGUAGES * 8, pool.map(write, LANGUAGES * 8), strict=True):
            assert written == alone[language]


def test_no_line_parts_a_number_or_begins_with_a_dash() -> None:
    kept = "\N{NO-BREAK SPACE}"
    assert text("a – b · c-d No. 5, no. Next") == f"a{kept}– b{kept}· c-d No.{kept}5, no. Next"
    assert unbroken("1 234 567 адам, 2010 ж. 5 %") == f"1{kept}234{kept}567 адам, 2010{kept}ж. 5{kept}%"
    assert text("one ` alone – `a – b` c") == f"one ` alone{kept}– `a{kept}– b` c"
    assert text("`a – b`") == "<code>a – b</code>"


def test_a_page_that_asks_for_nothing_stays_as_it_is(project: Path) -> None:
    page = "<html><body><div>\n\n</div><p>data-records</p></body></html>"
    assert fill_in_records(page, "kk", project) == page


def test_what_is_filled_is_not_filled_again(record: Write, project: Path) -> None:
    record(claim("a"))
    once = fill_in_records(asked("ledger"), "kk", project)
    assert fill_in_records(once, "kk", project) == once


CASES = [
    ({"kind": "leger"}, "there is no “leger”; data-records is one of ledger, claims, chapter-claims, table"),
    ({"kind": "table", "table": "nations"}, "describes no table “nations”; it describes "),
    ({"kind": "table"}, "describes no table “”"),
    (
        {"kind": "claims", "chapter": "unwritten"},
        "no claim in figures/claims.json has the chapter “unwritten”; a claim has one of measured",
    ),
    (
        {"kind": "claims", "verdict": "differs wrong"},
        "has the verdict “wrong”; a claim has one of differs, not-computable, reproduced",
    ),
    ({"kind": "claims", "weight": "heavy"}, "has the weight “heavy”; a claim has one of material, minor, misprint"),
]


@pytest.mark.parametrize(("place", "message"), CASES)
def test_a_place_whose_record_is_not_there_is_refused(
    record: Write, project: Path, place: dict[str, str], message: str
) -> None:
    record(claim("a"))
    with pytest.raises(RenderError) as error:
        fill_in_records(asked(**place), "kk", project)
    shown = " ".join(
        f'data-{name}="{value}"' for name, value in {"records": place["kind"], **place}.items() if name != "kind"
    )
    assert str(error.value).startswith(f"the place {shown}: ")
    assert message in str(error.value)


def test_without_the_ledger_a_place_says_what_writes_it(project: Path) -> None:
    with pytest.raises(RenderError, match=r"figures/claims\.json is missing; executing chapters/reproducibility\.qmd"):
        fill_in_records(asked("ledger"), "kk", project)
    (project / "figures").mkdir()
    (project / "figures" / "claims.json").write_text("<<<<<<< HEAD", encoding="utf-8")
    with pytest.raises(RenderError, match=r"figures/claims\.json cannot be read \(.*\); `make accept` records it anew"):
        fill_in_records(asked("ledger"), "kk", project)


@pytest.mark.parametrize("other", [{"check": "gone"}, {"evidence": ["9.9-p999"]}, {"place": {}}])
def test_a_ledger_of_other_code_or_data_is_to_be_recorded_anew(
    record: Write, project: Path, other: dict[str, Any]
) -> None:
    record(claim("a", "differs", **other))
    with pytest.raises(RenderError, match=r"was written by other code or from other data \(.*; `make accept` records"):
        fill_in_records(asked("ledger"), "kk", project)


def test_a_type_or_unit_without_a_name_is_named(filled: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(words.TYPES, "string")
    with pytest.raises(RenderError, match=r"“string” of the field “id” of the table “countries” has no name; add it"):
        filled("table", table="countries")


def test_everything_missing_is_told_at_once_with_its_page(executed: Path, tmp_path: Path) -> None:
    project = shutil.copytree(executed, tmp_path / "project")
    output = project / "_site" / "kk"
    for name in ("index.html", "chapters/measured.html"):
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_text(asked("ledger") + asked("leger"), encoding="utf-8")
    with pytest.raises(RenderError) as error:
        finishing.finish([output], project, Store(tmp_path), Workers(1, project))
    told = str(error.value).splitlines()
    assert [line.split(": ")[:2] for line in told] == [
        [f"kk/{page}", f'the place data-records="{kind}"']
        for page in ("chapters/measured.html", "index.html")
        for kind in ("ledger", "leger")
    ]


def test_quarto_is_told_in_words_what_is_missing(executed: Path, tmp_path: Path) -> None:
    project = shutil.copytree(executed, tmp_path / "project")
    output = project / "_site" / "kk"
    output.mkdir(parents=True)
    (output / "index.html").write_text(asked("leger"), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "src/thesis/site/finish.py"],
        cwd=project,
        env={"QUARTO_PROJECT_OUTPUT_DIR": str(output)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.startswith('ERROR: kk/index.html: the place data-records="leger": there is no “leger”')


def test_a_chapter_asks_with_an_element_that_says_what_it_wants() -> None:
    assert from_records("claims", verdict="differs") == '::: {data-records="claims" data-verdict="differs"}\n:::'


def test_finishing_waits_for_no_pandas() -> None:
    code = "import sys, thesis.site.finish; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=False).returncode == 0


def test_every_word_stands_in_both_languages() -> None:
    tables = {name: value for name, value in vars(words).items() if name.isupper() and name != "TYPE_CHECKING"}
    assert len(tables) == 9
    for name, table in tables.items():
        for key, said in table.items():
            assert list(said) == list(LANGUAGES) and all(said.values()), f"{name}: {key}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_of_the_data_has_its_columns_and_first_rows(real_site: Path, language: str) -> None:
    page = lxml.html.parse(real_site / language / "chapters" / "data.html")
    described = build_package(REPOSITORY)["resources"]
    assert sorted(page.xpath("//details[@class='data-table']/@id")) == sorted(table["name"] for table in described)
    for table in described:
        shown = page.xpath(f"//details[@id='{table['name']}']")[0]
        names = [field["name"] for field in table["schema"]["fields"]]
        assert shown.xpath("./table//code/text()") == names
        assert shown.xpath("./div[@class='preview']//th/text()") == names
        with (REPOSITORY / "data" / table["path"]).open(encoding="utf-8", newline="") as lines:
            rows = len(list(csv.reader(lines))) - 1
        assert len(shown.xpath("./div[@class='preview']//tbody/tr")) == min(rows, 3)
