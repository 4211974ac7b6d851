"""One command at a time in a checkout, and nothing left behind by those that were killed."""

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from thesis import cli
from thesis.cli import main
from thesis.failures import WorkspaceError
from thesis.workspace import workspace

HOLD = """
import sys, time, subprocess
from pathlib import Path
from thesis.workspace import workspace
with workspace(Path(sys.argv[1]), "accept", print) as held:
    (held.folder / "large").write_text("x")
    child = subprocess.Popen(["sleep", "300"])
    print(child.pid, held.folder, flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(project: Path, seconds: float) -> tuple["subprocess.Popen[str]", int, Path]:
    """Another process that is at work in a project, a program it started, and its folder."""
    call = [sys.executable, "-c", HOLD, str(project), str(seconds)]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    child, folder = process.stdout.readline().split()
    # The kernel shows a program's environment a moment after it has started.
    while not Path(f"/proc/{child}/environ").read_bytes():
        time.sleep(0.01)
    return process, int(child), Path(folder)


def is_running(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False


def test_a_second_command_waits_and_names_the_first(tmp_path: Path) -> None:
    process, _, _ = hold(tmp_path, 2)
    reported: list[str] = []
    started = time.monotonic()
    with workspace(tmp_path, "build", reported.append):
        waited = time.monotonic() - started
    assert reported == [f"waiting for `thesis accept` (process {process.pid}), which is at work in this checkout"]
    assert waited > 0.5
    process.wait()


def test_what_a_killed_command_left_is_removed(tmp_path: Path) -> None:
    process, child, folder = hold(tmp_path, 300)
    process.kill()
    process.wait()
    assert is_running(child)
    assert (folder / "large").is_file()
    reported: list[str] = []
    with workspace(tmp_path, "build", reported.append) as held:
        assert not folder.exists()
        assert held.folder.is_dir()
        deadline = time.monotonic() + 10
        while is_running(child) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not is_running(child)
    assert reported == []


def test_a_command_that_is_about_to_end_is_left_alone(tmp_path: Path) -> None:
    gone = {**os.environ, "THESIS_WORK": str(tmp_path / ".build" / "work-gone")}
    with subprocess.Popen(["sleep", "300"], env=gone) as process:
        with workspace(tmp_path, "build", print):
            assert process.poll() is None
        process.kill()


def test_its_own_folder_goes_with_a_command(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), workspace(tmp_path, "build", print) as held:
        (held.folder / "some").mkdir()
        raise ZeroDivisionError
    assert [path.name for path in (tmp_path / ".build").iterdir()] == ["lock"]
    assert "THESIS_WORK" not in os.environ


def test_the_lock_says_who_holds_it(tmp_path: Path) -> None:
    with workspace(tmp_path, "accept", print):
        noted = json.loads((tmp_path / ".build" / "lock").read_text(encoding="utf-8"))
    assert noted == {"command": "thesis accept", "process": os.getpid()}


def test_a_folder_that_cannot_be_used_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / ".build").write_text("a file where a folder belongs", encoding="utf-8")
    with (
        pytest.raises(WorkspaceError, match=r"\.build cannot be written to \(File exists\)"),
        workspace(tmp_path, "build", print),
    ):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / ".build").mkdir(mode=0o555)
    with pytest.raises(WorkspaceError, match="cannot be written to"), workspace(tmp_path, "build", print):
        pass


def test_a_full_disk_is_told_and_the_last_site_stays(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "_site").mkdir()
    (project / "_site" / "index.html").write_text("the last good page", encoding="utf-8")
    monkeypatch.chdir(project)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(project / ".build" / "work" / "large"))

    monkeypatch.setattr("thesis.publish.copy_resources", full)
    monkeypatch.setattr("thesis.publish.Session.bring_up_to_date", lambda self: {})
    assert main(["build", "--engine", "pandoc"]) == 1
    last = capsys.readouterr().err.splitlines()[-2:]
    assert last[0].startswith("No space left on device (")
    assert last[1] == cli._STAYS
    assert (project / "_site" / "index.html").read_text(encoding="utf-8") == "the last good page"
    assert not list((project / ".build").glob("work-*"))
