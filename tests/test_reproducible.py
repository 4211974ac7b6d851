"""Two builds of the same commit are the same, byte for byte: site, notebooks and figures."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from thesis.execution.environment import commit_time, made_with
from thesis.site.engine import quarto_version
from thesis.site.render import engine_name

from .conftest import REPOSITORY, contents, make_project


def first_difference(one: Path, other: Path) -> str:
    """The first file, by name, that two folders do not hold alike; empty when there is none."""
    before, after = contents(one), contents(other)
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            return f"{name} is only in {one if name in before else other}"
        if before[name] != after[name]:
            place = next(
                (
                    place
                    for place, pair in enumerate(zip(before[name], after[name], strict=False))
                    if pair[0] != pair[1]
                ),
                min(len(before[name]), len(after[name])),
            )
            around = slice(max(0, place - 60), place + 60)
            return f"{name} differs at byte {place}: {before[name][around]!r} and {after[name][around]!r}"
    return ""


def build(project: Path, engine: str, workers: int, **environment: str) -> Path:
    command = [sys.executable, "-m", "thesis.cli", "build", "--engine", engine, "--workers", str(workers)]
    settings = {**os.environ, **environment}
    subprocess.run(command, cwd=project, env=settings, check=True, capture_output=True, text=True)
    subprocess.run([sys.executable, "-m", "thesis.cli", "accept"], cwd=project, env=settings, check=True)
    return project


ENGINES = ["pandoc", pytest.param("quarto", marks=pytest.mark.skipif(quarto_version() is None, reason="no Quarto"))]


@pytest.mark.parametrize("engine", ENGINES)
def test_two_builds_elsewhere_later_and_with_more_workers_are_the_same(tmp_path: Path, engine: str) -> None:
    one, other = tmp_path / "one", tmp_path / "a deeper folder" / "other"
    for folder in (one, other):
        folder.mkdir(parents=True)
        make_project(folder)
    # Files that were written in another order, another zone, another language, other hashes.
    for file in sorted(other.rglob("*"), reverse=True):
        if file.is_file():
            shutil.copy(file, file.with_name(file.name + ".again"))
            file.with_name(file.name + ".again").replace(file)
    build(one, engine, 1, PYTHONHASHSEED="1", TZ="UTC", LC_ALL="C.UTF-8", SOURCE_DATE_EPOCH="1700000000")
    build(other, engine, 2, PYTHONHASHSEED="2", TZ="Asia/Almaty", LC_ALL="C", SOURCE_DATE_EPOCH="1700000000")
    for made in ("notebooks", "figures", "_site"):
        assert first_difference(one / made, other / made) == ""


def test_the_first_file_that_differs_is_named(tmp_path: Path) -> None:
    for folder, words in (("one", "made at noon"), ("other", "made at nine")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "b.html").write_text(words, encoding="utf-8")
        (tmp_path / folder / "c.html").write_text(folder, encoding="utf-8")
    found = first_difference(tmp_path / "one", tmp_path / "other")
    assert found == "b.html differs at byte 9: b'made at noon' and b'made at nine'"
    (tmp_path / "one" / "a.html").touch()
    assert first_difference(tmp_path / "one", tmp_path / "other") == f"a.html is only in {tmp_path / 'one'}"


def test_the_time_is_that_of_the_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert commit_time(tmp_path) == 0
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    dated = {**os.environ, "GIT_COMMITTER_DATE": "2026-01-02T03:04:05+00:00"}
    subprocess.run([*git, "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "First"], cwd=tmp_path, env=dated, check=True)
    assert commit_time(tmp_path) == 1767323045
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert commit_time(tmp_path) == 1700000000


def test_every_page_says_what_made_it(site: Path) -> None:
    made = made_with(REPOSITORY)["made_with"]
    for page in site.glob("*/**/*.html"):
        text = page.read_text(encoding="utf-8")
        assert f"Altair {made['altair']}" in text
        assert f"pandas {made['pandas']}" in text
        assert f"Python {made['python'].removeprefix('>=')}+" in text
        assert engine_name("pandoc") in text
