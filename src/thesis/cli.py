"""The command line: ``thesis check``, ``build``, ``verify`` and the rest; `thesis --help` lists them."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import chdir
from pathlib import Path

from thesis.checked import problems_of
from thesis.descriptions import draft
from thesis.failures import ChapterError, DataError, EngineError, RenderError, SiteError, StateError, WorkspaceError
from thesis.project import root
from thesis.published import UNCHANGED, is_published, published_state
from thesis.site.engine import choose_engine
from thesis.snapshot import Inputs
from thesis.store import Store
from thesis.workspace import is_handed_on, workspace


def _report(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="thesis",
        description="A thesis that can be recomputed: raw tables in, bilingual chapters out.",
        epilog="Exit status: 0 done; 1 a chapter, a page or a renderer failed; 2 the data or the command is wrong.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    check = commands.add_parser(
        "check",
        help="check data/ against its description",
        description="Check every table of data/ against its description; list all problems.",
    )
    check.add_argument("--format", choices=("text", "json"), default="text", help="for people or for machines")

    describe = commands.add_parser(
        "describe",
        help="draft the description of a new table",
        description="Write NAME.yml beside NAME.csv: types, keys and codes that can be seen, and blanks to fill in.",
    )
    describe.add_argument("table", metavar="FILE.csv", help="a table in data/")

    pages = commands.add_parser(
        "pages", help="list the pages", description="List the names of the pages that can be executed, in order."
    )
    pages.add_argument("--format", choices=("text", "json"), default="text", help="for people or for machines")

    run = commands.add_parser(
        "execute",
        help="execute chapters and record them in notebooks/ and figures/",
        description="Check the data, execute each page once, and record outputs and figures; all or nothing.",
    )
    _add_workers(run)
    run.add_argument("pages", nargs="*", metavar="PAGE", help="chapters/NAME.qmd or NAME; all pages without one")

    again = commands.add_parser(
        "verify",
        help="execute the recorded notebooks again and compare",
        description="Execute recorded notebooks with nbval; say what matches and what does not. Changes nothing.",
    )
    _add_workers(again)
    again.add_argument("pages", nargs="*", metavar="PAGE", help="chapters/NAME.qmd or NAME; all pages without one")

    accept = commands.add_parser(
        "accept",
        help="show what changed and record it",
        description="Execute what changed, show every difference from the record, and record the new results.",
    )
    _add_workers(accept)

    for name, words, about in (
        (
            "render",
            "render the recorded notebooks into _site/",
            "Render notebooks/ in both languages if they are current; execute nothing.",
        ),
        (
            "build",
            "check, execute what changed, render",
            "The whole road: check the data, execute each page whose inputs changed, publish _site/.",
        ),
    ):
        command = commands.add_parser(name, help=words, description=about)
        command.add_argument(
            "--engine",
            choices=("auto", "quarto", "pandoc"),
            default="auto",
            help="quarto: Quarto or an error; pandoc: the built-in renderer; auto (default): Quarto if it can be had",
        )
        _add_workers(command)

    impact = commands.add_parser(
        "impact",
        help="what an edit moves: values, key figures, claims, figures",
        description="Compare two states and list every value, key figure, claim and figure that moved. "
        "Pages that changed are executed first, as for the site; nothing is recorded.",
    )
    impact.add_argument("before", nargs="?", default="HEAD", help="a git revision or a claims.json (default: HEAD)")
    impact.add_argument("after", nargs="?", help="the same; without it, what the working tree makes now")
    impact.add_argument("--format", choices=("text", "json", "markdown"), default="text", help="default: text")
    _add_workers(impact)

    certify = commands.add_parser(
        "certify",
        help="write a reviewer's certificate of the present state",
        description="Write certificate.json and a readable page in each language: data hashes, environment, "
        "verdicts, and every claim that differs. The same state gives the same bytes; "
        "a state whose record is not current gets none.",
    )
    certify.add_argument("--reviewer", help="the name of the person who signs it")
    certify.add_argument("--folder", type=Path, default=Path("certificate"), help="where (default: certificate/)")

    server = commands.add_parser(
        "serve",
        help="serve the site here, rebuild what changes, reload the page",
        description="Serve the site on this machine, rebuild it when a file changes, and reload the open page.",
    )
    server.add_argument("--port", type=int, default=8000, help="0 takes any free port (default: 8000)")
    server.add_argument(
        "--engine",
        choices=("auto", "quarto", "pandoc"),
        default="pandoc",
        help="what renders; the built-in renderer (default) is the fastest",
    )
    _add_workers(server)
    return parser


def _add_workers(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--workers",
        type=_positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="how many pages are executed at a time (default: one a processor); the result is the same",
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


_positive.__name__ = "positive whole number"  # argparse says it where the number is none


def _check(project: Path, form: str) -> int:
    inputs = Inputs(project)
    with tempfile.TemporaryDirectory(prefix="thesis-") as name:
        problems = problems_of(inputs.digests, Store(project), lambda: inputs.copied_to(Path(name)).folder)
    if form == "json":
        print(json.dumps([problem.as_dict() for problem in problems], ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            print(problem)
        _report(str(DataError(problems)) if problems else "data/ is as described")
    return 2 if problems else 0


def _describe(project: Path, table: str) -> int:
    path = Path(table).resolve()
    data = (project / "data").resolve()
    if path.suffix != ".csv" or not path.is_relative_to(data) or not path.is_file():
        _report(f"{table}: found no table; expected a CSV file in {data}. Write the table first.")
        return 2
    described = path.with_suffix(".yml")
    name = described.relative_to(project.resolve()).as_posix()
    if described.exists():
        _report(f"{name} is there already; nothing was written")
        return 2
    try:
        text = draft(project, path.relative_to(project.resolve()).as_posix())
    except ValueError as error:
        _report(str(error))
        return 2
    described.write_text(text, encoding="utf-8")
    _report(f"wrote {name}: fill in what is blank; `make check` says what is missing")
    return 0


def _pages(project: Path, names: list[str]) -> list[Path] | None:
    """The pages named, by path or by name alone; None, with the names there are, when one is not there."""
    from thesis.execution.execute import chapters

    known = chapters(project)
    by_name = {str(page): page for page in known} | {page.stem: page for page in known}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        _report(f"no such page: {', '.join(unknown)}. The pages are {', '.join(map(str, known))}.")
        return None
    return [by_name[name] for name in names]


def _execute(project: Path, names: list[str], workers: int) -> int:
    from thesis.publish import record

    pages = _pages(project, names)
    if pages is None:
        return 2
    record(project, _report, pages or None, workers)
    return 0


def _verify(project: Path, names: list[str], workers: int) -> int:
    from thesis.execution.verify import verify
    from thesis.publish import at_work

    pages = _pages(project, names)
    if pages is None:
        return 2
    with at_work(project, "verify", _report, workers) as session:
        return verify(session.snapshot, pages or session.sources, session.workers, print)


def _impact(project: Path, before: str, after: str | None, form: str, workers: int) -> int:
    from thesis.ledger import impact
    from thesis.publish import at_work

    then = impact.state_of(project, before)
    if after:
        now = impact.state_of(project, after)
    else:
        with at_work(project, "impact", _report, workers) as session:
            session.check()
            now = impact.state_of_pages(session.bring_up_to_date())
    left_out = [heading for kind, heading in impact.KINDS.items() if kind not in then.kinds & now.kinds]
    if left_out:
        _report(f"a claims.json holds claims alone; not compared: {', '.join(left_out)}")
    moved = impact.changes(then, now)
    print({"text": impact.as_text, "json": impact.as_json, "markdown": impact.as_markdown}[form](moved))
    return 0


def _certify(project: Path, folder: Path, reviewer: str | None) -> int:
    from thesis.ledger.certificate import write_certificate
    from thesis.publish import at_work

    folder = folder.resolve()
    with at_work(project, "certify", _report) as session:
        session.check()
        # Whoever signs it vouches for what the chapters make, not for files that somebody left there.
        session.refuse_stale(StateError)
        with chdir(session.snapshot.folder):
            written = write_certificate(project, folder, reviewer)
    for path in written:
        _report(f"wrote {path}")
    return 0


def _run(arguments: argparse.Namespace) -> int:
    project = root()
    if arguments.command == "check":
        return _check(project, arguments.format)
    if arguments.command == "describe":
        return _describe(project, arguments.table)
    if arguments.command == "serve":
        from thesis.site.serve import serve

        options = ["--engine", arguments.engine, "--workers", str(arguments.workers)]
        return serve(project, arguments.port, options, _report)
    if arguments.command == "pages":
        from thesis.execution.execute import chapters

        names = [page.stem for page in chapters(project)]
        print(json.dumps(names) if arguments.format == "json" else "\n".join(names))
        return 0
    if arguments.command == "verify":
        return _verify(project, arguments.pages, arguments.workers)
    if arguments.command == "execute":
        return _execute(project, arguments.pages, arguments.workers)
    if arguments.command == "impact":
        return _impact(project, arguments.before, arguments.after, arguments.format, arguments.workers)
    if arguments.command == "certify":
        return _certify(project, arguments.folder, arguments.reviewer)
    # Loaded only now: kernels and renderers take longer to load than the data to check.
    from thesis import publish

    if arguments.command == "accept":
        publish.accept(project, _report, arguments.workers)
    elif arguments.command == "render":
        site = publish.publish_recorded(project, arguments.engine, _report, arguments.workers)
        _report(f"Rendered to {site.relative_to(project)}/")
    else:
        _report(publish.build(project, arguments.engine, _report, arguments.workers))
    return 0


def program() -> int:
    """What ``thesis`` runs: the command, on a snapshot, by the code that stands in the snapshot.

    The snapshot is taken first and with the standard library alone; then the same process goes
    on as a new program that loads this package from the copy, so that code which is saved
    meanwhile belongs to the next command, as data does.
    """
    arguments = _parser().parse_args()
    if arguments.command not in _ON_SNAPSHOT or is_handed_on():
        return main()
    return _told(lambda: _start(arguments))


_ON_SNAPSHOT = {"accept", "build", "certify", "execute", "impact", "render", "verify"}


def _start(arguments: argparse.Namespace) -> int:
    project = root()
    again = [sys.executable, "-P", "-m", "thesis.cli", *sys.argv[1:]]
    with workspace(project, arguments.command, _report) as held:
        inputs = Inputs(project)
        if arguments.command in {"build", "render"}:
            engine = choose_engine(project, arguments.engine, _report)
            again += ["--engine", engine]
            if arguments.command == "build" and is_published(project, published_state(inputs.digests, engine)):
                _report(UNCHANGED)
                return 0
        copy = inputs.copied_to(held.folder).folder
        path = os.pathsep.join(filter(None, [str(copy / "src"), os.environ.get("PYTHONPATH")]))
        os.execve(sys.executable, again, held.handed_on() | {"PYTHONPATH": path})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; every failure is told in words, with exit status 1 or 2."""
    return _told(lambda: _run(_parser().parse_args(arguments)))


def _told(run: Callable[[], int]) -> int:
    try:
        return run()
    except DataError as error:
        for problem in error.problems:
            _report(str(problem))
        _report(f"{error}; nothing was executed or published")
        return 2
    except (EngineError, StateError, WorkspaceError, FileNotFoundError) as error:
        _report(str(error))
        return 2
    except (ChapterError, RenderError, SiteError) as error:
        _report(f"{error}\n{_STAYS}")
        return 1
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES}:
            raise
        where = f" ({error.filename})" if error.filename else ""
        _report(f"{error.strerror}{where}: make room, or allow writing there, and run the command again\n{_STAYS}")
        return 1
    except KeyboardInterrupt:
        return 130


_STAYS = "nothing was published; the last site stays"


if __name__ == "__main__":
    sys.exit(program())
