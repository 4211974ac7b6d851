"""The command line: its help, its errors, and the local server."""

import argparse
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from thesis.cli import _parser, main
from thesis.site.serve import server_for

from .conftest import REPOSITORY, contents

Output = pytest.CaptureFixture[str]
COMMANDS = (
    "check",
    "describe",
    "pages",
    "execute",
    "verify",
    "accept",
    "render",
    "build",
    "impact",
    "certify",
    "serve",
)


def ask_for_help(*command: str) -> None:
    with pytest.raises(SystemExit) as end:
        main([*command, "--help"])
    assert end.value.code == 0


def parsers() -> dict[str, argparse.ArgumentParser]:
    for action in _parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    raise AssertionError("no commands")


def test_the_help_lists_every_command_with_what_it_does_and_the_exit_status(capsys: Output) -> None:
    ask_for_help()
    words = capsys.readouterr().out
    listed = re.findall(r"^    ([a-z]+) +(\S.+)$", words, re.MULTILINE)
    assert tuple(name for name, _ in listed) == COMMANDS
    assert "Exit status: 0 done; 1 a chapter, a page or a renderer failed; 2 the data or" in words


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_says_in_a_sentence_what_it_does(command: str, capsys: Output) -> None:
    ask_for_help(command)
    words = " ".join(capsys.readouterr().out.split())
    description = " ".join((parsers()[command].description or "").split())
    assert description in words
    assert re.fullmatch(r"[A-Z].{20,}\.", description)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_explained(command: str) -> None:
    for action in parsers()[command]._actions:
        assert len(action.help or "") > 10, action.dest


def test_a_command_that_is_not_there_is_an_error_that_names_those_there_are(capsys: Output) -> None:
    with pytest.raises(SystemExit) as end:
        main(["publish"])
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert "invalid choice: 'publish'" in said
    assert all(command in said for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_outside_a_checkout_says_where_to_run_it(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([command, *(["data/new.csv"] if command == "describe" else [])]) == 2
    assert capsys.readouterr() == ("", f"no _quarto.yml in {tmp_path} or above it: run this inside a checkout\n")


def test_a_command_finds_the_checkout_from_a_folder_inside_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(project / "data" / "reference")
    assert main(["check"]) == 0
    assert capsys.readouterr().err == "data/ is as described\n"


def test_the_pages_are_listed_for_people_and_for_machines(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(project)
    assert main(["pages"]) == 0
    assert capsys.readouterr().out == "index\nmeasured\nnotes\n"
    assert main(["pages", "--format", "json"]) == 0
    assert capsys.readouterr().out == '["index", "measured", "notes"]\n'


@pytest.mark.parametrize("command", ["execute", "verify"])
def test_an_unknown_page_is_an_error_that_names_those_there_are(
    command: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(project)
    assert main([command, "chapters/notes.qmd", "chapters/gone.qmd", "lost.qmd"]) == 2
    assert capsys.readouterr().err == (
        "no such page: chapters/gone.qmd, lost.qmd. "
        "The pages are index.qmd, chapters/measured.qmd, chapters/notes.qmd.\n"
    )
    assert not (project / "notebooks").exists()


@pytest.mark.parametrize("name", ["chapters/notes.qmd", "notes"])
def test_one_page_alone_can_be_executed(
    name: str, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(project)
    assert main(["execute", name]) == 0
    assert sorted(contents(project / "notebooks")) == ["notes.ipynb", "records/notes.json"]
    assert re.fullmatch(
        r"checked data/ · \d+\.\d s\nexecuted chapters/notes\.qmd · \d+\.\d s\n", capsys.readouterr().err
    )


def test_the_command_line_loads_neither_charts_nor_kernels_before_they_are_needed() -> None:
    program = "import sys, thesis.cli; print({'altair', 'nbclient', 'pandas', 'vl_convert'} & set(sys.modules))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert answer.stdout == "set()\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a site of two pages."""
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "_site").mkdir()
    (tmp_path / "_site" / "index.html").write_text("Басты бет", encoding="utf-8")
    (tmp_path / "_site" / "404.html").write_text("Мұндай бет жоқ", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def address(checkout: Path) -> Iterator[str]:
    server = server_for(checkout / "_site", 0)
    assert server.server_address[0] == "127.0.0.1"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_the_server_serves_a_page(address: str) -> None:
    with urllib.request.urlopen(f"{address}/") as answer:
        assert answer.read().decode() == "Басты бет"


def test_an_unknown_address_is_answered_with_the_site_s_own_page(address: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{address}/kk/gone.html")
    with error.value as answer:
        assert (answer.code, answer.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
        assert answer.read().decode() == "Мұндай бет жоқ"


@pytest.fixture
def interruptible() -> Iterator[None]:
    """What a shell starts in the background ignores Ctrl+C, and so would all it starts."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


def test_serve_says_the_address_and_ends_with_ctrl_c(checkout: Path, interruptible: None) -> None:
    command = [sys.executable, "-m", "thesis.cli", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=checkout, stderr=subprocess.PIPE, text=True) as serving:
        try:
            assert serving.stderr
            said = serving.stderr.readline()
            found = re.fullmatch(r"(http://127\.0\.0\.1:\d+/) · Ctrl\+C ends it\n", said)
            assert found, said
            with urllib.request.urlopen(found[1]) as answer:
                assert answer.read().decode() == "Басты бет"
            serving.send_signal(signal.SIGINT)
            assert serving.wait(10) == 130
        finally:
            serving.kill()


def test_serve_without_a_site_builds_it_and_says_what_keeps_it_from_that(
    checkout: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (checkout / "_site" / "index.html").unlink()
    assert main(["serve", "--port", "0"]) == 2
    said = capfd.readouterr().err
    assert said.startswith("there is no site yet: building it\n")
    assert (
        "data/package.yml: found no file; expected the facts of the whole data package. Restore it from git.\n" in said
    )


def test_serve_on_a_port_in_use_says_so(checkout: Path, capsys: Output) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    said = f"port {port} cannot be used (Address already in use); try another with --port\n"
    assert capsys.readouterr().err == said


def test_serve_on_a_port_that_cannot_be_says_so(checkout: Path, capsys: Output) -> None:
    assert main(["serve", "--port", "65536"]) == 2
    said = "port 65536 cannot be used (there is none above 65535); try another with --port\n"
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("number", ["0", "-1", "two"])
def test_a_number_of_workers_that_cannot_be_is_refused(number: str, capsys: Output) -> None:
    with pytest.raises(SystemExit) as end:
        main(["build", "--workers", number])
    assert end.value.code == 2
    assert f"argument --workers: invalid positive whole number value: '{number}'" in capsys.readouterr().err
