"""The code of the chapters is checked like any code."""

import re
import shutil
import textwrap
from pathlib import Path

import pytest

from thesis.chapter_lint import CodeProblem, lint, main, page_code
from thesis.chapter_names import name_problems
from thesis.execution.execute import chapters

from .conftest import REPOSITORY

CHAPTER = """---
title: "A chapter"
---

```{python}
#| label: setup
from thesis import number

def when(event, language):
    return f"{event['month']} {event['year']}"
```

Of `{python} number(3, "en")` events, `{python} number("three", "en")` were counted.

```{python}
#| label: later
def when(fact, language):
    return fact["month"]

used = [lambda: fact for fact in range(3)]
import re
```
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one chapter, which breaks a rule of everybody who reads it."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copyfile(REPOSITORY / "pyproject.toml", folder / "pyproject.toml")
    (folder / "src").symlink_to(REPOSITORY / "src")
    (folder / "chapters").mkdir()
    (folder / "chapters" / "two-dates.qmd").write_text(CHAPTER, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def problems(broken: Path) -> list[CodeProblem]:
    """What is told of it; mypy without a cache takes its time."""
    return lint(broken)


def test_the_chapters_have_no_problem() -> None:
    assert [str(problem) for problem in lint(REPOSITORY)] == []


def test_a_second_when_is_refused_with_its_place(problems: list[CodeProblem]) -> None:
    told = [str(problem) for problem in problems]
    assert (
        "chapters/two-dates.qmd:17 (cell “later”): defined-once: “when” is a function or class since line 9 "
        "(cell “setup”); give each a name of its own, or write a function with what they share"
    ) in told
    assert "chapters/two-dates.qmd:17 (cell “later”): F811: Redefinition of unused `when` from line 9" in " ".join(told)


def test_ruff_mypy_and_the_rules_of_a_page_are_told_in_one_run(problems: list[CodeProblem]) -> None:
    found = {(problem.line, problem.cell, problem.rule) for problem in problems}
    assert {
        (13, "markdown-03", "arg-type"),
        (17, "later", "no-redef"),
        (17, "later", "defined-once"),
        (20, "later", "B023"),
        (21, "later", "E402"),
        (21, "later", "F401"),
    } <= found


def test_a_problem_ends_the_command_without_success(
    problems: list[CodeProblem], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("thesis.chapter_lint.lint", lambda _: problems)
    assert main() == 1
    assert "chapters/two-dates.qmd:17 (cell “later”): no-redef" in capsys.readouterr().err
    monkeypatch.setattr("thesis.chapter_lint.lint", lambda _: [])
    assert main() == 0


def test_code_that_is_no_python_is_told_with_its_place(broken: Path, tmp_path: Path) -> None:
    shutil.copytree(broken, tmp_path, symlinks=True, dirs_exist_ok=True)
    text = CHAPTER.replace("return fact[", "return fact][")
    (tmp_path / "chapters" / "two-dates.qmd").write_text(text, encoding="utf-8")
    assert {(problem.line, problem.cell) for problem in lint(tmp_path)} == {(18, "later")}


def test_a_chapter_that_cannot_be_read_is_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chapters").mkdir()
    text = CHAPTER.replace("label: later", "label: setup")
    (tmp_path / "chapters" / "two-dates.qmd").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main() == 1
    assert "the label “setup”" in capsys.readouterr().err


def test_the_chapter_of_the_guide_has_no_problem(broken: Path, tmp_path: Path) -> None:
    guide = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    parts = re.findall(r"^   ````markdown chapters/example\.qmd\n(.*?)^   ````$", guide, re.MULTILINE | re.DOTALL)
    assert len(parts) > 1
    shutil.copytree(broken, tmp_path, symlinks=True, dirs_exist_ok=True)
    text = "\n".join(textwrap.dedent(part) for part in parts)
    (tmp_path / "chapters" / "two-dates.qmd").write_text(text, encoding="utf-8")
    assert [str(problem) for problem in lint(tmp_path)] == []


@pytest.mark.parametrize("page", chapters(REPOSITORY), ids=str)
def test_extracted_code_keeps_its_line_and_column(page: Path) -> None:
    source = (REPOSITORY / page).read_text(encoding="utf-8").split("\n")
    code = page_code(REPOSITORY, page)
    for number, line in enumerate(code.text.split("\n")[: len(source)], 1):
        if number in code.prose:
            assert line.startswith("print(") and line.endswith((")", ","))
            kept = [(a, b) for a, b in zip(line[6:], source[number - 1][6:], strict=False) if a != b and a != " "]
            assert {a for a, _ in kept} <= {",", ")"} and {b for _, b in kept} <= {"`"}
        elif number in code.cells:
            assert line == source[number - 1]
        else:
            assert line == ""


def test_a_problem_is_written_as_editors_read_it() -> None:
    problem = CodeProblem("chapters/a.qmd", 7, "setup", "F401", "unused")
    assert str(problem) == "chapters/a.qmd:7 (cell “setup”): F401: unused"


FIRST = (
    "import altair as alt\nfrom thesis import place\nrows = frame()\nfor x in rows:\n    print(x)\ndef f():\n    pass"
)
"""The first cell, lines 1 to 7; what a second one adds begins on line 8."""


@pytest.mark.parametrize(
    ("second", "rule"),
    [
        ("def f():\n    return 1", "defined-once"),
        ("class f:\n    pass", "defined-once"),
        ("f = 1", "defined-once"),
        ("rows = 1", "defined-once"),
        ("rows += 1", "defined-once"),
        ("with open(x) as rows:\n    pass", "defined-once"),
        ("for rows in range(3):\n    print(rows)", "defined-once"),
        ("x = 1", "defined-once"),
        ("if True:\n    rows = 2", "defined-once"),
        ("other = (rows := 2)", "defined-once"),
        ("print(x)", "loop-variable"),
        ("def g():\n    return x", "loop-variable"),
        ("late = lambda: x", "loop-variable"),
        ("for y in range(3):\n    print(x)", "loop-variable"),
        ("place = 1", "import-shadowed"),
        ("for place in range(3):\n    print(place)", "import-shadowed"),
        ("def g(place):\n    return place", "import-shadowed"),
        ("def g():\n    alt = 1\n    return alt", "import-shadowed"),
        ("names = [place for place in range(3)]", "import-shadowed"),
        ("late = lambda place: place", "import-shadowed"),
        ("rows['a'] = 1", "changed-later"),
        ("rows.loc[1, 'a'] = 1", "changed-later"),
        ("rows[['a', 'b']], other = 1, 2", "changed-later"),
        ("rows['a']['b'] += 1", "changed-later"),
        ("rows.index = 1", "changed-later"),
        ("del rows['a']", "changed-later"),
        ("rows.append(1)", "changed-later"),
        ("rows.insert(0, 'a', 1)", "changed-later"),
        ("other = rows.sort_values('a', inplace=True)", "changed-later"),
        ("for y in range(3):\n    rows[y] = y", "changed-later"),
        ("def g():\n    rows['a'] = 1", "changed-later"),
    ],
)
def test_a_second_cell_that_breaks_a_rule_is_refused(second: str, rule: str) -> None:
    lines = len(second.split("\n"))
    cells = {**dict.fromkeys(range(1, 8), "first"), **dict.fromkeys(range(8, 8 + lines), "second")}
    found = list(name_problems(f"{FIRST}\n{second}\n", cells))
    assert rule in {kind for _, kind, _ in found}
    assert all(line >= 8 for line, kind, _ in found if kind == rule)


@pytest.mark.parametrize(
    "second",
    [
        "for x in range(3):\n    print(x)",
        "names = [x for x in range(3)]",
        "def g(rows, x):\n    rows['a'] = x\n    return rows",
        "def g():\n    rows = {}\n    rows['a'] = 1\n    return rows",
        "more = rows.copy()\nmore['a'] = 1\nmore = more.dropna()",
        "first, _ = 1, 2\nsecond, _ = 1, 2",
        "kept = rows.drop(1)\nlast = rows.pop('a')",
        "def g(x=rows):\n    return [x for _ in range(3)]",
        "alt.data_transformers.enable()",
        "print(place(3), f())",
    ],
)
def test_a_second_cell_with_names_of_its_own_is_allowed(second: str) -> None:
    lines = len(second.split("\n"))
    cells = {**dict.fromkeys(range(1, 8), "first"), **dict.fromkeys(range(8, 8 + lines), "second")}
    assert list(name_problems(f"{FIRST}\n{second}\n", cells)) == []
