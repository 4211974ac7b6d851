"""What an edit moves, from one recorded state to another."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from thesis.cli import main
from thesis.execution.changes import Change
from thesis.failures import StateError
from thesis.language import LANGUAGES
from thesis.ledger import impact
from thesis.tables import KEY_FIGURES

from .conftest import contents, record_pages


def edited(executed: Path, folder: Path) -> Path:
    """The small project with one score of the index raised, executed anew."""
    project = shutil.copytree(executed, folder / "edited")
    table = project / "data" / "2.1" / "gti_2024_table.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    cells = lines[1].split(",")
    assert "8.571" in cells
    lines[1] = lines[1].replace("8.571", "9.571")
    table.write_text("".join(lines), encoding="utf-8")
    record_pages(project)
    return project


@pytest.fixture(scope="module")
def moved(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Change]:
    project = edited(executed, tmp_path_factory.mktemp("impact"))
    return impact.changes(impact.state_of_folder(executed), impact.state_of_folder(project))


def test_nothing_moves_where_nothing_was_edited(executed: Path) -> None:
    state = impact.state_of_folder(executed)
    assert impact.changes(state, state) == []
    assert impact.as_text([]) == "nothing moves"
    assert "Nothing" in impact.as_markdown([])


@pytest.mark.parametrize("kind", ["table", "figure"])
def test_an_edit_is_seen_where_it_shows(moved: list[Change], kind: str) -> None:
    assert [change for change in moved if change.kind == kind]


def test_a_value_in_a_table_is_told_by_row_and_column(moved: list[Change]) -> None:
    [change] = [change for change in moved if change.kind == "table"]
    assert (change.page, change.place, change.row, change.column) == ("measured", "tbl-scores", "Burkina Faso", "Score")
    assert (change.before, change.after) == ("8.571", "9.571")
    assert "  measured: tbl-scores, row “Burkina Faso”, column “Score”: 8.571 → 9.571\n" in impact.as_text(moved)
    assert "| measured | tbl-scores | Burkina Faso | Score | 8.571 | 9.571 |\n" in impact.as_markdown(moved)


def test_every_form_tells_the_same_changes(moved: list[Change]) -> None:
    assert len(json.loads(impact.as_json(moved))) == len(moved)
    text, comment = impact.as_text(moved), impact.as_markdown(moved)
    for change in moved:
        assert change.place in text
        assert change.place.replace("|", "\\|") in comment


def record(verdict: str, found: float | None) -> str:
    return json.dumps([{"id": "a-claim", "chapter": "measured", "verdict": verdict, "recomputed": found}])


def test_two_ledgers_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    before.write_text(record("reproduced", 33.0), encoding="utf-8")
    after.write_text(record("differs", 34.0), encoding="utf-8")
    assert main(["impact", str(before), str(after)]) == 0
    assert "a-claim: reproduced, 33 → differs, 34" in capsys.readouterr().out
    after.write_text(record("not-computable", None), encoding="utf-8")
    assert main(["impact", str(before), str(after), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["after"] == "not-computable, nothing"


def test_a_number_of_a_ledger_is_compared_and_told_in_full(tmp_path: Path) -> None:
    states = []
    for found in (341800000.0, 341800400.0):
        (tmp_path / "claims.json").write_text(record("differs", found), encoding="utf-8")
        states.append(impact.state_of_record(tmp_path / "claims.json"))
    assert [str(change) for change in impact.changes(*states)] == [
        "measured: a-claim: differs, 341800000 → differs, 341800400"
    ]


def test_a_ledger_and_a_whole_state_are_compared_by_their_claims_alone(
    executed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = tmp_path / "before.json"
    before.write_text(record("reproduced", 1 / 3), encoding="utf-8")
    monkeypatch.chdir(executed)
    assert main(["impact", str(before)]) == 0
    said = capsys.readouterr()
    assert said.out == f"Claims: 1\n\nClaims (1)\n  measured: a-claim: reproduced, {1 / 3} → nothing\n"
    assert "not compared: Key figures, Values in tables, Values in the text, Figures that look different" in said.err


def test_a_revision_is_compared_with_what_the_working_tree_makes_now(
    executed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = edited(executed, tmp_path)
    for folder in ("notebooks", "figures"):
        shutil.rmtree(project / folder)
        shutil.copytree(executed / folder, project / folder)
    git = ["git", "-C", str(project), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "notebooks", "figures"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "before"], check=True)
    recorded = contents(project / "notebooks")
    monkeypatch.chdir(project)
    capsys.readouterr()
    assert main(["impact", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert ("8.571", "9.571") in [(change["before"], change["after"]) for change in found]
    assert contents(project / "notebooks") == recorded


@pytest.mark.parametrize(
    ("name", "reason"), [("no-such-revision", "is no recorded state"), ("no-such-file.json", "is no ledger")]
)
def test_a_state_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, reason: str
) -> None:
    assert main(["impact", name]) == 2
    error = capsys.readouterr().err
    assert name in error
    assert reason in error


def test_a_folder_without_a_record_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="holds no recorded notebooks"):
        impact.state_of_folder(tmp_path)


def test_a_notebook_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "one.ipynb").write_text("<<<<<<< HEAD\n", encoding="utf-8")
    with pytest.raises(StateError, match=r"one\.ipynb cannot be read as a notebook: `make accept` records it anew"):
        impact.state_of_folder(tmp_path)


PROSE = 'There are `{python} number(acts, "en")` acts.\n\nАкт саны – `{python} number(acts, "kk")`.'


def sentence(filled: str, source: str = PROSE) -> impact.State:
    cell = new_markdown_cell(filled, id="told", metadata={"source": source})
    return impact.State(list(impact._computed("measured", cell)))


def told(before: impact.State, after: impact.State) -> list[str]:
    return [str(change) for change in impact.changes(before, after)]


def test_a_value_of_a_sentence_is_told_once_with_the_words_before_it() -> None:
    after = sentence("There are 4 acts.\n\nАкт саны – 4.")
    assert told(sentence("There are 3 acts.\n\nАкт саны – 3."), after) == ["measured: … There are: 3 → 4"]


@pytest.mark.parametrize(
    ("old", "new"), [("There are", "We know of"), ("number(acts, ", "number(len(acts), ")], ids=["words", "code"]
)
def test_a_value_whose_sentence_is_edited_stays_one_value(old: str, new: str) -> None:
    filled = "There are 4 acts.\n\nАкт саны – 4."
    after = sentence(filled.replace(old, new), PROSE.replace(old, new))
    assert [
        line.partition(" … ")[2].partition(": ")[2] for line in told(sentence(filled.replace("4", "3")), after)
    ] == ["3 → 4"]


def key_figure(value: str, label: str) -> impact.State:
    record = [{language: {"value": value, "label": label} for language in LANGUAGES}]
    cell = new_code_cell("", id="opening", outputs=[new_output("display_data", {KEY_FIGURES: record})])
    return impact.State(list(impact._key_figures("measured", cell)))


def test_a_key_figure_is_one_change_whatever_its_label_says() -> None:
    before = key_figure("38", "events: 20 verbal")
    assert told(before, key_figure("39", "events: 20 verbal")) == ["measured: events: 20 verbal: 38 → 39"]
    assert told(before, key_figure("39", "events: 21 verbal")) == ["measured: events: 21 verbal: 38 → 39"]
    assert told(before, key_figure("38", "events: 21 verbal")) == [
        "measured: events: 21 verbal: 38 events: 20 verbal → 38 events: 21 verbal"
    ]


def test_key_figures_of_a_notebook_are_read(executed: Path) -> None:
    shown = [value for value in impact.state_of_folder(executed).values if value.kind == "key-figure"]
    assert [(value.written, value.place) for value in shown] == [("1,234.5", "about a thousand"), ("3", "countries")]


def test_a_claim_is_told_with_its_sentence_as_the_page_writes_it(tmp_path: Path) -> None:
    states = []
    for found, written in ((57.89473684210526, "57.9"), (58.97435897435897, "59.0"), (58.97435897435898, "59.0")):
        [claim] = json.loads(record("reproduced", found))
        claim |= {"statement": {"en": "Over half."}, "recomputed_written": {"en": written}}
        (tmp_path / "claims.json").write_text(json.dumps([claim]), encoding="utf-8")
        states.append(impact.state_of_record(tmp_path / "claims.json"))
    assert told(*states[:2]) == ["measured: a-claim: reproduced, 57.9 → reproduced, 59.0 (Over half.)"]
    assert told(*states[1:]) == [
        "measured: a-claim: reproduced, 58.97435897435897 → reproduced, 58.97435897435898 (Over half.)"
    ]
    [comment] = [line for line in impact.as_markdown(impact.changes(*states[:2])).splitlines() if "a-claim" in line]
    assert comment == "| measured | a-claim | Over half. | reproduced, 57.9 | reproduced, 59.0 |"


def test_a_table_that_is_new_or_gone_is_one_change(executed: Path) -> None:
    whole = impact.state_of_folder(executed)
    rest = replace(whole, tables={})
    assert told(rest, whole) == ["measured: tbl-scores: nothing → a table"]
    assert told(whole, rest) == ["measured: tbl-scores: a table → nothing"]


def with_file(executed: Path, folder: Path, name: str, content: str | None) -> Path:
    project = shutil.copytree(executed, folder / "other")
    if content is None:
        (project / name).unlink()
    else:
        (project / name).write_text(content, encoding="utf-8")
    return project


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("figures/tbl-scores.json", "<<<<<<< HEAD\n", r"figures/tbl-scores\.json is no table: .*`make accept`"),
        ("figures/tbl-scores.json", None, r"tbl-scores\.json is missing: `make accept` records it anew"),
        ("notebooks/records/measured.json", "{", r"measured\.ipynb has no record that can be read: `make accept`"),
    ],
)
def test_a_record_that_cannot_be_read_is_named(
    executed: Path, tmp_path: Path, name: str, content: str | None, reason: str
) -> None:
    project = with_file(executed, tmp_path, name, content)
    with pytest.raises(StateError, match=reason):
        impact.changes(impact.state_of_folder(executed), impact.state_of_folder(project))
