"""Publishing is all or nothing: the last good site stays whatever goes wrong."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from thesis import publish
from thesis.cli import main
from thesis.execution.execute import chapters, notebook_of
from thesis.execution.records import Record, digests, read_record, write_record
from thesis.failures import EngineError
from thesis.site import engine, finish
from thesis.site.engine import choose_engine
from thesis.site.render import pandoc_version

from .conftest import as_it_stands, contents, file_of, render_recorded

Patch = pytest.MonkeyPatch
Output = pytest.CaptureFixture[str]
TABLE = file_of("gti_2024_table")
KEPT = "nothing was published; the last site stays\n"


@pytest.fixture
def kept(project: Path, monkeypatch: Patch) -> Path:
    """The small project with a site published before; the working folder is there."""
    (project / "_site" / "kk").mkdir(parents=True)
    (project / "_site" / "kk" / "index.html").write_text("the last good page", encoding="utf-8")
    monkeypatch.chdir(project)
    return project


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{path.name} no longer holds {old!r}: give this test something else to spoil"
    path.write_text(text.replace(old, new), encoding="utf-8")


def assert_kept(project: Path) -> None:
    assert contents(project / "_site") == {"kk/index.html": b"the last good page"}
    assert not list((project / ".build").glob("work-*"))


@pytest.fixture
def quarto(tmp_path_factory: pytest.TempPathFactory, monkeypatch: Patch) -> Any:
    """Make the only `quarto` on the PATH a script; without a text, have none."""
    folder = tmp_path_factory.mktemp("bin")
    monkeypatch.setenv("PATH", str(folder))

    def install(script: str) -> None:
        (folder / "quarto").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / "quarto").chmod(0o755)

    return install


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory, executed: Path) -> tuple[Path, list[str]]:
    """The small project built as `make site ENGINE=pandoc` does it, and what was said."""
    project = tmp_path_factory.mktemp("published") / "project"
    shutil.copytree(executed, project, ignore=shutil.ignore_patterns("notebooks", "figures"))
    said: list[str] = []
    said.append(publish.build(project, "pandoc", said.append))
    return project, said


def test_the_last_line_says_what_was_published_where_by_whom_and_in_how_long(published: tuple[Path, list[str]]) -> None:
    line = r"Published 6 pages in 2 languages to _site/ with the built-in renderer \(Pandoc \d+(\.\d+)+\) in \d+ s: "
    line += "6 pages rendered, 0 reused"
    assert re.fullmatch(line, published[1][-1])


def test_every_step_is_told_with_its_time(published: tuple[Path, list[str]]) -> None:
    steps = [re.sub(r" · \d+\.\d s$", "", line) for line in published[1][:-1]]
    assert steps == [
        "checked data/",
        "to execute index.qmd: there is no record of its execution",
        "to execute chapters/measured.qmd: there is no record of its execution",
        "to execute chapters/notes.qmd: there is no record of its execution",
        "executed chapters/measured.qmd",
        "executed chapters/notes.qmd",
        "executed index.qmd",
        f"rendering 6 of 6 pages with Pandoc {pandoc_version()}",
        "rendered 6 pages, reused 0",
        "made downloads, search, cards and archives",
        "checked every link",
        "not recorded yet: index.qmd, chapters/measured.qmd, chapters/notes.qmd; "
        "`make accept` shows what changed and records it",
    ]


def test_the_site_has_both_languages_and_the_pages_that_belong_to_neither(published: tuple[Path, list[str]]) -> None:
    site = published[0] / "_site"
    assert sorted(path.name for path in site.iterdir()) == [
        ".nojekyll",
        "404.html",
        "downloads",
        "en",
        "index.html",
        "kk",
        "robots.txt",
        "sitemap.xml",
    ]
    for language in ("kk", "en"):
        pages = {path.relative_to(site / language).as_posix() for path in (site / language).rglob("*.html")}
        assert pages == {"index.html", "chapters/measured.html", "chapters/notes.html"}
    assert 'href="kk/index.html"' in (site / "index.html").read_text(encoding="utf-8")
    left = {path.name for path in (published[0] / ".build").iterdir()}
    assert left == {"executed", "kept", "lock", "published.json"}


def test_bad_data_stops_everything_before_anything_runs(kept: Path, capsys: Output) -> None:
    spoil(kept / TABLE, "BFA,1,1,Буркина-Фасо,8.571,8.571", "BFA,1,1,Буркина-Фасо,10.5,10.5")
    assert main(["build", "--engine", "pandoc"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[-2:] == [
        f"{TABLE}, line 2, column “score”: found “10.5”; "
        "expected a number with a decimal point from 0 to 10. Correct the cell.",
        "1 problem in data/; nothing was executed or published",
    ]
    assert_kept(kept)
    assert not (kept / "notebooks").exists()


def test_a_chapter_that_raises_is_named_and_nothing_is_published(kept: Path, capsys: Output) -> None:
    spoil(kept / "chapters" / "measured.qmd", "import altair as alt\n", "missing.head()\n")
    assert main(["build", "--engine", "pandoc"]) == 1
    assert capsys.readouterr().err.endswith(
        "chapters/measured.qmd: the cell “setup” raised NameError: name 'missing' is not defined\n"
        f"  line 3 of the cell: missing.head()\n{KEPT}"
    )
    assert_kept(kept)
    assert not (kept / "notebooks").exists()


@pytest.fixture
def recorded(kept: Path, executed: Path, monkeypatch: Patch) -> Path:
    """The same, executed already; the charts' library is left out, to save time."""
    for folder in ("notebooks", "figures"):
        shutil.copytree(executed / folder, kept / folder)
    monkeypatch.setattr(finish, "begin_chart_library", lambda *_: lambda: [b""])
    return kept


def sign(project: Path) -> None:
    """Make the records of spoilt notebooks agree with them, as if a chapter gave that."""
    for source in chapters(project):
        record = read_record(project, source)
        assert record
        write_record(project, source, Record(record.inputs, digests(as_it_stands(project), record.outputs)))


def test_a_broken_link_is_named_and_nothing_is_published(recorded: Path, capsys: Output) -> None:
    notebook = recorded / notebook_of(Path("chapters/notes.qmd"))
    spoil(notebook, "measured.qmd#ranking", "measured.qmd#rating")
    spoil(notebook, "/data/countries.csv", "/data/nations.csv")
    sign(recorded)
    assert main(["render", "--engine", "pandoc"]) == 1
    problems = [
        f"{language}/chapters/notes.html: the link {target}"
        for language in ("en", "kk")
        for target in (
            "../data/nations.csv leads nowhere",
            "measured.html#rating names no place of measured.html",
        )
    ]
    assert capsys.readouterr().err.endswith("\n".join(problems) + "\n" + KEPT)
    assert_kept(recorded)


def test_a_page_the_renderer_refuses_is_named_and_nothing_is_published(recorded: Path, capsys: Output) -> None:
    spoil(recorded / notebook_of(Path("chapters/notes.qmd")), "@two2021", "@three2022")
    sign(recorded)
    assert main(["render", "--engine", "pandoc"]) == 1
    assert capsys.readouterr().err == (
        f"rendering 6 of 6 pages with Pandoc {pandoc_version()}\n"
        "chapters/notes.qmd in en: [WARNING] Citeproc: citation three2022 not found\n"
        f"chapters/notes.qmd in kk: [WARNING] Citeproc: citation three2022 not found\n{KEPT}"
    )
    assert_kept(recorded)


def test_rendering_before_executing_is_a_clear_error(kept: Path, capsys: Output) -> None:
    assert main(["render", "--engine", "pandoc"]) == 1
    assert capsys.readouterr().err == (
        "index.qmd: there is no record of its execution\n"
        "chapters/measured.qmd: there is no record of its execution\n"
        "chapters/notes.qmd: there is no record of its execution\n"
        "notebooks/ and figures/ are not what the chapters make now: "
        f"`make site` executes what is needed, `make accept` records it\n{KEPT}"
    )
    assert_kept(kept)


def test_a_new_site_takes_the_place_of_the_old_one_whole(recorded: Path, capsys: Output) -> None:
    assert main(["render", "--engine", "pandoc"]) == 0
    assert capsys.readouterr().err.endswith("\nRendered to _site/\n")
    assert "the last good page" not in (recorded / "_site" / "kk" / "index.html").read_text(encoding="utf-8")
    assert (recorded / "_site" / "en" / "index.html").is_file()


def test_the_old_site_comes_back_when_the_new_one_cannot_be_put_in_place(recorded: Path, monkeypatch: Patch) -> None:
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name == "site" and target == recorded / "_site":
            raise OSError("the disk is full")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="the disk is full"):
        render_recorded(recorded)
    assert_kept(recorded)


def test_quarto_asked_for_and_not_there_is_an_error_and_no_fallback(kept: Path, quarto: Any, capsys: Output) -> None:
    assert main(["build", "--engine", "quarto"]) == 2
    assert capsys.readouterr().err == (
        "no working quarto is on the PATH, and ENGINE=quarto asks for it. Install Quarto 1.6 or newer, "
        "or leave ENGINE out to publish with the built-in renderer.\n"
    )
    assert_kept(kept)
    assert not (kept / "notebooks").exists()


@pytest.mark.parametrize(
    ("script", "found"),
    [("echo 1.5.0", "Quarto 1.5.0 is older than 1.6"), ("exit 1", "no working quarto is on the PATH")],
    ids=["too old", "broken"],
)
def test_a_quarto_that_cannot_be_used_is_an_error_where_asked_for_and_else_left_alone(
    kept: Path, quarto: Any, monkeypatch: Patch, script: str, found: str
) -> None:
    quarto(script)
    monkeypatch.setattr(engine, "_install_quarto", lambda *_: None)
    with pytest.raises(EngineError, match=rf"^{re.escape(found)}, and ENGINE=quarto asks for it\."):
        choose_engine(kept, "quarto", print)
    said: list[str] = []
    assert choose_engine(kept, "auto", said.append) == "pandoc"
    assert said == [f"{found}: the built-in renderer (Pandoc) publishes the same pages"]


@pytest.mark.parametrize("version", ["1.6.0", "1.10.18", "2.0.1"])
@pytest.mark.parametrize("wanted", ["auto", "quarto"])
def test_a_quarto_that_is_new_enough_is_used(kept: Path, quarto: Any, version: str, wanted: str) -> None:
    quarto(f"echo {version}")
    assert choose_engine(kept, wanted, print) == "quarto"


def test_the_built_in_renderer_is_used_where_asked_for_even_beside_quarto(kept: Path, quarto: Any) -> None:
    quarto("echo 1.10.18")
    assert choose_engine(kept, "pandoc", print) == "pandoc"


def test_installing_quarto_is_tried_once_in_bounded_time_and_then_never_again(
    kept: Path, quarto: Any, monkeypatch: Patch
) -> None:
    tried: list[float] = []

    def slow(command: list[str], timeout: float, **more: Any) -> None:
        assert command[-1].startswith("quarto-cli==")
        tried.append(timeout)
        raise subprocess.TimeoutExpired(command, timeout)

    monkeypatch.setattr("subprocess.run", slow)
    said: list[str] = []
    assert [choose_engine(kept, "auto", said.append) for _ in range(2)] == ["pandoc", "pandoc"]
    assert tried == [120]
    fallback = "no working quarto is on the PATH: the built-in renderer (Pandoc) publishes the same pages"
    assert said == ["Quarto is not here; trying to install it (at most 120 s)", fallback, fallback]


def test_a_quarto_that_could_be_installed_is_used(kept: Path, quarto: Any, monkeypatch: Patch) -> None:
    run = subprocess.run

    def install(command: list[str], **more: Any) -> Any:
        if "install" not in command:
            return run(command, **more)
        return quarto("echo 1.10.18")

    monkeypatch.setattr("subprocess.run", install)
    assert choose_engine(kept, "auto", print) == "quarto"
    assert not (kept / ".build" / "quarto-not-installable").exists()


def test_a_quarto_that_fails_is_quoted_and_nothing_is_published(recorded: Path, quarto: Any, capsys: Output) -> None:
    quarto('[ "$1" = --version ] && echo 1.10.18 && exit\necho "ERROR: no such filter" >&2\nexit 1')
    assert main(["render", "--engine", "quarto"]) == 1
    failed = "".join(f"quarto render --profile {name} failed:\nERROR: no such filter\n" for name in ("en", "kk"))
    assert capsys.readouterr().err == f"rendering 6 of 6 pages with Quarto 1.10.18\n{failed}{KEPT}"
    assert_kept(recorded)
