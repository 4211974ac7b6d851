"""Executing chapters: what is recorded, and what is told when one raises."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from thesis.execution import execute as execution
from thesis.execution.execute import cell_options, chapters, notebook_of, read_chapter
from thesis.failures import ChapterError

from .conftest import contents, execute_page, record_pages

CHAPTER = Path("chapters/one.qmd")
HEAD = '---\ntitle-kk: "Бір"\ntitle-en: "One"\n---\n\n'
DRAW = (
    "```{python}\n#| label: draw\nimport os, pathlib\n"
    'pathlib.Path(os.environ["THESIS_FIGURES"], "NAME").write_text("new")\n```\n'
)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A project with a home page and no chapter yet."""
    (tmp_path / "_quarto.yml").touch()
    (tmp_path / "chapters").mkdir()
    (tmp_path / "index.qmd").write_text(HEAD + "Home.\n", encoding="utf-8")
    return tmp_path


def write(project: Path, text: str, chapter: Path = CHAPTER) -> None:
    (project / chapter).write_text(HEAD + text, encoding="utf-8")


def run(project: Path, text: str) -> Any:
    """Execute one chapter and return its notebook."""
    write(project, text)
    return execute_page(project, CHAPTER).notebook


def cells(notebook: Any) -> dict[str, Any]:
    return {cell["id"]: cell for cell in notebook.cells}


def failure(project: Path, text: str) -> str:
    with pytest.raises(ChapterError) as error:
        run(project, text)
    return str(error.value)


def test_pages_are_executed_home_first_and_then_by_name(project: Path) -> None:
    names = ["index.qmd", "chapters/measured.qmd", "chapters/notes.qmd"]
    assert [path.as_posix() for path in chapters(project)] == names
    assert notebook_of(Path("chapters/notes.qmd")) == Path("notebooks/notes.ipynb")


@pytest.mark.parametrize(
    ("source", "options"),
    [
        ("#| label: chart\n#| echo: false\nx = 1", {"label": "chart", "echo": "false"}),
        ("#|  fig-cap:  a: b \n\n#| late: true", {"fig-cap": "a: b"}),
        ("x = 1\n#| label: late", {}),
    ],
)
def test_the_options_of_a_cell_stand_at_its_head(source: str, options: dict[str, str]) -> None:
    assert cell_options(source) == options


def test_a_cell_is_named_by_its_label_else_by_its_place(empty: Path) -> None:
    write(empty, "Text.\n\n```{python}\n#| label: sum\n1 + 1\n```\n\nMore.\n\n```{python}\n2\n```\n")
    assert list(cells(read_chapter(empty, CHAPTER))) == ["raw-01", "markdown-02", "sum", "markdown-04", "code-05"]


@pytest.mark.parametrize(
    ("labels", "fault"),
    [
        (("sum", "sum"), "the label “sum” (lines 7 and 12) names 2 cells; give each its own"),
        (("code-03", ""), "the label “code-03” (line 7) names 2 cells; give each its own"),
        (("two words", "sum"), "the label “two words” (line 7) cannot name a cell; a label has at most 64 Latin"),
        (("қосынды", "sum"), "the label “қосынды” (line 7) cannot name a cell"),
        (("a" * 65, "sum"), f"the label “{'a' * 65}” (line 7) cannot name a cell"),
    ],
    ids=["doubled", "the place of another", "a space", "Cyrillic", "too long"],
)
def test_a_label_that_no_record_could_keep_is_named_with_its_lines(
    empty: Path, labels: tuple[str, str], fault: str
) -> None:
    text = "\n\n".join(f"```{{python}}\n#| label: {label}\n1 + 1\n```" for label in labels)
    assert failure(empty, text + "\n").startswith(f"chapters/one.qmd: {fault}")


def test_every_cell_of_a_chapter_keeps_its_name_and_place_when_recorded(executed: Path) -> None:
    recorded = nbformat.read(executed / "notebooks" / "measured.ipynb", as_version=4)
    source = read_chapter(executed, Path("chapters/measured.qmd"))
    assert list(cells(recorded)) == list(cells(source))
    assert {"setup", "key-figures", "scores-table", "scores-chart", "total"} <= set(cells(recorded))


def test_recorded_notebooks_are_valid(executed: Path) -> None:
    for path in (executed / "notebooks").glob("*.ipynb"):
        nbformat.validate(json.loads(path.read_text(encoding="utf-8")))


def test_values_in_prose_are_computed_in_each_language_and_their_source_is_kept(executed: Path) -> None:
    recorded = nbformat.read(executed / "notebooks" / "measured.ipynb", as_version=4)
    prose = next(cell for cell in recorded.cells if "source" in cell.metadata)
    space = "\N{NO-BREAK SPACE}"
    assert f"ұпай – 8,571, ал барлығы 1{space}234{space}567,5 [" in prose.source
    assert "score is 8.571, and all together 1,234,567.5 [" in prose.source
    assert "{python}" not in prose.source
    assert '`{python} number(1234567.5, "kk", 1)`' in prose.metadata["source"]


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        ("6 * 7", "42"),
        ('"a" + "b"', "ab"),
        ('"it\'s"', "it's"),
        ('"say \\"it\'s\\""', 'say "it\'s"'),
        ('"1\\N{NO-BREAK SPACE}234"', "1\N{NO-BREAK SPACE}234"),
        ("Marked()", "*marked*"),
    ],
    ids=["number", "text", "apostrophe", "both quotes", "no-break space", "Markdown"],
)
def test_a_value_in_prose_is_written_as_a_reader_wants_it(
    values: dict[str, str], expression: str, written: str
) -> None:
    assert values[expression] == written


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Each expression of the test above, computed inside prose by one kernel."""
    parameters = test_a_value_in_prose_is_written_as_a_reader_wants_it.pytestmark[0].args[1]  # type: ignore[attr-defined]
    expressions = [expression for expression, _ in parameters]
    project = tmp_path_factory.mktemp("values")
    (project / "chapters").mkdir()
    setup = '```{python}\nclass Marked:\n    def _repr_markdown_(self):\n        return "*marked*"\n```\n\n'
    notebook = run(project, setup + "\n".join(f"[`{{python}} {expression}`]" for expression in expressions) + "\n")
    lines = notebook.cells[-1].source.splitlines()
    return dict(zip(expressions, (line[1:-1] for line in lines), strict=True))


@pytest.mark.parametrize("workers", [1, 3])
def test_executing_twice_leaves_the_same_bytes_however_many_run_at_a_time(
    executed: Path, tmp_path: Path, workers: int
) -> None:
    again = shutil.copytree(executed, tmp_path / "again", ignore=shutil.ignore_patterns("notebooks", "figures"))
    record_pages(again, workers=workers)
    for folder in ("notebooks", "figures"):
        assert contents(again / folder) == contents(executed / folder)


def test_a_record_does_not_change_with_python_the_time_or_the_machine(executed: Path) -> None:
    for path in (executed / "notebooks").glob("*.ipynb"):
        recorded = json.loads(path.read_text(encoding="utf-8"))
        assert recorded["metadata"]["language_info"] == {"name": "python"}
        assert str(executed) not in path.read_text(encoding="utf-8")
        assert all(set(cell["metadata"]) <= {"source"} for cell in recorded["cells"])


def test_a_cell_that_raises_is_named_with_its_chapter_exception_and_line(empty: Path) -> None:
    text = "```{python}\n#| label: good\ntotal = 0\n```\n\n```{python}\n#| label: wrong\n\nshare = 1 / total\n```\n"
    assert failure(empty, text) == (
        "chapters/one.qmd: the cell “wrong” raised ZeroDivisionError: division by zero\n"
        "  line 3 of the cell: share = 1 / total"
    )


def test_the_line_named_is_the_cell_s_own_not_a_library_s(empty: Path) -> None:
    text = "```{python}\nimport json\n\njson.loads('{')\n```\n"
    assert failure(empty, text).endswith("\n  line 3 of the cell: json.loads('{')")


def test_a_cell_that_is_not_python_is_named(empty: Path) -> None:
    message = failure(empty, "```{python}\n#| label: wrong\nx = = 1\n```\n")
    assert message.startswith("chapters/one.qmd: the cell “wrong” raised SyntaxError: invalid syntax")


def test_a_value_in_prose_that_raises_is_named(empty: Path) -> None:
    assert failure(empty, "Text `{python} unknown + 1` and `{python} 2`.\n") == (
        "chapters/one.qmd: in the prose cell “markdown-02”, `unknown + 1` raised "
        "NameError: name 'unknown' is not defined"
    )


def test_a_cell_that_warns_is_named_since_its_record_would_never_be_the_same_twice(empty: Path) -> None:
    text = "```{python}\n#| label: old\nimport warnings\n\nwarnings.warn('use the new one', FutureWarning)\n```\n"
    assert failure(empty, text) == "chapters/one.qmd: the cell “old” warned: line 4: FutureWarning: use the new one"


def test_a_cell_that_kills_its_kernel_is_named(empty: Path) -> None:
    message = failure(empty, "```{python}\n#| label: deadly\nimport os\nos._exit(1)\n```\n")
    assert message == "chapters/one.qmd: the kernel stopped in the cell “deadly” (Kernel died)"


def test_a_cell_that_never_ends_is_named(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_SECONDS_A_CELL", 1)
    message = failure(empty, "```{python}\n#| label: endless\nimport time\ntime.sleep(60)\n```\n")
    assert message == "chapters/one.qmd: the cell “endless” took longer than 1 seconds"


def test_nothing_is_recorded_when_a_later_chapter_raises(empty: Path) -> None:
    write(empty, DRAW.replace("NAME", "one.kk.svg"))
    write(empty, "```{python}\n1 / 0\n```\n", Path("chapters/two.qmd"))
    for folder, name in (("notebooks", "one.ipynb"), ("figures", "one.kk.svg"), ("figures", "old.kk.svg")):
        (empty / folder).mkdir(exist_ok=True)
        (empty / folder / name).write_text("as it was", encoding="utf-8")
    before = contents(empty)
    with pytest.raises(match=r"^chapters/two\.qmd: the cell “code-02” raised ZeroDivisionError"):
        record_pages(empty)
    assert contents(empty) == before


def test_what_no_chapter_makes_any_more_goes_when_every_page_is_executed(empty: Path) -> None:
    write(empty, DRAW.replace("NAME", "one.kk.svg"))
    (empty / "figures").mkdir()
    (empty / "notebooks").mkdir()
    (empty / "notebooks" / "old.ipynb").touch()
    for name in ("old.kk.svg", "old.kk.json", "one.kk.svg", "README.md"):
        (empty / "figures" / name).write_text("old", encoding="utf-8")
    record_pages(empty, [CHAPTER])
    assert sorted(contents(empty / "figures")) == ["README.md", "old.kk.json", "old.kk.svg", "one.kk.svg"]
    assert sorted(contents(empty / "notebooks")) == ["old.ipynb", "one.ipynb", "records/one.json"]
    record_pages(empty)
    assert contents(empty / "figures") == {"README.md": b"old", "one.kk.svg": b"new"}
    recorded = ["index.ipynb", "one.ipynb", "records/index.json", "records/one.json"]
    assert sorted(contents(empty / "notebooks")) == recorded


def test_a_chapter_runs_in_the_project_whatever_folder_the_command_is_called_in(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(empty / "chapters")
    before = set(contents(empty))
    notebook = run(empty, '```{python}\nimport os\nprint(os.path.isfile("_quarto.yml"))\n```\n')
    assert notebook.cells[-1].outputs[0].text == "True\n"
    assert set(contents(empty)) == before | {"chapters/one.qmd"}


def test_a_page_with_nothing_to_compute_starts_no_kernel(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "_Client", None)
    notebook = execute_page(empty, Path("index.qmd")).notebook
    assert [cell.cell_type for cell in notebook.cells] == ["raw", "markdown"]


def test_a_recorded_notebook_runs_as_it_is_in_the_folder_it_stands_in(executed: Path, tmp_path: Path) -> None:
    project = shutil.copytree(executed, tmp_path / "project")
    recorded = nbformat.read(project / "notebooks" / "measured.ipynb", as_version=4)
    opened = nbformat.read(project / "notebooks" / "measured.ipynb", as_version=4)
    # As JupyterLab does it: the kernel starts beside the notebook, and nothing is set for it.
    environment = {name: value for name, value in os.environ.items() if name != "THESIS_FIGURES"}
    NotebookClient(opened, resources={"metadata": {"path": str(project / "notebooks")}}).execute(env=environment)
    chart = cells(opened)["scores-chart"].outputs[0].data["application/vnd.vegalite.v5+json"]
    assert chart == cells(recorded)["scores-chart"].outputs[0].data["application/vnd.vegalite.v5+json"]
    assert contents(project / "figures") == contents(executed / "figures")
