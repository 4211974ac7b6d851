"""The whole road: check, execute once, render per language, publish all or nothing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from unittest.mock import patch

from thesis.checked import problems_of
from thesis.execution.changes import by_place, page_changes
from thesis.execution.environment import commit_time
from thesis.execution.execute import Execution, chapters, execute, notebook_of
from thesis.execution.recording import drawn, reword, write_execution
from thesis.execution.records import figures_of, move_record, nobodys, only_reworded, read_record, reasons
from thesis.failures import ChapterError, DataError, RenderError, SiteError, StateError
from thesis.language import LANGUAGES
from thesis.ledger.impact import State, as_text, changes, state_of_pages, state_of_record
from thesis.problem import counted
from thesis.published import UNCHANGED, is_published, note_published, published_state
from thesis.site.engine import choose_engine
from thesis.site.finish import finish
from thesis.site.links import broken_links
from thesis.site.page import PageFacts, facts_of_pages
from thesis.site.render import Page, copy_resources, engine_name, lay_out_figures, read_pages, rendered_pages
from thesis.site.whole_site import write_whole_site
from thesis.snapshot import Snapshot, snapshot_in
from thesis.store import Store
from thesis.workers import Workers
from thesis.workspace import workspace

WAITING = Path(".build") / "executed"
"""Where results wait that are newer than the recorded ones and not accepted yet."""

Report = Callable[[str], None]


@contextmanager
def timed(report: Report, doing: str) -> Iterator[None]:
    """Say what is being done and, when it is done, how long it took."""
    started = time.monotonic()
    yield
    report(f"{doing} · {time.monotonic() - started:.1f} s")


@dataclass(frozen=True)
class Session:
    """One command at work: the snapshot it reads, what is kept from before, its processes.

    work: a folder of its own that goes with it.
    """

    snapshot: Snapshot
    work: Path
    store: Store
    workers: Workers
    report: Report

    @property
    def project(self) -> Path:
        """The checkout, where results go."""
        return self.snapshot.project

    @cached_property
    def sources(self) -> list[Path]:
        """The site's pages."""
        return chapters(self.snapshot.folder)

    def check(self) -> None:
        """Check the data; raises DataError with every problem."""
        with timed(self.report, "checked data/"):
            problems = problems_of(self.snapshot.files, self.store, lambda: self.snapshot.folder)
        if problems:
            raise DataError(problems)

    def _execute(self, sources: list[Path], done: Callable[[Execution, dict[str, bytes]], None]) -> None:
        """Execute pages and draw their charts; `done` is given each as it ends."""

        def draw(execution: Execution) -> None:
            done(execution, drawn(execution, self.snapshot, self.store, self.workers))
            self.report(f"executed {execution.source} · {execution.seconds:.1f} s")

        execute(self.snapshot, sources, self.workers.number, draw)

    def execute(self, sources: list[Path] | None = None) -> None:
        """Execute pages (all when `sources` is None) and record them in notebooks/ and figures/.

        Both folders change only when every page has been executed: a chapter that raises leaves
        them as they were. With all pages given, notebooks and pictures that no page makes any
        more are removed. Raises ChapterError.
        """
        executed: dict[Path, tuple[Execution, dict[str, bytes]]] = {}

        def keep(execution: Execution, figures: dict[str, bytes]) -> None:
            executed[execution.source] = (execution, figures)

        self._execute(sources or self.sources, keep)
        names = {source: list(figures) for source, (_, figures) in executed.items()}
        for source in self.sources:
            record = read_record(self.project, source)
            if record and source not in names:
                names[source] = figures_of(record)
        refuse_doubled_figures(names)
        for execution, figures in executed.values():
            write_execution(self.snapshot, self.project, execution, figures)
        if sources is None:
            self._remove_orphans()

    def _remove_orphans(self) -> list[str]:
        """Remove the recorded notebooks and pictures that no page makes any more; returns their names."""
        names = nobodys(self.project, self.sources)
        for name in names:
            (self.project / name).unlink()
        return names

    def bring_up_to_date(self) -> dict[Path, Path]:
        """Each page and the folder that holds its current record; executes only what has none.

        A page whose record in ``notebooks/`` is current is reused as it is. Any other is executed
        into ``.build/executed/``, where it waits to be accepted; ``notebooks/`` and ``figures/``
        do not change. A page whose prose alone has changed keeps its results. Raises ChapterError.
        """
        recorded, waiting = self.snapshot.folder, self.project / WAITING
        found: dict[Path, Path] = {}
        due: dict[Path, list[str]] = {}
        for source in self.sources:
            stale = {folder: reasons(self.snapshot, folder, source) for folder in (recorded, waiting)}
            current = [folder for folder, why in stale.items() if not why]
            if current:
                found[source] = current[0]
            else:  # what has changed since it was last executed
                due[source] = stale[waiting if read_record(waiting, source) else recorded]
        if found:
            since = "it was" if len(found) == 1 else "they were"
            self.report(f"reused {listed(found)}, unchanged since {since} executed")
        for source in list(due):
            for folder in (waiting, recorded):
                if only_reworded(self.snapshot, folder, source):
                    write_execution(self.snapshot, waiting, *reword(self.snapshot, folder, source))
                    found[source] = waiting
                    del due[source]
                    self.report(f"reworded {source}: its code and data are as they were")
                    break
        for source, because in due.items():
            more = f" and {len(because) - 1} more" if len(because) > 1 else ""
            self.report(f"to execute {source}: {because[0]}{more}")

        def keep(execution: Execution, figures: dict[str, bytes]) -> None:
            # Kept even when another page fails: it need not be executed again.
            write_execution(self.snapshot, waiting, execution, figures)
            found[execution.source] = waiting

        self._execute(list(due), keep)
        records = {source: read_record(folder, source) for source, folder in found.items()}
        refuse_doubled_figures({source: figures_of(record) for source, record in records.items() if record})
        return {source: found[source] for source in self.sources}

    def accept(self) -> None:
        """Show how the pages' results differ from the record, then record them.

        Afterwards ``notebooks/`` and ``figures/`` are what the chapters make now, and hold
        nothing else. Raises ChapterError; then the record stays as it was.
        """
        records = self.bring_up_to_date()
        waiting = self.project / WAITING
        due = [source for source, folder in records.items() if folder == waiting]
        for source in due:
            differences = page_changes(source, self.snapshot.folder, waiting)
            self.report(f"{source}{'' if differences else ' · the same results'}")
            for text in by_place(differences):
                self.report(text)
        if due and any((self.snapshot.folder / notebook_of(source)).is_file() for source in records):
            self.report(self._moved_claims(records))
        for source in due:
            move_record(waiting, self.project, source, self.sources)
        for name in self._remove_orphans():
            self.report(f"{name}: no chapter makes it")
        self.report(f"recorded {listed(due)} in notebooks/ and figures/" if due else "the record was current already")

    def _moved_claims(self, records: dict[Path, Path]) -> str:
        """Which claims come out otherwise than recorded, in lines; records: as in :meth:`render`."""
        recorded = self.snapshot.folder / "figures" / "claims.json"
        try:
            before = state_of_record(recorded) if recorded.is_file() else State()
        except StateError as error:  # a merge conflict, perhaps: what is recorded now mends it
            return f"{error}; which claims move cannot be told"
        moved = [change for change in changes(before, state_of_pages(records)) if change.kind == "claim"]
        return as_text(moved) if moved else "no claim moves"

    def refuse_stale(self, error: type[RenderError | StateError] = RenderError) -> dict[Path, Path]:
        """Each page and the folder of its record; raises an error, with every reason, unless all of it is current.

        error: RenderError where pages were to be rendered; StateError where the state itself was asked for.
        """
        folder = self.snapshot.folder
        problems = [f"{source}: {why}" for source in self.sources for why in reasons(self.snapshot, folder, source)]
        problems += [f"{name}: no chapter makes it" for name in nobodys(folder, self.sources)]
        if problems:
            raise error(
                "\n".join(problems) + "\nnotebooks/ and figures/ are not what the chapters make now: "
                "`make site` executes what is needed, `make accept` records it"
            )
        return dict.fromkeys(self.sources, folder)

    def render(self, engine: str, records: dict[Path, Path]) -> str:
        """Render recorded notebooks in both languages and put the site in place; says what was made and reused.

        records: each page and the folder with its record. The site is made beside the old one,
        its links are checked, and only then does it take its place: whatever goes wrong, the
        last good ``_site/`` stays. Raises RenderError or SiteError.
        """
        with _time_of_commit(self.project):
            pages = read_pages(self.snapshot, records, engine)
            due = sum(self.store.get(page.key) is None for page in pages)
            if due:
                self.report(f"rendering {due} of {counted(len(pages), 'page')} with {engine_name(engine)}")
            with timed(self.report, f"rendered {counted(due, 'page')}, reused {len(pages) - due}"):
                rendered = rendered_pages(
                    self.snapshot, pages, records, self.work / "render", engine, self.store, self.workers.number
                )
            with timed(self.report, "made downloads, search, cards and archives"):
                made, finished = self._finish(rendered, records)
        with timed(self.report, "checked every link"):
            own = facts_of_pages(sorted(made.glob("*.html")), self.store, self.workers)
            problems = broken_links(made, finished | own)
        if problems:
            raise SiteError("\n".join(problems))
        put_in_place(made, self.project / "_site", self.work / "retired")
        return f"{counted(due, 'page')} rendered, {len(pages) - due} reused"

    def _finish(self, rendered: dict[Page, bytes], records: dict[Path, Path]) -> tuple[Path, dict[Path, PageFacts]]:
        """The whole site in the work folder, and its pages' facts: pages, resources, and what no renderer makes."""
        site = (self.work / "site").resolve()
        inputs = self.work / "finishing"
        # Figures may stand in several folders: those of all pages, in one.
        lay_out_figures(records, inputs)
        for path in self.snapshot.folder.iterdir():
            if path.name != "figures":
                (inputs / path.name).symlink_to(path)
        outputs = [site / language for language in LANGUAGES]
        for page, html in rendered.items():
            path = site / page.language / page.address
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(html)
        for output in outputs:
            copy_resources(self.snapshot, inputs, output, output.name)
        pages = finish(outputs, inputs, self.store, self.workers)
        write_whole_site(site, inputs, pages, self.store)
        return site, pages


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


def listed(sources: Iterable[Path]) -> str:
    """Pages by name where they are few, by number where they are many."""
    names = [str(source) for source in sources]
    return ", ".join(names) if len(names) < 4 else f"{len(names)} pages"


@contextmanager
def _time_of_commit(project: Path) -> Iterator[None]:
    """Tell every program that renders the one time that the site may hold."""
    with patch.dict(os.environ, {"SOURCE_DATE_EPOCH": str(commit_time(project))}):
        yield


def put_in_place(made: Path, site: Path, retired: Path) -> None:
    """Let a new site take the place of the old one whole, or the old one stay."""
    if site.exists():
        site.rename(retired)
    try:
        made.rename(site)
    except OSError:
        if retired.exists():
            retired.rename(site)
        raise


@contextmanager
def at_work(project: Path, command: str, report: Report, workers: int = 1) -> Iterator[Session]:
    """One command's session: alone in the checkout, on one snapshot of it."""
    with workspace(project, command, report) as held:
        snapshot = snapshot_in(project, held.folder)
        with Workers(workers, snapshot.folder) as processes:
            session = Session(snapshot, held.folder, Store(project), processes, report)
            yield session
            session.store.prune()


def build(project: Path, wanted: str, report: Report, workers: int = 1) -> str:
    """Check, execute what changed, render; returns the line that says what was published."""
    started = time.monotonic()
    engine = choose_engine(project, wanted, report)
    with at_work(project, "build", report, workers) as session:
        state = published_state(session.snapshot.files, engine)
        if is_published(project, state):
            return UNCHANGED
        session.check()
        records = session.bring_up_to_date()
        did = session.render(engine, records)
        note_published(project, state)
        waiting = [source for source, folder in records.items() if folder != session.snapshot.folder]
        if waiting:
            report(f"not recorded yet: {listed(waiting)}; `make accept` shows what changed and records it")
    site = project / "_site"
    pages = sum(1 for language in LANGUAGES for _ in (site / language).rglob("*.html"))
    name = engine_name(engine)
    name = name if engine == "quarto" else f"the built-in renderer ({name})"
    return (
        f"Published {pages} pages in {len(LANGUAGES)} languages to {site.relative_to(project)}/ "
        f"with {name} in {time.monotonic() - started:.0f} s: {did}"
    )


def record(project: Path, report: Report, sources: list[Path] | None = None, workers: int = 1) -> None:
    """Check the data, execute pages (all without `sources`) and record them; see :meth:`Session.execute`."""
    with at_work(project, "execute", report, workers) as session:
        session.check()
        session.execute(sources)


def accept(project: Path, report: Report, workers: int = 1) -> None:
    """Check the data, show how the results differ from the record, and record them; see :meth:`Session.accept`."""
    with at_work(project, "accept", report, workers) as session:
        session.check()
        session.accept()


def publish_recorded(project: Path, wanted: str, report: Report, workers: int = 1) -> Path:
    """Render the recorded notebooks if they are current, executing nothing; returns the site's folder."""
    with at_work(project, "render", report, workers) as session:
        session.render(choose_engine(project, wanted, report), session.refuse_stale())
    return project / "_site"
