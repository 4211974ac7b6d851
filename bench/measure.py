"""Measure building, checking and verifying beside what others need for the same: `make bench`.

Writes bench/RESULTS.md and bench/ratios.svg; bench/README.md says what each line means. It
works in copies below the temporary folder, asserts nothing, and never fails because
something is slow. `RUNS=3` changes how often each is measured, `ONLY=build,plain` chooses.
"""

from __future__ import annotations

import datetime
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench import edits, growth, plain
from bench.processes import Run, run
from bench.report import Comparison, Grown, Measure, picture, results

HERE = Path(__file__).parent
CHECKOUT = HERE.parent
OTHERS = CHECKOUT / ".build" / "bench-environment"
"""Where what the build is compared with is installed: it is no part of the project's environment."""

RUNS = int(os.environ.get("RUNS", "5"))
ONLY = frozenset(filter(None, os.environ.get("ONLY", "").split(",")))
ENOUGH = 15 * 60
"""Seconds after which a measurement is not repeated once more, however many runs are asked for."""
TOO_LONG = 30 * 60
"""Seconds after which one program is stopped."""
WORKERS = os.cpu_count() or 1

COMPARISONS = (
    Comparison("build", "quarto-executing", 0.15),
    Comparison("build-quarto", "quarto-executing", 0.35),
    Comparison("build", "sphinx", 0.5),
    Comparison("build", "nbconvert", 0.5),
    Comparison("build", "plain", 1.25),
    Comparison("unchanged", "build", 0.03, seconds=2),
    Comparison("sentence", "build", 0.10),
    Comparison("table", "build", 0.25),
    Comparison("check-unchanged", "read-tables", 1),
    Comparison("check-all", "read-tables", 3),
    Comparison("verify", "nbval", 0.5),
    Comparison("build-memory", "chapter-memory", 1.5, times=WORKERS),
)

GROWTH: dict[str, Callable[[Path], None]] = {
    "as they are": lambda project: None,
    "events × 100": lambda project: growth.more_events(project, 100),
    "events × 1,000": lambda project: growth.more_events(project, 1000),
    "claims × 20": lambda project: growth.more_claims(project, 20),
    "index of 163 countries × 13 editions": lambda project: growth.more_editions(project, 163, 13),
}

_READ_TABLES = """
import pathlib, pandas
for path in sorted(pathlib.Path("data").rglob("*.csv")):
    pandas.read_csv(path)
"""
_SPHINX = """
extensions = ["myst_nb"]
project = "bench"
nb_execution_mode = "force"
nb_execution_timeout = 600
nb_execution_raise_on_error = True
exclude_patterns = ["records"]
"""


@dataclass
class Plan:
    """How one thing is measured.

    prepare: makes the folder to run in, untimed; commands: what is timed there, one after
    another; keep: whether the folder is used again and so not deleted.
    """

    measure: Measure
    prepare: Callable[[], Path]
    commands: Callable[[Path], Sequence[Sequence[str | Path]]]
    keep: bool = False


class Bench:
    """Copies of the checkout and what is measured in them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._copies = 0
        self._kept: dict[str, Path] = {}

    def environment(self, project: Path) -> dict[str, str]:
        """What a program is given, so that it works in the copy and draws nowhere else."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST_", "THESIS_", "QUARTO_", "MAKE"))
        }
        fixed = {"PYTHONHASHSEED": "0", "TZ": "UTC", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        return inherited | fixed | {"PYTHONPATH": str(project / "src")}

    def measured(self, project: Path, *commands: Sequence[str | Path], memory: bool = False) -> Run:
        """Run programs one after another in a copy; after one that fails, none."""
        environment = self.environment(project)
        if commands and str(commands[0][0]) != "thesis":
            figures = self.folder / "figures"  # what only compares must not draw into the copy
            shutil.rmtree(figures, ignore_errors=True)
            figures.mkdir()
            environment["THESIS_FIGURES"] = str(figures)
        total = Run()
        for command in commands:
            if total.fault:
                break
            total = total.then(run(command, project, environment, TOO_LONG, memory))
        return total

    def copy(self, recorded: bool = True) -> Path:
        """A new copy of the checkout with nothing built; recorded: with what `make accept` recorded."""
        self._copies += 1
        unneeded = shutil.ignore_patterns(
            *(".git", ".venv", ".build", "_site", ".*_cache", "__pycache__", "node_modules", ".quarto"),
            *(() if recorded else ("records",)),
        )
        project = Path(shutil.copytree(CHECKOUT, self.folder / f"copy-{self._copies}", ignore=unneeded))
        (project / ".venv").symlink_to(CHECKOUT / ".venv")  # where _environment lets Quarto find Python
        return project

    def unrecorded(self) -> Path:
        """A copy in which every page has to be executed."""
        return self.copy(recorded=False)

    def kept(self, name: str, *command: str) -> Path:
        """A copy in which `command` has been run once; the same each time it is asked for by this name."""
        if name not in self._kept:
            project = self.unrecorded() if command[1] == "build" else self.copy()
            fault = self.measured(project, command).fault
            if fault:
                raise RuntimeError(f"`{' '.join(command)}` before it {fault}")
            self._kept[name] = project
        return self._kept[name]

    def built(self) -> Path:
        """The copy that is built and then changed a little, again and again."""
        return self.kept("built", "thesis", "build", "--engine", "pandoc")

    def plans(self) -> list[Plan]:
        """Everything that can be measured, in the order of the table."""
        build = [["thesis", "build", "--engine", "pandoc"]]
        no_quarto = "" if shutil.which("quarto") else "skipped: Quarto is not on the PATH"
        no_others = "" if _wanted("sphinx", "nbconvert") and others() else "skipped: Sphinx and nbconvert are not here"
        table = edits.table_of_two(edits.readers(CHECKOUT), edits.tables_with_prose(CHECKOUT))
        chapter = edits.longest_chapter(CHECKOUT)

        def edited(change: Callable[[Path], None], name: Path | str) -> Callable[[], Path]:
            def prepare() -> Path:
                project = self.built()
                change(project / name)
                return project

            return prepare

        heaviest = Measure("chapter-memory", "memory of the heaviest chapter as plain Python", memory=True)

        return [
            Plan(Measure("build", "full build, built-in renderer"), self.unrecorded, lambda _: build),
            Plan(
                Measure("build-quarto", "full build, published by Quarto", skipped=no_quarto),
                self.unrecorded,
                lambda _: [["thesis", "build", "--engine", "quarto"]],
            ),
            Plan(
                Measure(
                    "quarto-executing",
                    "Quarto, executing the chapters in both profiles",
                    skipped=no_quarto,
                ),
                self.copy,
                lambda _: [["quarto", "render", "--profile", language] for language in plain.LANGUAGES],
            ),
            Plan(
                Measure("sphinx", "Sphinx with MyST-NB, executing the notebooks twice", skipped=no_others),
                self.copy,
                self._sphinx,
            ),
            Plan(
                Measure("nbconvert", "nbconvert, executing the notebooks twice", skipped=no_others),
                self.copy,
                self._nbconvert,
            ),
            Plan(
                Measure("plain", "the limit: chapters as plain Python in one process, bare Pandoc a page"),
                self.copy,
                self._plain,
            ),
            Plan(Measure("unchanged", "build, nothing changed"), self.built, lambda _: build, keep=True),
            Plan(
                Measure("sentence", "build, one sentence changed", note=f"a sentence in {chapter}"),
                edited(edits.change_sentence, chapter),
                lambda _: build,
                keep=True,
            ),
            Plan(
                Measure(
                    "table",
                    "build, one table changed",
                    note=f"a word in {table}, read by {', '.join(edits.readers(CHECKOUT)[table])}",
                ),
                edited(edits.change_table, table),
                lambda _: build,
                keep=True,
            ),
            Plan(
                Measure("check-unchanged", "`thesis check`, nothing changed"),
                lambda: self.kept("checked", "thesis", "check"),
                lambda _: [["thesis", "check"]],
                keep=True,
            ),
            Plan(Measure("check-all", "`thesis check`, everything"), self.copy, lambda _: [["thesis", "check"]]),
            Plan(
                Measure("read-tables", "reading every CSV file once with pandas"),
                self.copy,
                lambda _: [[sys.executable, "-c", _READ_TABLES]],
            ),
            Plan(Measure("verify", "`thesis verify`, all notebooks"), self.copy, lambda _: [["thesis", "verify"]]),
            Plan(
                Measure("nbval", "plain `pytest --nbval notebooks`"),
                self.copy,
                lambda _: [[sys.executable, "-m", "pytest", "--quiet", "--nbval", "notebooks"]],
            ),
            Plan(
                Measure("build-memory", "memory of a full build", memory=True, note=f"{WORKERS} workers"),
                self.unrecorded,
                lambda _: build,
            ),
            Plan(heaviest, self.copy, lambda project: [self._heaviest(project, heaviest)]),
        ]

    def _sphinx(self, project: Path) -> list[list[str | Path]]:
        settings = project / ".build" / "sphinx"
        settings.mkdir(parents=True)
        (settings / "conf.py").write_text(_SPHINX, encoding="utf-8")
        command: list[str | Path] = [
            OTHERS / "bin" / "python",
            "-m",
            "sphinx",
            "-q",
            "-b",
            "html",
            "-j",
            str(WORKERS),
            "-c",
            settings,
        ]
        return [
            [
                *command,
                "-D",
                f"language={language}",
                "-d",
                settings / f"trees-{language}",
                "notebooks",
                settings / language,
            ]
            for language in plain.LANGUAGES
        ]

    def _nbconvert(self, project: Path) -> list[list[str | Path]]:
        notebooks = sorted((project / "notebooks").glob("*.ipynb"))
        command: list[str | Path] = [
            OTHERS / "bin" / "python",
            "-m",
            "nbconvert",
            "--execute",
            "--to",
            "html",
            "--log-level",
            "ERROR",
        ]
        command += ["--ExecutePreprocessor.timeout=600"]
        return [[*command, "--output-dir", project / ".build" / name, *notebooks] for name in plain.LANGUAGES]

    def _plain(self, project: Path) -> list[list[str | Path]]:
        import pypandoc

        target = project / ".build"
        target.mkdir()
        return [[sys.executable, HERE / "plain.py", "--pandoc", pypandoc.get_pandoc_path(), "--folder", target]]

    def _heaviest(self, project: Path, measure: Measure) -> list[str | Path]:
        """The command for the page that takes most memory alone; found once, and noted in `measure`."""
        if not measure.note:
            sources = [page.relative_to(project) for page in (project / "index.qmd", *project.glob("chapters/*.qmd"))]
            peaks = {
                page: self.measured(project, [sys.executable, HERE / "plain.py", page], memory=True).peak
                for page in sources
            }
            measure.note = str(max(peaks, key=lambda page: peaks[page]))
        return [sys.executable, HERE / "plain.py", measure.note]

    def grow(self, what: str, change: Callable[[Path], None]) -> Grown:
        """Check, build and load the site of data that `change` made larger."""
        project = self.unrecorded()
        change(project)
        size = sum(path.stat().st_size for path in (project / "data").rglob("*.csv"))
        checked = self.measured(project, ["thesis", "check"])
        if checked.fault:
            return Grown(what, size, fault=f"check {checked.fault}")
        shutil.rmtree(project / ".build", ignore_errors=True)
        built = self.measured(project, ["thesis", "build", "--engine", "pandoc"])
        if built.fault:
            return Grown(what, size, checked.seconds, fault=f"build {built.fault}")
        from bench.page_measures import chromium

        if chromium() is None:
            return Grown(what, size, checked.seconds, built.seconds, fault="pages not loaded: Chromium is not here")
        from bench.loading import loading

        seen = loading(project / "_site")
        shutil.rmtree(project)
        return Grown(what, size, checked.seconds, built.seconds, seen.ledger, seen.data, seen.search, seen.milliseconds)


def others() -> bool:
    """Install what the build is compared with, once; whether it is there."""
    python = OTHERS / "bin" / "python"
    group = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted: list[str] = group["project"]["optional-dependencies"]["bench"]
    ready = OTHERS / "ready"
    if ready.is_file() and ready.read_text(encoding="utf-8") == "\n".join(wanted):
        return True
    say("setting up Sphinx, MyST-NB and nbconvert in .build/")
    subprocess.run([sys.executable, "-m", "venv", "--clear", OTHERS], check=True)
    own = subprocess.check_output([python, "-c", "import site; print(site.getsitepackages()[0])"], text=True).strip()
    # The chapters must find the same packages as with us, and nothing is installed twice.
    Path(own, "project.pth").write_text(f"import site; site.addsitedir({packages()!r})\n", encoding="utf-8")
    quiet = ["-qq", "--disable-pip-version-check"]
    if subprocess.run([python, "-m", "pip", "install", *quiet, *wanted], check=False).returncode:
        return False
    ready.write_text("\n".join(wanted), encoding="utf-8")
    return True


def packages() -> str:
    """Where the packages of the project's own environment are."""
    import pandas

    return str(Path(pandas.__file__).parent.parent)


def _wanted(*names: str) -> bool:
    return not ONLY or bool(ONLY & set(names))


def say(line: str) -> None:
    """Tell what happens, while it does."""
    print(line, file=sys.stderr, flush=True)


def facts() -> dict[str, str]:
    """What was measured with, and where."""

    def first_line(*command: str | Path) -> str:
        try:
            answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=CHECKOUT)
        except (OSError, subprocess.CalledProcessError):
            return "not here"
        return answer.stdout.strip().splitlines()[0] if answer.stdout.strip() else ""

    import pypandoc

    from bench.page_measures import chromium

    processors = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in processors if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    named = ("pandas", "altair", "vl-convert-python", "ipykernel", "nbclient", "nbval", "frictionless")
    changed = " with changes" if first_line("git", "status", "--porcelain") not in {"", "not here"} else ""
    asked = "from importlib.metadata import version as v; print(*(f'{n} {v(n)}' for n in " + (
        "('sphinx', 'myst-nb', 'nbconvert')), sep=', ')"
    )
    return {
        "Date": datetime.date.today().isoformat(),
        "Commit": first_line("git", "rev-parse", "--short", "HEAD") + changed,
        "Processor": f"{model}, {WORKERS} at a time, {memory:.0f} GB of memory",
        "Busy otherwise": f"{os.getloadavg()[0]:.1f} of {WORKERS} processors in the minute before",
        "System": platform.freedesktop_os_release().get("PRETTY_NAME", platform.system()),
        "Python": platform.python_version(),
        "Packages": ", ".join(f"{name} {version(name)}" for name in named),
        "Pandoc": str(pypandoc.get_pandoc_version()),
        "Quarto": first_line("quarto", "--version"),
        "Compared with": first_line(OTHERS / "bin" / "python", "-c", asked),
        "Browser": first_line(chromium() or "chromium", "--version"),
    }


def measure_all(bench: Bench) -> dict[str, Measure]:
    """Measure in rounds, so that what a machine does meanwhile meets one as it does the other."""
    plans = bench.plans()
    for plan in plans:
        if not _wanted(plan.measure.name):
            plan.measure.skipped = "not measured in this run"
    for number in range(1, RUNS + 1):
        for plan in plans:
            measure = plan.measure
            if measure.skipped or measure.fault or sum(one.seconds for one in measure.runs) >= ENOUGH:
                continue
            try:
                project = plan.prepare()
                taken = bench.measured(project, *plan.commands(project), memory=measure.memory)
            except RuntimeError as error:  # what it starts from could not be made
                measure.skipped = str(error)
                say(f"{number}/{RUNS} {measure.name} · {error}")
                continue
            measure.runs.append(taken)
            say(f"{number}/{RUNS} {measure.name} · {measure.told(measure.of(taken))} {taken.fault}".rstrip())
            if not plan.keep:
                shutil.rmtree(project, ignore_errors=True)
    return {plan.measure.name: plan.measure for plan in plans}


def main() -> int:
    """Measure what is asked for and write it down; returns the exit status."""
    known = {name for one in COMPARISONS for name in (one.of, one.against)} | {"growth"}
    if ONLY - known:
        say(f"ONLY names {', '.join(sorted(ONLY - known))}; there are {', '.join(sorted(known))}")
        return 2
    busy = facts()["Busy otherwise"]  # before our own work makes it so
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        bench = Bench(Path(name))
        measures = measure_all(bench)
        grown: list[Grown] = []
        for what, change in GROWTH.items() if _wanted("growth") else ():
            grown.append(bench.grow(what, change))
            say(f"{what} · {grown[-1]}")
    picture(HERE / "ratios.svg", COMPARISONS, measures)
    text = results(facts() | {"Busy otherwise": busy}, COMPARISONS, measures, grown)
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
