"""`thesis verify`: nbval judges the recorded notebooks, and a reader understands what it found."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from thesis.cli import main
from thesis.execution import verify as verification
from thesis.execution.execute import chapters
from thesis.execution.records import Record, digests, read_record, write_record
from thesis.execution.verify import verify
from thesis.publish import at_work

from .conftest import as_it_stands, contents, description_of, record_pages

MEASURED, NOTES = Path("chapters/measured.qmd"), Path("chapters/notes.qmd")


@pytest.fixture
def copy(executed: Path, tmp_path: Path) -> Path:
    """The small project with its record; a test may spoil it."""
    return shutil.copytree(executed, tmp_path / "project")


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} no longer holds {old!r}: give this test something else to spoil"
    path.write_text(text.replace(old, new), encoding="utf-8")


def sign(project: Path, source: Path) -> None:
    """Make the record's hashes agree with the spoilt files, so that only executing finds it."""
    record = read_record(project, source)
    assert record
    now = as_it_stands(project)
    write_record(project, source, Record(digests(now, record.inputs), digests(now, record.outputs)))


def found(project: Path, *sources: Path) -> tuple[int, str]:
    said: list[str] = []
    with at_work(project, "verify", print, workers=2) as session:
        status = verify(session.snapshot, list(sources) or chapters(project), session.workers, said.append)
    return status, "\n".join(said)


def test_what_holds_is_told_in_a_line_a_page(copy: Path) -> None:
    before = contents(copy)
    assert found(copy) == (
        0,
        "✓ index.qmd\n"
        "✓ chapters/measured.qmd · 7 cells, 4 values, 1 table, 1 figure\n"
        "✓ chapters/notes.qmd\n"
        "Everything matches: 3 notebooks, 7 cells, 4 values, 1 table, 1 figure",
    )
    assert contents(copy) == before, "verifying changed a file"


def test_a_number_changed_by_hand_in_a_notebook_is_found_in_its_table_and_row(copy: Path) -> None:
    spoil(copy / "notebooks" / "measured.ipynb", "| Mali | 3 | 7.998 |", "| Mali | 3 | 7.999 |")
    status, said = found(copy, MEASURED)
    assert status == 1
    assert said.splitlines() == [
        "✗ chapters/measured.qmd · 7 cells, 4 values, 1 table, 1 figure",
        "  notebooks/measured.ipynb was changed by hand",
        "  table tbl-scores (cell “scores-table”)",
        "    recorded “| Mali | 3 | 7.999 |”, computed “| Mali | 3 | 7.998 |”",
        "1 of 1 notebook changed (1 difference); compared: 7 cells, 4 values, 1 table, 1 figure",
    ]


def test_nbval_finds_it_even_where_the_record_was_made_to_agree(copy: Path) -> None:
    spoil(copy / "notebooks" / "measured.ipynb", "| Mali | 3 | 7.998 |", "| Mali | 3 | 7.999 |")
    sign(copy, MEASURED)
    status, said = found(copy, MEASURED)
    assert status == 1
    assert "recorded “| Mali | 3 | 7.999 |”, computed “| Mali | 3 | 7.998 |”" in said
    assert "What the page reads is unchanged: either it gives another result each time it is executed, or" in said


def test_a_number_in_a_sentence_is_compared_too(copy: Path) -> None:
    spoil(copy / "notebooks" / "measured.ipynb", "score is 8.571", "score is 8.572")
    sign(copy, MEASURED)
    status, said = found(copy, MEASURED)
    assert status == 1
    assert '`number(scores["score"].max(), "en", 3)`: recorded 8.572, computed 8.571' in said


def test_words_around_a_number_changed_by_hand_are_found(copy: Path) -> None:
    spoil(copy / "notebooks" / "measured.ipynb", "The highest score is", "The top score is")
    sign(copy, MEASURED)
    said = found(copy, MEASURED)[1]
    assert "is not the chapter’s\n    recorded “" in said
    assert "The top score is" in said
    assert "The highest score is" in said


def test_a_stale_notebook_is_named_with_what_changed_and_what_it_moves(copy: Path) -> None:
    spoil(copy / "data/2.1/gti_2024_table.csv", "MLI,3,3,Мали,7.998,7.998", "MLI,3,3,Мали,7.898,7.898")
    status, said = found(copy)
    assert status == 1
    assert "✓ chapters/notes.qmd" in said
    assert "  data/2.1/gti_2024_table.csv has changed\n  table tbl-scores (cell “scores-table”)\n" in said
    assert "    row “Mali”, column “Score”: recorded 7.998, computed 7.898" in said
    assert said.endswith("1 of 3 notebooks changed (4 differences); compared: 7 cells, 4 values, 1 table, 1 figure")


def test_a_figure_changed_by_hand_is_named_with_its_words(copy: Path) -> None:
    spoil(copy / "figures" / "scores.kk.svg", "Бір ел озық", "Екі ел озық")
    status, said = found(copy, MEASURED)
    assert status == 1
    assert "  figures/scores.kk.svg was changed by hand\n" in said
    assert "  figure figures/scores.kk.svg\n    recorded “Екі ел озық”, computed “Бір ел озық”" in said


def test_values_of_a_table_changed_by_hand_are_found_by_row_and_column(copy: Path) -> None:
    spoil(copy / "figures" / "tbl-scores.json", '["Mali", 3, 7.998]', '["Mali", 3, 7.999]')
    sign(copy, MEASURED)
    status, said = found(copy, MEASURED)
    assert status == 1
    place = "  table figures/tbl-scores.json\n"
    assert f"{place}    row “Mali”, column “Score”: recorded 7.999, computed 7.998\n" in said


def test_values_of_a_table_that_cannot_be_read_are_named(copy: Path) -> None:
    (copy / "figures" / "tbl-scores.json").write_text("<<<<<<< HEAD\n", encoding="utf-8")
    assert "  table figures/tbl-scores.json\n    cannot be compared: Expecting value" in found(copy, MEASURED)[1]


def test_a_figure_that_is_missing_and_one_that_is_nobody_s_are_named(copy: Path) -> None:
    (copy / "figures" / "scores.kk.svg").rename(copy / "figures" / "old.kk.svg")
    status, said = found(copy)
    assert status == 1
    assert "  figures/scores.kk.svg is missing\n" in said
    assert "  figure figures/scores.kk.svg\n    drawn, but not recorded" in said
    assert "figures/old.kk.svg: no chapter makes it" in said


@pytest.mark.parametrize("comment", ["# NBVAL_IGNORE_OUTPUT", "# NBVAL_SKIP"])
def test_a_comment_that_nbval_obeys_hides_nothing(copy: Path, comment: str) -> None:
    path = copy / "notebooks" / "measured.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "total")
    cell["source"] = [f"{comment}\n", *cell["source"]]
    cell["outputs"][0]["text"] = ["guessed\n"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert found(copy, MEASURED)[0] == 1
    assert "cell “total”\n    " in found(copy, MEASURED)[1]


def test_a_chapter_that_gives_another_result_each_time_is_found(copy: Path) -> None:
    with (copy / NOTES).open("a", encoding="utf-8") as lines:
        # The number of a process: neither a clock nor chance that could be seen in the code.
        lines.write("\n```{python}\n#| label: own\nfrom os import getpid as number\nnumber()\n```\n")
    record_pages(copy, [NOTES])
    status, said = found(copy, NOTES)
    assert status == 1
    assert "  cell “own”\n    recorded “" in said
    assert "What the page reads is unchanged: either it gives another result each time" in said


def test_a_cell_that_raises_now_is_told_with_its_error(copy: Path) -> None:
    spoil(copy / "notebooks" / "measured.ipynb", '"figure(\\n"', '"missing, figure(\\n"')
    status, said = found(copy, MEASURED)
    assert status == 1
    assert "NameError: name 'missing' is not defined" in said


def test_a_page_without_a_notebook_is_named(copy: Path) -> None:
    (copy / "notebooks" / "notes.ipynb").unlink()
    assert "✗ chapters/notes.qmd\n  notebooks/notes.ipynb is missing" in found(copy, NOTES)[1]


def test_what_is_asked_of_pytest_elsewhere_leaves_no_cell_unjudged(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing")
    spoil(copy / "notebooks" / "measured.ipynb", "| Mali | 3 | 7.998 |", "| Mali | 3 | 7.999 |")
    sign(copy, MEASURED)
    assert "recorded “| Mali | 3 | 7.999 |”, computed “| Mali | 3 | 7.998 |”" in found(copy, MEASURED)[1]


def test_a_cell_that_nbval_did_not_judge_does_not_hold(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = verification._ask_nbval
    monkeypatch.setattr(
        verification, "_ask_nbval", lambda *given: {page: cells[1:] for page, cells in ask(*given).items()}
    )
    status, said = found(copy, MEASURED)
    assert status == 1
    assert "  cell “setup”\n    nbval did not execute it" in said


def test_without_nbval_the_command_says_what_to_install(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(copy)
    monkeypatch.setattr(verification, "sys", SimpleNamespace(executable="false"))
    assert main(["verify", "measured"]) == 2
    said = capsys.readouterr().err
    assert said == "chapters/measured.qmd: nbval could not judge; `make setup` installs what it needs\n"


@pytest.mark.parametrize("command", [["verify"], ["render", "--engine", "pandoc"]])
def test_a_description_that_cannot_be_read_is_named(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    (copy / description_of("countries")).write_text("{", encoding="utf-8")
    monkeypatch.chdir(copy)
    assert main(command) == 2
    said = capsys.readouterr().err
    assert said == "data/countries.yml cannot be read: `make check` says what is wrong with it\n"


def test_a_notebook_that_cannot_be_read_is_named(copy: Path) -> None:
    (copy / "notebooks" / "notes.ipynb").write_text("<<<<<<< HEAD\n", encoding="utf-8")
    sign(copy, NOTES)
    assert found(copy, NOTES)[0] == 1
    assert "✗ chapters/notes.qmd\n  notebooks/notes.ipynb cannot be read as a notebook" in found(copy, NOTES)[1]


def test_the_command_takes_a_page_by_its_name_and_gives_the_exit_status(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(copy)
    assert main(["verify", "notes"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "✓ chapters/notes.qmd"
    spoil(copy / NOTES, "- first", "- the first")
    assert main(["verify", "notes"]) == 1
