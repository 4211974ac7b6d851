"""The whole road: check, execute once, render per language, publish all or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from thesis.check import check_data
from thesis.execution.changes import page_changes
from thesis.execution.environment import commit_time
from thesis.execution.execute import chapters, execute, notebook_of, write_execution
from thesis.execution.records import figures_of, move_record, nobodys, read_record, reasons
from thesis.failures import ChapterError, DataError, EngineError, RenderError, SiteError, StateError
from thesis.language import LANGUAGES
from thesis.ledger.impact import State, as_text, changes, state_of_pages, state_of_record
from thesis.site import render
from thesis.site.links import broken_links

QUARTO_PACKAGE = "quarto-cli==1.10.18"
INSTALL_SECONDS = 120
"""How long installing Quarto may take before the built-in renderer is used."""

WAITING = Path(".build") / "executed"
"""Where results wait that are newer than the recorded ones and not accepted yet."""

Say = Callable[[str], None]


@contextmanager
def timed(say: Say, doing: str) -> Iterator[None]:
    """Say what is being done and, when it is done, how long it took."""
    started = time.monotonic()
    yield
    say(f"{doing} · {time.monotonic() - started:.1f} s")


def checked(project: Path, say: Say) -> None:
    """Check the data; raises DataError with every problem."""
    with timed(say, "checked data/"):
        problems = check_data(project)
    if problems:
        raise DataError(problems)


def executed(project: Path, say: Say, sources: list[Path] | None = None, workers: int = 1) -> None:
    """Execute pages (all when `sources` is None) and record them in notebooks/ and figures/.

    Both folders change only when every page has been executed: a chapter that raises leaves
    them as they were. With all pages given, notebooks and pictures that no page makes any
    more are removed. Raises ChapterError.
    """
    done = []
    for execution in execute(project, sources or chapters(project), workers):
        say(f"executed {execution.source} · {execution.seconds:.1f} s")
        done.append(execution)
    drawn = {execution.source: list(execution.figures) for execution in done}
    for source in chapters(project):
        record = read_record(project, source)
        if record and source not in drawn:
            drawn[source] = figures_of(record)
    refuse_doubled_figures(drawn)
    for execution in done:
        write_execution(project, project, execution)
    if sources is None:
        remove_nobodys(project)


def refuse_doubled_figures(drawn: dict[Path, list[str]]) -> None:
    """Raise ChapterError when two pages draw a figure of one name: page → its files."""
    owners: dict[str, list[Path]] = {}
    for source, names in drawn.items():
        for name in names:
            owners.setdefault(name, []).append(source)
    doubled = {name: pages for name, pages in sorted(owners.items()) if len(pages) > 1}
    if doubled:
        raise ChapterError(
            "\n".join(
                f"figures/{name} is drawn by {' and by '.join(map(str, sorted(pages)))}; give one figure another label"
                for name, pages in doubled.items()
            )
        )


def remove_nobodys(project: Path) -> list[str]:
    """Remove the recorded notebooks and pictures that no page makes any more; returns their names."""
    names = nobodys(project, chapters(project))
    for name in names:
        (project / name).unlink()
    return names


def current(project: Path, say: Say, workers: int = 1) -> dict[Path, Path]:
    """Each page and the folder that holds its current record; executes only what has none.

    A page whose record in ``notebooks/`` is current is reused as it is. Any other is executed
    into ``.build/executed/``, where it waits to be accepted; ``notebooks/`` and ``figures/``
    do not change. Raises ChapterError.
    """
    waiting = project / WAITING
    found: dict[Path, Path] = {}
    due: dict[Path, list[str]] = {}
    for source in chapters(project):
        due_because = reasons(project, project, source)
        if not due_because:
            found[source] = project
        elif not reasons(project, waiting, source):
            found[source] = waiting
        else:
            due[source] = due_because
    if found:
        say(f"reused {listed(found)}, unchanged since {'it was' if len(found) == 1 else 'they were'} executed")
    for source, because in due.items():
        more = f" and {len(because) - 1} more" if len(because) > 1 else ""
        say(f"to execute {source}: {because[0]}{more}")
    for execution in execute(project, list(due), workers):
        # Kept even when another page fails: it need not be executed again.
        write_execution(project, waiting, execution)
        found[execution.source] = waiting
        say(f"executed {execution.source} · {execution.seconds:.1f} s")
    records = {source: read_record(folder, source) for source, folder in found.items()}
    refuse_doubled_figures({source: figures_of(record) for source, record in records.items() if record})
    return {source: found[source] for source in chapters(project)}


def accepted(project: Path, say: Say, workers: int = 1) -> None:
    """Show how the pages' results differ from the record, then record them.

    Afterwards ``notebooks/`` and ``figures/`` are what the chapters make now, and hold
    nothing else. Raises ChapterError; then the record stays as it was.
    """
    records = current(project, say, workers)
    waiting = [source for source, folder in records.items() if folder != project]
    for source in waiting:
        differences = page_changes(source, project, project / WAITING)
        say(f"{source}{'' if differences else ' · the same results'}")
        for difference in differences:
            say(str(difference))
    if waiting and any((project / notebook_of(source)).is_file() for source in records):
        say(_moved_claims(project, records))
    for source in waiting:
        move_record(project / WAITING, project, source, records)
    for name in remove_nobodys(project):
        say(f"{name}: no chapter makes it")
    say(f"recorded {listed(waiting)} in notebooks/ and figures/" if waiting else "the record was current already")


def _moved_claims(project: Path, records: dict[Path, Path]) -> str:
    """Which claims come out otherwise than recorded, in lines; records: each page and the folder with its record."""
    recorded = project / "figures" / "claims.json"
    try:
        before = state_of_record(recorded) if recorded.is_file() else State()
    except StateError as error:  # a merge conflict, perhaps: what is recorded now mends it
        return f"{error}; which claims move cannot be told"
    moved = [change for change in changes(before, state_of_pages(records)) if change.kind == "claim"]
    return as_text(moved) if moved else "no claim moves"


def listed(sources: Iterable[Path]) -> str:
    """Pages by name where they are few, by number where they are many."""
    names = [str(source) for source in sources]
    return ", ".join(names) if len(names) < 4 else f"{len(names)} pages"


def choose_engine(project: Path, wanted: str, say: Say) -> str:
    """``quarto`` or ``pandoc``: what was asked for or, for ``auto``, the best there is.

    `auto` takes the Quarto on the PATH, else tries to install it from the package index
    (which downloads it from Quarto's own host) for two minutes at most, else says that
    the built-in renderer publishes. Raises EngineError for ``quarto`` without Quarto.
    """
    if wanted == "pandoc":
        return wanted
    version = render.quarto_version()
    minimum = ".".join(map(str, render.QUARTO_MINIMUM))
    if version is None and wanted == "auto":
        _install_quarto(project, say)
        version = render.quarto_version()
    if version and version >= render.QUARTO_MINIMUM:
        return "quarto"
    if version:
        found = f"Quarto {'.'.join(map(str, version))} is older than {minimum}"
    else:
        found = "no working quarto is on the PATH"
    if wanted == "quarto":
        raise EngineError(
            f"{found}, and ENGINE=quarto asks for it. Install Quarto {minimum} or newer, "
            "or leave ENGINE out to publish with the built-in renderer."
        )
    say(f"{found}: the built-in renderer (Pandoc) publishes the same pages")
    return "pandoc"


def _install_quarto(project: Path, say: Say) -> None:
    """Try once a checkout; a failure only means that the built-in renderer is used."""
    failed = project / ".build" / "quarto-not-installable"
    if failed.exists():
        return
    say(f"Quarto is not here; trying to install it (at most {INSTALL_SECONDS} s)")
    # The package downloads Quarto itself while it is built: the time bound is for that.
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", QUARTO_PACKAGE]
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(command, capture_output=True, timeout=INSTALL_SECONDS, check=False)
    if render.quarto_version() is None:
        failed.parent.mkdir(exist_ok=True)
        failed.touch()


def refuse_stale(project: Path, error: type[RenderError | StateError] = RenderError) -> None:
    """Raise an error, with every reason, unless all of ``notebooks/`` and ``figures/`` is current.

    error: RenderError where pages were to be rendered; StateError where the state itself was asked for.
    """
    problems = [f"{source}: {why}" for source in chapters(project) for why in reasons(project, project, source)]
    problems += [f"{name}: no chapter makes it" for name in nobodys(project, chapters(project))]
    if problems:
        raise error(
            "\n".join(problems) + "\nnotebooks/ and figures/ are not what the chapters make now: "
            "`make site` executes what is needed, `make accept` records it"
        )


@contextmanager
def _time_of_commit(project: Path) -> Iterator[None]:
    """Tell every program that renders the one time that the site may hold."""
    before = os.environ.get("SOURCE_DATE_EPOCH")
    os.environ["SOURCE_DATE_EPOCH"] = str(commit_time(project))
    try:
        yield
    finally:
        if before is None:
            del os.environ["SOURCE_DATE_EPOCH"]
        else:
            os.environ["SOURCE_DATE_EPOCH"] = before


def rendered(project: Path, engine: str, say: Say, records: dict[Path, Path] | None = None) -> Path:
    """Render recorded notebooks in both languages and put the site in place.

    records: each page and the folder with its record; without it, all are the project's own.

    The site is made beside the old one, its links are checked, and only then does it take
    its place: whatever goes wrong, the last good ``_site/`` stays. Returns the site's
    folder; raises RenderError or SiteError.
    """
    sources = chapters(project)
    records = records or dict.fromkeys(sources, project)
    building = project / ".build"
    building.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="site-", dir=building) as name, _time_of_commit(project):
        folder = Path(name)
        render.stage(project, records, folder, engine)
        for language in LANGUAGES:
            with timed(say, f"rendered {language} with {engine}"):
                if engine == "quarto":
                    render.render_with_quarto(folder, language)
                else:
                    render.render_with_pandoc(folder, sources, language)
        made = folder / "_site"
        with timed(say, "checked every link"):
            problems = broken_links(made)
        if problems:
            raise SiteError("\n".join(problems))
        site = project / "_site"
        retired = folder / "retired"
        if site.exists():
            site.rename(retired)
        try:
            made.rename(site)
        except OSError:
            if retired.exists():
                retired.rename(site)
            raise
    return site


def build(project: Path, wanted: str, say: Say, workers: int = 1) -> str:
    """Check, execute what changed, render; returns the line that says what was published."""
    started = time.monotonic()
    engine = choose_engine(project, wanted, say)
    checked(project, say)
    records = current(project, say, workers)
    site = rendered(project, engine, say, records)
    waiting = [source for source, folder in records.items() if folder != project]
    if waiting:
        say(f"not recorded yet: {listed(waiting)}; `make accept` shows what changed and records it")
    pages = sum(1 for language in LANGUAGES for _ in (site / language).rglob("*.html"))
    name = render.engine_name(engine)
    name = name if engine == "quarto" else f"the built-in renderer ({name})"
    return (
        f"Published {pages} pages in {len(LANGUAGES)} languages to {site.relative_to(project)}/ "
        f"with {name} in {time.monotonic() - started:.0f} s"
    )
