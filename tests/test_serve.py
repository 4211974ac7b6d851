"""`thesis serve` at work: a file is edited, the site is built again, the open page reloads."""

import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest

from thesis.site.serve import _matters

SECONDS = 120
"""How long a step may take on a busy machine."""


class Serving:
    """The command, what it says, and the address it serves."""

    def __init__(self, project: Path) -> None:
        self.project = project
        command = [sys.executable, "-m", "thesis.cli", "serve", "--port", "0"]
        self.process = subprocess.Popen(command, cwd=project, stderr=subprocess.PIPE, text=True)
        self.said: Queue[str] = Queue()
        threading.Thread(target=self.listen, daemon=True).start()
        self.address = self.waits_for(r"(http://127\.0\.0\.1:\d+/) · Ctrl\+C ends it")[1]

    def listen(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.said.put(line.rstrip("\n"))

    def waits_for(self, pattern: str) -> re.Match[str]:
        while True:
            found = re.fullmatch(pattern, self.said.get(timeout=SECONDS))
            if found:
                return found

    def page(self, name: str) -> str:
        with urllib.request.urlopen(self.address + name, timeout=SECONDS) as answer:
            text: str = answer.read().decode()
            return text

    def next_message(self) -> Queue[bytes]:
        """Listen as an open page does; the first message is put here."""
        answer = urllib.request.urlopen(f"{self.address}-/changes", timeout=SECONDS)
        got: Queue[bytes] = Queue()

        def read() -> None:
            got.put(next(line for line in answer if line.startswith(b"data:")))

        threading.Thread(target=read, daemon=True).start()
        return got


@pytest.fixture(scope="module")
def serving(executed: Path, site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    project = shutil.copytree(executed, tmp_path_factory.mktemp("serving") / "project")
    shutil.copytree(site, project / "_site")
    edit(project / "chapters" / "notes.qmd", "*second*", "*the other*")
    # A shell that starts tests in the background makes them, and all they start, deaf to Ctrl+C.
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    started = Serving(project)
    signal.signal(signal.SIGINT, handler)
    yield started
    started.process.kill()
    started.process.wait()


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_changed_before_the_start_is_built_first(serving: Serving) -> None:
    assert serving.next_message().get(timeout=SECONDS) == b"data: changed\n"
    assert "the other" in serving.page("en/chapters/notes.html")


def test_what_is_edited_is_built_again_and_the_open_page_told(serving: Serving) -> None:
    message = serving.next_message()
    edit(serving.project / "chapters" / "notes.qmd", "- first", "- the very first")
    serving.waits_for(r"changed: chapters/notes\.qmd")
    serving.waits_for(r"reused index\.qmd, chapters/measured\.qmd, unchanged since they were executed")
    assert message.get(timeout=SECONDS) == b"data: changed\n"
    assert "the very first" in serving.page("en/chapters/notes.html")


def test_a_build_that_fails_is_told_and_the_last_good_page_stays(serving: Serving) -> None:
    chapter = serving.project / "chapters" / "notes.qmd"
    good = serving.page("en/chapters/notes.html")
    with chapter.open("a", encoding="utf-8") as lines:
        lines.write("\n```{python}\n#| label: wrong\n1 / 0\n```\n")
    serving.waits_for(r"chapters/notes\.qmd: the cell “wrong” raised ZeroDivisionError: division by zero")
    serving.waits_for(r"the last good site is still served; save the file again once it is mended")
    assert serving.page("en/chapters/notes.html") == good
    message = serving.next_message()
    edit(chapter, "1 / 0", "'mended'")
    assert message.get(timeout=SECONDS) == b"data: changed\n"
    assert "mended" in serving.page("en/chapters/notes.html")


def test_the_line_of_script_that_reloads_is_in_no_file_of_the_site(serving: Serving) -> None:
    assert "/-/changes" in serving.page("en/")
    for path in (serving.project / "_site").rglob("*.html"):
        assert "/-/changes" not in path.read_text(encoding="utf-8")


def test_ctrl_c_ends_it(serving: Serving) -> None:
    serving.process.send_signal(signal.SIGINT)
    assert serving.process.wait(20) == 130


@pytest.mark.parametrize("name", [".one.qmd.swp", "one.qmd~", "__pycache__/one.pyc", ".#one.qmd"])
def test_what_an_editor_or_python_leaves_behind_does_not_matter(name: str) -> None:
    assert not _matters(Path("chapters") / name)
    assert _matters(Path("chapters/one.qmd"))
