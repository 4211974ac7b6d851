"""A small site of the tests' own, so that no test depends on the prose of the real chapters."""

import csv
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from thesis import publish
from thesis.data import describe

REPOSITORY = Path(__file__).parents[1]
SMALL = Path(__file__).parent / "small"
TABLES = ("countries", "loci", "gti_2024_table", "gti_2024_text", "gti_2024_reference")
"""The tables of data/ that the small project has; no other table is pointed to by them."""
SLOW = (
    "test_execute",
    "test_repeatable",
    "test_reuse",
    "test_verify",
    "test_serve",
    "test_publish",
    "test_reproducible",
    "test_spelling",
    "test_documentation",
    "test_notebooks_current",
    "test_quarto",
    "test_browser",
    "test_reading",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The fast tests first: a slip shows in seconds."""

    def slowness(item: pytest.Item) -> int:
        return SLOW.index(item.path.stem) + 1 if item.path.stem in SLOW else 0

    items.sort(key=slowness)


@pytest.fixture(scope="session", autouse=True)
def in_the_repository() -> Iterator[None]:
    """Where a command searches for its project from."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        yield


def file_of(table: str) -> str:
    """Where a table stands, from the project's folder."""
    return f"data/{describe(table)['path']}"


def description_of(table: str) -> str:
    """Where its description stands, beside it."""
    return file_of(table).removesuffix(".csv") + ".yml"


def add_table(folder: Path, name: str) -> Path:
    """Copy a real table and its description into a project; returns the copied table."""
    for file in (description_of(name), file_of(name)):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / file, folder / file)
    return folder / file_of(name)


def write_description(folder: Path, file: str, fields: dict[str, dict[str, str]]) -> None:
    """Describe a table of a test's own; what `fields` says nothing about is called like the field."""
    texts = dict.fromkeys(("title_kk", "title_en", "description_kk", "description_en"), file)
    described = {
        name: {key: f"{name} {key[-2:]}" for key in texts} | {"type": "string"} | field
        for name, field in fields.items()
    }
    source = {"title_kk": "Диссертация", "title_en": "The thesis"}
    content = {**texts, "sources": [source], "key": next(iter(fields)), "fields": described}
    path = folder / "data" / f"{file}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def make_project(folder: Path) -> Path:
    """The repository with the pages of tests/small/ instead of its chapters, nothing executed."""
    for name in ("assets", "filters"):
        shutil.copytree(REPOSITORY / name, folder / name)
    for name in ("_quarto.yml", "_environment", "pyproject.toml", "requirements.lock", "src/thesis/site/finish.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, folder / name)
    shutil.copytree(SMALL, folder, dirs_exist_ok=True)

    pages = {"index.qmd": ("Басты бет", "Home"), "chapters/measured.qmd": ("1.1 Өлшенген", "1.1 Measured")}
    pages["chapters/notes.qmd"] = ("Жазба", "Notes")
    for place, language in enumerate(("kk", "en")):
        name = f"_quarto-{language}.yml"
        settings = yaml.safe_load((REPOSITORY / name).read_text(encoding="utf-8"))
        home, *others = ({"href": page, "text": texts[place]} for page, texts in pages.items())
        part = {"section": ("1-тарау", "Chapter 1")[place], "contents": others}
        settings["website"]["sidebar"]["contents"] = [home, part]
        (folder / name).write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")

    (folder / "data").mkdir()
    for name in ("fields.yml", "package.yml"):
        shutil.copy(REPOSITORY / "data" / name, folder / "data" / name)
    cited: set[str] = set()
    for name in TABLES:
        table = add_table(folder, name)
        with table.open(encoding="utf-8", newline="") as lines:
            cited.update(row.get("source") or "" for row in csv.DictReader(lines))

    # The tables name the real sources; an entry that nobody cites is an error.
    entries = re.split(r"^(?=@)", (REPOSITORY / "references.bib").read_text(encoding="utf-8"), flags=re.MULTILINE)
    with (folder / "references.bib").open("a", encoding="utf-8") as bibliography:
        bibliography.writelines(
            "\n" + entry for entry in entries if entry[entry.find("{") + 1 : entry.find(",")] in cited
        )
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The small project, nothing executed; a test may spoil it."""
    return make_project(tmp_path)


@pytest.fixture(scope="session")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project with its notebooks and figures; not to be changed."""
    folder = make_project(tmp_path_factory.mktemp("executed"))
    publish.record(folder, print)
    return folder


@pytest.fixture(scope="session")
def site(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small site as the built-in renderer publishes it; not to be changed."""
    folder = shutil.copytree(executed, tmp_path_factory.mktemp("rendered") / "project")
    return publish.publish_recorded(folder, "pandoc", print)


@pytest.fixture(scope="session")
def real_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real pages, from the recorded notebooks, by the built-in renderer; not to be changed."""
    unneeded = shutil.ignore_patterns(".*", "_site", "tests", "bench")
    folder = shutil.copytree(REPOSITORY, tmp_path_factory.mktemp("real") / "project", ignore=unneeded)
    return publish.publish_recorded(folder, "pandoc", print)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, byte for byte."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
