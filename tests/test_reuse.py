"""What is executed again and what is reused; how what changed is shown and recorded."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from thesis import publish
from thesis.cli import main
from thesis.execution import execute as execution
from thesis.execution.execute import chapters
from thesis.execution.records import digests, nobodys, read_record, reasons, record_of
from thesis.failures import ChapterError, RenderError

from .conftest import accept, as_it_stands, bring_up_to_date, contents, description_of, file_of, record_pages

HOME, MEASURED, NOTES = Path("index.qmd"), Path("chapters/measured.qmd"), Path("chapters/notes.qmd")
TABLE = file_of("gti_2024_table")


@pytest.fixture
def copy(executed: Path, tmp_path: Path) -> Path:
    """The small project with its record; a test may change it."""
    return shutil.copytree(executed, tmp_path / "project")


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def why_due(project: Path, source: Path) -> list[str]:
    return reasons(as_it_stands(project), project, source)


def raise_score(project: Path) -> None:
    replace(project / TABLE, "MLI,3,3,Мали,7.998,7.998", "MLI,3,3,Мали,7.898,7.898")


def edit(path: Path, old: str, new: str) -> None:
    """Replace the first `old` of a file, which must stand there."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def brought_up(project: Path) -> tuple[dict[Path, Path], list[str]]:
    said: list[str] = []
    return bring_up_to_date(project, said.append), said


def test_a_record_names_what_a_page_read_and_made(executed: Path) -> None:
    record = read_record(executed, MEASURED)
    assert record
    data = {name for name in record.inputs if name.startswith("data/")}
    described = {f"{description_of(name)}#" for name in ("countries", "gti_2024_table")}
    assert data == {*described, "data/loci.csv", file_of("countries"), TABLE}
    assert {"chapters/measured.qmd", "requirements.lock", "assets/palette.json"} <= set(record.inputs)
    package = {name for name in record.inputs if name.startswith("src/thesis/")}
    assert {"src/thesis/display.py", "src/thesis/charts.py", "src/thesis/execution/execute.py"} <= package
    assert not {"src/thesis/site/serve.py", "src/thesis/site/render.py", "src/thesis/cli.py"} & package
    figures = {f"figures/scores{ending}" for ending in (".kk.svg", ".en.svg", "-narrow.kk.svg", ".en.json")}
    assert {"notebooks/measured.ipynb", *figures} <= set(record.outputs)
    assert list(record.inputs) == sorted(record.inputs)


def test_nothing_is_executed_where_nothing_changed(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "execute_chapter", None)
    found, said = brought_up(copy)
    assert found == dict.fromkeys([HOME, MEASURED, NOTES], copy)
    assert said == ["reused index.qmd, chapters/measured.qmd, chapters/notes.qmd, unchanged since they were executed"]
    assert not (copy / publish.WAITING).exists()


def test_a_clone_that_git_made_needs_no_execution(copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "All of it"]):
        subprocess.run([*git, *command], cwd=copy, check=True)
    subprocess.run(["git", "clone", "-q", copy, tmp_path / "clone"], check=True)
    monkeypatch.setattr(execution, "execute_chapter", None)
    assert set(brought_up(tmp_path / "clone")[0].values()) == {tmp_path / "clone"}


@pytest.mark.parametrize(
    ("file", "reason", "due"),
    [
        (TABLE, f"{TABLE} has changed", {MEASURED}),
        ("chapters/notes.qmd", "chapters/notes.qmd has changed", {NOTES}),
        ("requirements.lock", "requirements.lock has changed", {HOME, MEASURED, NOTES}),
        ("assets/palette.json", "assets/palette.json has changed", {MEASURED}),
        ("references.bib", None, set()),
        ("_quarto.yml", None, set()),
        ("figures/scores.kk.svg", "figures/scores.kk.svg was changed by hand", {MEASURED}),
        ("notebooks/notes.ipynb", "notebooks/notes.ipynb was changed by hand", {NOTES}),
    ],
)
def test_a_change_makes_due_the_pages_that_depend_on_it_and_no_other(
    copy: Path, file: str, reason: str | None, due: set[Path]
) -> None:
    with (copy / file).open("a", encoding="utf-8") as lines:
        lines.write("\n")
    found = {source: why_due(copy, source) for source in chapters(copy)}
    assert {source for source, why in found.items() if why} == due
    assert all(found[source] == [reason] for source in due)


def test_describing_a_table_makes_due_the_pages_that_use_it_alone(copy: Path) -> None:
    shutil.copy(copy / description_of("loci"), copy / "data" / "another.yml")
    edit(copy / "data" / "fields.yml", "title_en: Event of Table A.1\n", "title_en: Event\n")
    edit(copy / description_of("gti_2024_text"), "title_en: ", "title_en: Another ")
    assert not any(why_due(copy, source) for source in chapters(copy))
    edit(copy / description_of("gti_2024_table"), "title_en: 'Table 6", "title_en: 'Table VI")
    assert why_due(copy, MEASURED) == [f"{description_of('gti_2024_table')}# has changed"]
    assert not why_due(copy, NOTES)


def test_a_shared_field_makes_due_the_pages_whose_tables_take_it(copy: Path) -> None:
    edit(copy / "data" / "fields.yml", "title_en: Place in the thesis\n", "title_en: Where it stands\n")
    assert why_due(copy, MEASURED) == [f"{description_of('gti_2024_table')}# has changed"]
    assert not why_due(copy, NOTES)


def test_a_file_that_is_gone_makes_its_page_due(copy: Path) -> None:
    (copy / "figures" / "scores.en.svg").unlink()
    (copy / record_of(NOTES)).write_text("{", encoding="utf-8")
    assert why_due(copy, MEASURED) == ["figures/scores.en.svg is missing"]
    assert why_due(copy, NOTES) == ["there is no record of its execution"]


def test_a_listed_folder_is_depended_on_by_the_names_in_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    before = digests(as_it_stands(tmp_path), ["data/"])
    (tmp_path / "data" / "new.csv").touch()
    assert digests(as_it_stands(tmp_path), ["data/"]) != before


def test_only_what_changed_is_executed_and_the_record_stays_until_it_is_accepted(copy: Path) -> None:
    before = {folder: contents(copy / folder) for folder in ("notebooks", "figures")}
    raise_score(copy)
    found, said = brought_up(copy)
    assert found == {HOME: copy, MEASURED: copy / publish.WAITING, NOTES: copy}
    assert said[:2] == [
        "reused index.qmd, chapters/notes.qmd, unchanged since they were executed",
        f"to execute chapters/measured.qmd: {TABLE} has changed",
    ]
    assert re.fullmatch(r"executed chapters/measured\.qmd · \d+\.\d s", said[2])
    assert {folder: contents(copy / folder) for folder in before} == before
    again, said = brought_up(copy)
    assert again == found
    assert said == ["reused index.qmd, chapters/measured.qmd, chapters/notes.qmd, unchanged since they were executed"]


@pytest.fixture(scope="module")
def edited(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, list[str], list[str]]]:
    """A project whose table was edited, its site built and the result accepted; what each step said."""
    project = shutil.copytree(executed, tmp_path_factory.mktemp("edited") / "project")
    raise_score(project)
    (project / "figures" / "left-over.kk.svg").touch()
    built: list[str] = []
    publish.build(project, "pandoc", built.append)
    said: list[str] = []
    accept(project, said.append)
    yield project, built, said


def test_the_site_has_what_was_executed_before_it_is_accepted(edited: tuple[Path, list[str], list[str]]) -> None:
    project, built, _ = edited
    page = (project / "_site" / "en" / "chapters" / "measured.html").read_text(encoding="utf-8")
    assert "7.898" in page
    assert "7.998" not in page
    assert not (project / "_site" / "en" / "figures" / "left-over.kk.svg").exists()
    assert built[-1] == ("not recorded yet: chapters/measured.qmd; `make accept` shows what changed and records it")


def test_accepting_shows_every_change_in_a_reader_s_words(edited: tuple[Path, list[str], list[str]]) -> None:
    shown = "\n".join(edited[2])
    assert (
        "  table tbl-scores (cell “scores-table”)\n    row “Mali”, column “Score”: recorded 7.998, computed 7.898\n"
    ) in shown
    assert 'figure fig-scores (cell “scores-chart”)\n    recorded “"score": 7.998”, computed “"score": 7.898”' in shown
    assert "  figure figures/scores.kk.svg\n    the same words, drawn otherwise" in shown
    assert "tbl-scores.json" not in shown, "the table is told twice"
    assert "data-" not in shown
    assert "figures/left-over.kk.svg: no chapter makes it" in shown
    assert edited[2][-1] == "recorded chapters/measured.qmd in notebooks/ and figures/"


def test_after_accepting_the_record_is_current_and_nothing_waits(
    edited: tuple[Path, list[str], list[str]], executed: Path
) -> None:
    project = edited[0]
    assert [why for source in chapters(project) for why in why_due(project, source)] == []
    assert nobodys(project, chapters(project)) == []
    assert not [path for path in (project / publish.WAITING).rglob("*") if path.is_file()]
    assert contents(project / "notebooks").keys() == contents(executed / "notebooks").keys()
    said: list[str] = []
    accept(project, said.append)
    assert said[-1] == "the record was current already"


def move_chart(project: Path) -> Path:
    """Move all of the page with the chart to a page that comes before it by name; returns that page."""
    earlier = Path("chapters/earlier.qmd")
    shutil.copy(project / MEASURED, project / earlier)
    replace(project / NOTES, "measured.qmd#ranking", "earlier.qmd#ranking")
    (project / MEASURED).write_text((project / NOTES).read_text(encoding="utf-8"), encoding="utf-8")
    return earlier


@pytest.mark.parametrize("how", ["accept", "execute", "wait"])
def test_a_figure_that_moved_to_an_earlier_page_stays(copy: Path, how: str) -> None:
    raise_score(copy)
    if how == "wait":
        brought_up(copy)  # now the old page's record waits, and names the figure
    earlier = move_chart(copy)
    folder = copy
    if how == "accept":
        accept(copy)
    elif how == "execute":
        record_pages(copy)
    else:
        folder = brought_up(copy)[0][earlier]
        assert folder == copy / publish.WAITING
    assert reasons(as_it_stands(copy), folder, earlier) == []
    assert (folder / "figures" / "scores.kk.svg").is_file()


def test_accepting_a_renamed_page_tells_no_figure_it_records_as_nobody_s(copy: Path) -> None:
    (copy / MEASURED).rename(copy / "chapters" / "renamed.qmd")
    said: list[str] = []
    accept(copy, said.append)
    assert [line for line in said if "no chapter makes it" in line] == [
        f"notebooks/{name}: no chapter makes it" for name in ("measured.ipynb", "records/measured.json")
    ]
    assert nobodys(copy, chapters(copy)) == []


def test_a_new_look_of_the_same_results_is_recorded_as_such(copy: Path) -> None:
    with (copy / "requirements.lock").open("a", encoding="utf-8") as lines:
        lines.write("\n")
    said: list[str] = []
    accept(copy, said.append)
    assert "chapters/notes.qmd · the same results" in said
    assert said[-1] == "recorded index.qmd, chapters/measured.qmd, chapters/notes.qmd in notebooks/ and figures/"


def test_accepting_mends_what_a_merge_left_in_conflict(copy: Path) -> None:
    before = contents(copy / "notebooks")
    for name in ("notebooks/measured.ipynb", str(record_of(MEASURED)), "figures/claims.json"):
        path = copy / name
        path.write_text(f"<<<<<<< HEAD\n{path.read_text() if path.exists() else '[]'}=======\n", encoding="utf-8")
    said: list[str] = []
    accept(copy, said.append)
    assert "  notebooks/measured.ipynb: the recorded notebook cannot be read" in said
    assert any("claims.json is no ledger" in line and "cannot be told" in line for line in said)
    assert contents(copy / "notebooks") == before


def test_a_chapter_that_fails_leaves_the_record_and_keeps_what_others_gave(copy: Path) -> None:
    before = {folder: contents(copy / folder) for folder in ("notebooks", "figures")}
    raise_score(copy)
    with (copy / NOTES).open("a", encoding="utf-8") as lines:
        lines.write("\n```{python}\n1 / 0\n```\n")
    with pytest.raises(ChapterError, match=r"^chapters/notes\.qmd: the cell “code-\d+” raised ZeroDivisionError"):
        accept(copy)
    assert {folder: contents(copy / folder) for folder in before} == before
    assert reasons(as_it_stands(copy), copy / publish.WAITING, MEASURED) == []


def test_what_is_not_current_is_not_rendered(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raise_score(copy)
    (copy / "figures" / "scores.kk.svg").write_text("<svg/>", encoding="utf-8")
    (copy / "figures" / "other.kk.svg").touch()
    monkeypatch.chdir(copy)
    assert main(["render", "--engine", "pandoc"]) == 1
    assert capsys.readouterr().err.splitlines()[:3] == [
        f"chapters/measured.qmd: {TABLE} has changed",
        "chapters/measured.qmd: figures/scores.kk.svg was changed by hand",
        "figures/other.kk.svg: no chapter makes it",
    ]
    assert not (copy / "_site").exists()
    with pytest.raises(RenderError):
        publish.publish_recorded(copy, "pandoc", print)


def test_two_chapters_that_draw_a_figure_of_one_name_are_named(copy: Path) -> None:
    shutil.copy(copy / MEASURED, copy / "chapters" / "twin.qmd")
    with pytest.raises(ChapterError) as error:
        bring_up_to_date(copy)
    assert str(error.value).splitlines()[0] == (
        "figures/scores-narrow.en.svg is drawn by chapters/measured.qmd and by chapters/twin.qmd; "
        "give one figure another label"
    )
    before = contents(copy / "figures")
    with pytest.raises(ChapterError, match=r"by chapters/measured\.qmd and by"):
        record_pages(copy, [Path("chapters/twin.qmd")])
    assert contents(copy / "figures") == before


def test_notebooks_say_what_made_them_by_the_lock(executed: Path) -> None:
    for path in (executed / "notebooks").glob("*.ipynb"):
        made = json.loads(path.read_text(encoding="utf-8"))["metadata"]["made_with"]
        assert made.pop("python") == ">=3.11"
        assert set(made) == {"altair", "nbclient", "pandas", "vl-convert-python"}
        # The lock has one version of each, so what it names is what computed.
        assert made == {name: version(name) for name in made}
