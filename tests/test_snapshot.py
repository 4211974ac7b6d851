"""What is checked is what is executed is what is published, whatever is saved meanwhile."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from thesis.execution.records import read_record
from thesis.snapshot import Inputs, snapshot_in

from .conftest import REPOSITORY, file_of

TABLE = file_of("gti_2024_table")
MEASURED = Path("chapters/measured.qmd")
SECONDS = 120
"""How long a step may take on a busy machine."""


@contextmanager
def running(project: Path, *command: str) -> Iterator["subprocess.Popen[str]"]:
    """A command at work in a project, ended with the block."""
    call = [sys.executable, "-m", "thesis.cli", *command]
    process = subprocess.Popen(call, cwd=project, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_for_line(process: "subprocess.Popen[str]", words: str) -> str:
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line)
        if words in line:
            return line
    raise AssertionError(f"it never said “{words}”, only:\n{''.join(lines)}")


@pytest.fixture
def waiting(project: Path) -> Path:
    """The small project, whose chapter waits a while before it loads its data."""
    edit(project / MEASURED, "scores = load(", "import time\n\ntime.sleep(4)\nscores = load(")
    return project


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def raise_score(project: Path) -> None:
    edit(project / TABLE, "8.571,8.571", "9.999,9.999")


def break_score(project: Path) -> None:
    edit(project / TABLE, "8.571,8.571", "98.571,98.571")


def published(project: Path) -> tuple[str, bytes]:
    """The page with the number, and the table that stands beside it."""
    site = project / "_site" / "en"
    return (site / "chapters" / "measured.html").read_text(encoding="utf-8"), (site / TABLE).read_bytes()


def thesis(project: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    call = [sys.executable, "-m", "thesis.cli", *command]
    return subprocess.run(call, cwd=project, capture_output=True, text=True, check=False, timeout=SECONDS)


@pytest.mark.parametrize("change", [raise_score, break_score])
def test_a_table_saved_during_a_build_belongs_to_the_next(waiting: Path, change: object) -> None:
    before = (waiting / TABLE).read_bytes()
    with running(waiting, "build", "--engine", "pandoc") as process:
        wait_for_line(process, "to execute chapters/measured.qmd")
        change(waiting)  # type: ignore[operator]
        assert process.wait(SECONDS) == 0
    page, table = published(waiting)
    assert "8.571" in page
    assert table == before
    record = read_record(waiting / ".build" / "executed", MEASURED)
    assert record
    assert record.inputs[TABLE] == hashlib.sha256(before).hexdigest()

    after = thesis(waiting, "build", "--engine", "pandoc")
    if change is break_score:
        assert after.returncode == 2
        assert f"{TABLE}, line 2, column “score”: found “98.571”" in after.stderr
        assert published(waiting)[1] == before
    else:
        assert f"to execute chapters/measured.qmd: {TABLE} has changed" in after.stderr
        page, table = published(waiting)
        assert "9.999" in page
        assert b"9.999" in table


def test_a_table_saved_while_results_are_accepted_belongs_to_the_next(waiting: Path) -> None:
    before = (waiting / TABLE).read_bytes()
    with running(waiting, "accept") as process:
        wait_for_line(process, "to execute chapters/measured.qmd")
        raise_score(waiting)
        assert process.wait(SECONDS) == 0
    assert "8.571" in (waiting / "notebooks" / "measured.ipynb").read_text(encoding="utf-8")
    record = read_record(waiting, MEASURED)
    assert record
    assert record.inputs[TABLE] == hashlib.sha256(before).hexdigest()
    refused = thesis(waiting, "render", "--engine", "pandoc")
    assert refused.returncode == 1
    assert f"chapters/measured.qmd: {TABLE} has changed" in refused.stderr


def test_serving_builds_again_what_was_saved_during_a_build(waiting: Path) -> None:
    assert thesis(waiting, "build", "--engine", "pandoc").returncode == 0
    edit(waiting / MEASURED, "time.sleep(4)", "time.sleep(3)")
    with running(waiting, "serve", "--port", "0") as process:
        wait_for_line(process, "to execute chapters/measured.qmd")
        raise_score(waiting)
        wait_for_line(process, "Published")
        page, table = published(waiting)
        assert "8.571" in page
        assert b"8.571" in table
        wait_for_line(process, f"changed: {TABLE}")
        wait_for_line(process, "Published")
        page, table = published(waiting)
        assert "9.999" in page
        assert b"9.999" in table


def test_code_saved_during_a_build_belongs_to_the_next(waiting: Path) -> None:
    shutil.copytree(REPOSITORY / "src", waiting / "src", dirs_exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(waiting / "src")}
    call = [sys.executable, "-m", "thesis.cli", "build", "--engine", "pandoc"]
    with subprocess.Popen(call, cwd=waiting, env=environment, stderr=subprocess.PIPE, text=True) as process:
        wait_for_line(process, "to execute chapters/measured.qmd")
        for module in ("display.py", "site/finish.py", "site/render.py"):
            (waiting / "src" / "thesis" / module).write_text("raise SystemExit('too late')\n", encoding="utf-8")
        assert process.wait(SECONDS) == 0
    assert "8.571" in published(waiting)[0]


def test_a_snapshot_names_what_it_copied(project: Path, tmp_path: Path) -> None:
    snapshot = Inputs(project).copied_to(tmp_path / "work")
    for name, digest in snapshot.files.items():
        assert hashlib.sha256((snapshot.folder / name).read_bytes()).hexdigest() == digest
    assert {TABLE, "references.bib", "assets/words.yml", "src/thesis/snapshot.py"} <= snapshot.files.keys()
    assert snapshot.digest("data/nothing.csv") is None
    again = snapshot_in(project, tmp_path / "work")
    assert again.files == snapshot.files
    assert again.whole == snapshot.whole


def test_a_folder_counts_by_the_names_in_it(project: Path, tmp_path: Path) -> None:
    before = Inputs(project).copied_to(tmp_path / "before").digest("data/")
    raise_score(project)
    assert Inputs(project).copied_to(tmp_path / "same").digest("data/") == before
    (project / "data" / "new.csv").touch()
    assert Inputs(project).copied_to(tmp_path / "after").digest("data/") != before


def test_nothing_is_left_when_a_command_ends(waiting: Path) -> None:
    assert thesis(waiting, "build", "--engine", "pandoc").returncode == 0
    names = {path.name for path in (waiting / ".build").iterdir()}
    assert names == {"executed", "kept", "lock", "published.json"}


def test_a_file_dated_in_the_future_is_no_reason_to_build(waiting: Path) -> None:
    assert thesis(waiting, "build", "--engine", "pandoc").returncode == 0
    later = time.time() + 10**7
    for path in (waiting / TABLE, waiting / "requirements.lock", waiting / "_site" / "index.html"):
        os.utime(path, (later, later))
    again = thesis(waiting, "build", "--engine", "pandoc")
    assert again.stderr == "Nothing has changed since _site/ was published\n"
    note = json.loads((waiting / ".build" / "published.json").read_text(encoding="utf-8"))
    assert set(note) == {"state", "site"}
