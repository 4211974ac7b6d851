"""The committed notebooks/ and figures/ are what the chapters make today, byte for byte."""

import os
import shutil
from pathlib import Path

import pytest

from thesis.execution.execute import notebook_of

from .conftest import REPOSITORY, contents, record_pages


def stale(committed: Path, made: Path) -> list[str]:
    """Where the recorded files differ from those just made, one line a file."""
    problems = []
    for folder in ("notebooks", "figures"):
        before, after = contents(committed / folder), contents(made / folder)
        for name in sorted(before.keys() | after.keys()):
            if name not in after:
                problems.append(f"{folder}/{name}: no chapter makes it")
            elif name not in before:
                problems.append(f"{folder}/{name} is missing")
            elif before[name] != after[name]:
                problems.append(f"{folder}/{name}, {first_difference(before[name], after[name])}")
    return problems


def first_difference(before: bytes, after: bytes) -> str:
    old, new = before.split(b"\n"), after.split(b"\n")
    line = next(
        (line for line, both in enumerate(zip(old, new, strict=False)) if both[0] != both[1]), min(len(old), len(new))
    )
    recorded, made = (lines[line].decode(errors="replace") if line < len(lines) else "" for lines in (old, new))
    place = next((place for place, both in enumerate(zip(recorded, made, strict=False)) if both[0] != both[1]), 0)
    shown = slice(max(place - 40, 0), place + 80)
    return f"line {line + 1}: recorded “{recorded[shown].strip()}”, made now “{made[shown].strip()}”"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real project, every chapter executed anew."""
    project = tmp_path_factory.mktemp("anew") / "project"
    unneeded = shutil.ignore_patterns(".*", "_site", "tests", "bench", "notebooks", "figures")
    shutil.copytree(REPOSITORY, project, ignore=unneeded)
    record_pages(project, workers=os.cpu_count() or 1)
    return project


def test_every_notebook_and_figure_is_what_its_chapter_makes_today(made: Path) -> None:
    problems = stale(REPOSITORY, made)
    assert not problems, "run `make execute` and look at what changed:\n" + "\n".join(problems)


@pytest.fixture
def copy(executed: Path, tmp_path: Path) -> Path:
    """The small project's recorded files, to be spoilt; they are current."""
    for folder in ("notebooks", "figures"):
        shutil.copytree(executed / folder, tmp_path / folder)
    assert stale(tmp_path, executed) == []
    return tmp_path


def test_a_notebook_that_no_longer_agrees_is_found_at_its_first_difference(copy: Path, executed: Path) -> None:
    path = copy / notebook_of(Path("chapters/measured.qmd"))
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next(line for line, text in enumerate(lines) if "| Mali | 3 | 7.998 |" in text)
    lines[line] = lines[line].replace("7.998", "7.999")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (problem,) = stale(copy, executed)
    assert problem.startswith(f"notebooks/measured.ipynb, line {line + 1}: recorded “")
    assert (
        problem.index("| Mali | 3 | 7.999 |") < problem.index("”, made now “") < problem.index("| Mali | 3 | 7.998 |")
    )


def test_a_figure_edited_by_hand_is_found(copy: Path, executed: Path) -> None:
    path = copy / "figures" / "scores.kk.svg"
    path.write_text(path.read_text(encoding="utf-8").replace("Бір ел озық", "Бірі озық"), encoding="utf-8")
    (problem,) = stale(copy, executed)
    assert problem.startswith("figures/scores.kk.svg, line 1: recorded “")
    assert "Бірі озық" in problem
    assert "Бір ел озық" in problem


def test_a_file_cut_short_is_found(copy: Path, executed: Path) -> None:
    path = copy / "figures" / "scores.kk.json"
    path.write_text(path.read_text(encoding="utf-8").removesuffix("}\n"), encoding="utf-8")
    (problem,) = stale(copy, executed)
    assert problem.endswith("recorded “”, made now “}”")


def test_a_missing_and_a_surplus_file_are_found(copy: Path, executed: Path) -> None:
    (copy / "figures" / "scores.en.svg").rename(copy / "figures" / "older.en.svg")
    (copy / "notebooks" / "notes.ipynb").unlink()
    assert stale(copy, executed) == [
        "notebooks/notes.ipynb is missing",
        "figures/older.en.svg: no chapter makes it",
        "figures/scores.en.svg is missing",
    ]
