"""The descriptions beside the tables: what they come to, and how a new one begins."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from thesis.check import check_data
from thesis.cli import main
from thesis.data import labels, load
from thesis.descriptions import build_package, describe_file, digest, read_descriptions, table_files
from thesis.patterns import pattern_fault

from .conftest import REPOSITORY, description_of, file_of, write_description

TABLE = "data/2.1/drafted.csv"
ROWS = """id,country,kind,amount,share,day,year,known,said,locus
one,KAZ,law,1,0.5,2024-01-02,2024,true,Бірінші,table-6
two,KAZ,act,20,1.5,,2023,false,Екінші,table-6
three,UZB,law,3,,2024-01-03,1999,true,,table-6
four,KAZ,act,4,4,2024-01-04,2000,true,Төртінші,table-6
"""


def test_the_descriptions_of_all_tables_are_short() -> None:
    lengths = sorted(
        len((REPOSITORY / file).read_text(encoding="utf-8").splitlines()) for file in table_files(REPOSITORY).values()
    )
    shared = len((REPOSITORY / "data" / "fields.yml").read_text(encoding="utf-8").splitlines())
    assert sum(lengths) + shared < 6_000
    assert lengths[len(lengths) // 2] < 50


def test_every_shared_field_is_taken_by_several_tables() -> None:
    taken = [name for description in read_descriptions(REPOSITORY).tables.values() for name in description.shared]
    shared = yaml.safe_load((REPOSITORY / "data" / "fields.yml").read_text(encoding="utf-8"))
    assert {name for name in shared if taken.count(name) < 2} == set()


def test_a_unit_without_a_name_is_refused(project: Path) -> None:
    path = project / description_of("countries")
    lines = path.read_text(encoding="utf-8").splitlines()
    place = lines.index("  id:") + 1
    path.write_text("\n".join([*lines[:place], "    unit: parsecs", *lines[place:]]) + "\n", encoding="utf-8")
    (problem,) = check_data(project)
    assert (problem.file, problem.line) == ("data/countries.yml", place + 1)
    assert "“parsecs” as unit" in problem.found
    assert problem.remedy == "Correct it, or name it in both languages in UNITS of src/thesis/words.py."


def fields_of(project: Path, table: str) -> dict[str, Any]:
    return {field["name"]: field for field in describe_file(project, description_of(table))["schema"]["fields"]}


def test_a_table_may_say_more_of_a_shared_field_or_take_a_constraint_away(project: Path) -> None:
    fields = {
        field["name"]: field for field in describe_file(project, description_of("gti_2024_table"))["schema"]["fields"]
    }
    shared = yaml.safe_load((project / "data" / "fields.yml").read_text(encoding="utf-8"))
    assert fields["rank"]["title"] == shared["rank"]["title_en"]
    assert fields["rank"]["description"] != shared["rank"]["description_en"]
    assert fields["rank"]["constraints"] == {"required": True, "minimum": 1, "maximum": 163}
    path = project / description_of("gti_2024_table")
    path.write_text(path.read_text(encoding="utf-8").replace("  row:", "  row: {required: false}"), encoding="utf-8")
    changed = {
        field["name"]: field for field in describe_file(project, description_of("gti_2024_table"))["schema"]["fields"]
    }
    assert fields["row"]["constraints"] == {"required": True, "minimum": 1}
    assert changed["row"]["constraints"] == {"minimum": 1}


def test_words_that_yaml_reads_as_something_else_stay_text(tmp_path: Path) -> None:
    write_description(tmp_path, "typed", {"id": {}})
    path = tmp_path / "data" / "typed.yml"
    text = (
        path.read_text(encoding="utf-8")
        .replace("title_kk: id kk", "title_kk: no")
        .replace("title_en: id en", "title_en: 1.10")
    )
    path.write_text(text, encoding="utf-8")
    (field,) = describe_file(tmp_path, "data/typed.yml")["schema"]["fields"]
    assert (field["title_kk"], field["title"]) == ("no", "1.10")


def test_a_description_has_another_digest_when_it_or_a_field_it_takes_says_something_else(project: Path) -> None:
    file, shared = description_of("gti_2024_table"), project / "data" / "fields.yml"
    before = digest(project, file), digest(project, "data/package.yml")
    text = shared.read_text(encoding="utf-8")
    shared.write_text(f"# A remark.\n{text}", encoding="utf-8")
    assert (digest(project, file), digest(project, "data/package.yml")) == before
    shared.write_text(text.replace("title_en: Place in the thesis", "title_en: Where"), encoding="utf-8")
    assert digest(project, file) != before[0]
    assert digest(project, "data/package.yml") != before[1]
    assert digest(project, "data/nothing.yml") is None


def test_the_words_of_codes_are_columns_of_the_loaded_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_description(tmp_path, "acts", {"id": {}, "kind": {}})
    path = tmp_path / "data" / "acts.yml"
    codes = "    codes:\n      law: {kk: Заң, en: Law}\n      act: {kk: Акт, en: Act}\n"
    path.write_text(path.read_text(encoding="utf-8") + codes, encoding="utf-8")
    (tmp_path / "data" / "acts.csv").write_text("id,kind\n1,act\n2,\n3,law\n", encoding="utf-8")
    (tmp_path / "_quarto.yml").touch()
    monkeypatch.chdir(tmp_path)
    rows = load("acts")
    assert list(rows) == ["id", "kind", "kind_kk", "kind_en"]
    assert rows["kind_kk"].fillna("–").tolist() == ["Акт", "–", "Заң"]
    assert rows["kind_en"].fillna("–").tolist() == ["Act", "–", "Law"]
    assert labels("acts", "kind") == {"law": {"kk": "Заң", "en": "Law"}, "act": {"kk": "Акт", "en": "Act"}}
    with pytest.raises(KeyError, match="no words for codes of “id”"):
        labels("acts", "id")
    package = describe_file(tmp_path, "data/acts.yml")
    assert package["schema"]["fields"][1]["constraints"] == {"enum": ["law", "act"]}


@pytest.fixture
def drafted(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small project with a new table and what `thesis describe` makes of it."""
    (project / TABLE).write_text(ROWS, encoding="utf-8")
    monkeypatch.chdir(project)
    assert main(["describe", TABLE]) == 0
    return project


def test_a_draft_has_what_can_be_seen_of_a_table(drafted: Path) -> None:
    draft = yaml.safe_load((drafted / TABLE).with_suffix(".yml").read_text(encoding="utf-8"))
    assert draft["key"] == "id"
    fields = draft["fields"]
    assert [name for name, field in fields.items() if field is None] == ["id", "country", "year", "locus"]
    assert {name: field["type"] for name, field in fields.items() if field} == {
        "kind": "string",
        "amount": "integer",
        "share": "number",
        "day": "date",
        "known": "boolean",
        "said": "string",
    }
    assert [name for name, field in fields.items() if field and field.get("required")] == ["kind", "amount", "known"]
    assert list(fields["kind"]["codes"]) == ["act", "law"]
    assert "codes" not in fields["said"]


def test_a_draft_points_to_the_table_whose_key_a_column_holds(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / TABLE).write_text("name,nation\na,KAZ\nb,UZB\nc,KAZ\n", encoding="utf-8")
    monkeypatch.chdir(project)
    assert main(["describe", TABLE]) == 0
    draft = yaml.safe_load((project / TABLE).with_suffix(".yml").read_text(encoding="utf-8"))
    assert draft["fields"]["nation"]["refers_to"] == "countries.id"


def test_a_draft_that_is_filled_in_describes_its_table(drafted: Path) -> None:
    path = (drafted / TABLE).with_suffix(".yml")
    missing = check_data(drafted)
    assert {(problem.file, problem.expected) for problem in missing} == {(TABLE.replace(".csv", ".yml"), "a text")}
    assert all(problem.line for problem in missing if "the table" not in problem.found)
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"((?:title|description)_(kk|en)):$", r"\1: Some \2", text, flags=re.M)
    path.write_text(text.replace("{kk: , en: }", "{kk: Түрі, en: Kind}"), encoding="utf-8")
    assert [str(problem) for problem in check_data(drafted)] == []


@pytest.mark.parametrize(
    ("table", "rows", "message"),
    [
        (TABLE, None, f"{TABLE}: found no table; expected a CSV file in "),
        ("index.qmd", None, "index.qmd: found no table; expected a CSV file in "),
        (TABLE, b"\xff\xfe", f"{TABLE} cannot be read as a table in UTF-8 "),
        (TABLE, b"", f"{TABLE} cannot be read as a table in UTF-8 "),
        (TABLE, b"a,a\n1,2\n", f"{TABLE}, line 1: found the columns a; expected snake_case names, each once"),
        (TABLE, b"A b,c\n1,2\n", f"{TABLE}, line 1: found the columns A b; expected snake_case names, each once"),
        (file_of("countries"), None, f"{description_of('countries')} is there already; nothing was written"),
    ],
    ids=["no file", "no table", "no text", "empty", "a column twice", "a name with spaces", "described"],
)
def test_what_cannot_be_drafted_is_told(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    table: str,
    rows: bytes | None,
    message: str,
) -> None:
    if rows is not None:
        (project / table).write_bytes(rows)
    monkeypatch.chdir(project)
    before = sorted(path.name for path in (project / "data").rglob("*.yml"))
    assert main(["describe", table]) == 2
    assert capsys.readouterr().err.startswith(message)
    assert sorted(path.name for path in (project / "data").rglob("*.yml")) == before


@pytest.mark.parametrize(
    "pattern",
    ["(.+)+(.+)+(.+)+!", "(a|a)+b", "(a{0,50}){0,50}b", ".*.*x", "a?" * 30, "(a*)*", r"(a)\1", "(?=a)", "a" * 201, "["],
)
def test_a_pattern_that_could_run_for_ever_is_refused(pattern: str) -> None:
    assert pattern_fault(pattern)


def test_the_patterns_of_the_data_are_accepted_and_quick() -> None:
    fields = [field for table in build_package(REPOSITORY)["resources"] for field in table["schema"]["fields"]]
    patterns = {field["constraints"]["pattern"] for field in fields if "pattern" in field.get("constraints", {})}
    assert len(patterns) > 5
    started = time.monotonic()
    for pattern in patterns:
        assert pattern_fault(pattern) == ""
        for letter in "a1-.":
            re.fullmatch(pattern, letter * 1_000 + "!")
    assert time.monotonic() - started < 5
