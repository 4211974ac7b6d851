"""What an edit moves, from one recorded state to another."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from nbformat.v4 import new_markdown_cell

from thesis.cli import main
from thesis.failures import StateError
from thesis.ledger import impact

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
def moved(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> list[impact.Change]:
    project = edited(executed, tmp_path_factory.mktemp("impact"))
    return impact.changes(impact.state_of_folder(executed), impact.state_of_folder(project))


def test_nothing_moves_where_nothing_was_edited(executed: Path) -> None:
    state = impact.state_of_folder(executed)
    assert impact.changes(state, state) == []
    assert impact.as_text([]) == "nothing moves"
    assert "Nothing" in impact.as_markdown([])


@pytest.mark.parametrize("kind", ["table", "figure"])
def test_an_edit_is_seen_where_it_shows(moved: list[impact.Change], kind: str) -> None:
    assert [change for change in moved if change.kind == kind]


def test_a_value_in_a_table_is_told_by_row_and_column(moved: list[impact.Change]) -> None:
    values = [(change.before, change.after) for change in moved if change.kind == "table"]
    assert ("8.571", "9.571") in values


def test_every_form_tells_the_same_changes(moved: list[impact.Change]) -> None:
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


def test_a_computed_value_in_prose_is_read_back() -> None:
    source = 'There are `{python} number(3, "en")` acts.\n\nАкт саны – `{python} number(3, "kk")`.'
    cell = new_markdown_cell("There are 3 acts.\n\nАкт саны – 3.", metadata={"source": source})
    assert list(impact._computed(cell)) == [("… There are", "3")]
