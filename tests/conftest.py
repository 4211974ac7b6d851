"""A small site of the tests' own, so that no test depends on the prose of the real chapters.

The tests run in several processes, a file a process (`_SPREAD` are spread test by test). What
takes long to make is made once for all of them: see :func:`made_once`.
"""

import csv
import fcntl
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from thesis import publish
from thesis.data import describe
from thesis.execution import kernels
from thesis.execution.execute import Execution, execute
from thesis.snapshot import Inputs, Snapshot

REPOSITORY = Path(__file__).parents[1]
SMALL = Path(__file__).parent / "small"
TABLES = ("countries", "loci", "gti_2024_table", "gti_2024_text", "gti_2024_reference")
"""The tables of data/ that the small project has; no other table is pointed to by them."""
SLOW = (
    "test_documentation",
    "test_notebooks_current",
    "test_browser",
    "test_reading",
    "test_quarto",
    "test_kept",
    "test_snapshot",
    "test_reproducible",
    "test_verify",
    "test_reuse",
    "test_publish",
    "test_serve",
    "test_execute",
    "test_repeatable",
    "test_spelling",
)
"""The files whose tests take longest, the longest first: none is left to run alone at the end."""
_SPREAD = ("test_reading",)
"""The files whose tests share nothing that takes long to make."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The fast tests first: a slip shows in seconds. Then the slow ones, a file to a process."""

    def slowness(item: pytest.Item) -> int:
        return SLOW.index(item.path.stem) + 1 if item.path.stem in SLOW else 0

    items.sort(key=slowness)
    for item in items:
        if item.path.stem in SLOW:
            item.add_marker(pytest.mark.slow)
        if item.path.stem not in _SPREAD and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(scope="session", autouse=True)
def in_the_repository() -> Iterator[None]:
    """Where a command searches for its project from."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(REPOSITORY)
        # Before any command is at work: what it started would be ended by the next one in its checkout.
        kernels.context()
        yield


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process to ask for it makes, and all of them read.

    make: is given the folder, which is not there yet.
    """
    own = factory.getbasetemp()
    shared = own.parent if own.name.startswith("popen-") else own  # each of several processes has its own there
    folder, made = shared / name, shared / f"{name} is made"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that failed
            make(folder)
            made.touch()
    return folder


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


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project, nothing executed; not to be changed."""
    return made_once(tmp_path_factory, "small", make_project)


@pytest.fixture
def project(small: Path, tmp_path: Path) -> Path:
    """The small project, nothing executed; a test may spoil it."""
    return shutil.copytree(small, tmp_path, dirs_exist_ok=True)


def as_it_stands(project: Path) -> Snapshot:
    """A snapshot of a checkout that is not copied: what is read is the checkout itself."""
    return Snapshot(project, project, Inputs(project).digests)


def execute_page(project: Path, source: Path) -> Execution:
    """Execute one page of a checkout and record nothing."""
    done: list[Execution] = []
    execute(as_it_stands(project), [source], 1, done.append)
    return done[0]


Report = Callable[[str], None]


def record_pages(project: Path, sources: list[Path] | None = None, workers: int = 1) -> None:
    """Execute pages, all without `sources`, and record them; their data are not checked."""
    with publish.at_work(project, "execute", print, workers) as session:
        session.execute(sources)


def bring_up_to_date(project: Path, report: Report = print) -> dict[Path, Path]:
    """Each page and where its current record stands: the checkout, or what waits to be accepted."""
    with publish.at_work(project, "build", report) as session:
        found = session.bring_up_to_date()
        return {source: project if at == session.snapshot.folder else at for source, at in found.items()}


def accept(project: Path, report: Report = print) -> None:
    """Record what the chapters make now; their data are not checked."""
    with publish.at_work(project, "accept", report) as session:
        session.accept()


def render_recorded(project: Path, engine: str = "pandoc", workers: int = 1) -> Path:
    """Publish what is recorded, current or not; returns the site."""
    with publish.at_work(project, "render", print, workers) as session:
        session.render(engine, dict.fromkeys(session.sources, session.snapshot.folder))
    return project / "_site"


@pytest.fixture(scope="session")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project with its notebooks and figures; not to be changed."""

    def make(folder: Path) -> None:
        publish.record(make_project(folder), print)
        shutil.rmtree(folder / ".build")

    return made_once(tmp_path_factory, "executed", make)


@pytest.fixture(scope="session")
def site(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small site as the built-in renderer publishes it; not to be changed."""
    return (
        made_once(tmp_path_factory, "rendered", lambda folder: render_recorded(shutil.copytree(executed, folder)))
        / "_site"
    )


@pytest.fixture(scope="session")
def real_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, published from its recorded notebooks; not to be changed."""

    def make(folder: Path) -> None:
        unneeded = shutil.ignore_patterns(".*", "_site", "tests", "bench", "__pycache__")
        render_recorded(shutil.copytree(REPOSITORY, folder, ignore=unneeded), workers=2)

    return made_once(tmp_path_factory, "real", make)


@pytest.fixture(scope="session")
def real_site(real_project: Path) -> Path:
    """The real pages, from the recorded notebooks, by the built-in renderer; not to be changed."""
    return real_project / "_site"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, byte for byte; not what commands keep for the next one in ``.build/``."""
    files = ((path.relative_to(folder), path) for path in folder.rglob("*") if path.is_file())
    return {name.as_posix(): path.read_bytes() for name, path in files if name.parts[0] != ".build"}
