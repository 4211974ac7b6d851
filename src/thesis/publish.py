"""The whole road: check, execute once, render per language, publish all or nothing."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from thesis import render
from thesis.check import check_data
from thesis.execute import chapters, execute
from thesis.failures import DataError, EngineError, SiteError
from thesis.language import LANGUAGES
from thesis.links import broken_links

QUARTO_PACKAGE = "quarto-cli==1.10.18"
INSTALL_SECONDS = 120
"""How long installing Quarto may take before the built-in renderer is used."""

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


def executed(project: Path, say: Say, sources: list[Path] | None = None) -> None:
    """Execute pages (all when `sources` is None) and record them in notebooks/ and figures/."""
    previous, started = None, time.monotonic()
    for source in execute(project, sources or chapters(project)):
        if previous:
            say(f"executed {previous} · {time.monotonic() - started:.1f} s")
        previous, started = source, time.monotonic()
    if previous:
        say(f"executed {previous} · {time.monotonic() - started:.1f} s")


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


def rendered(project: Path, engine: str, say: Say) -> Path:
    """Render the recorded notebooks in both languages and put the site in place.

    The site is made beside the old one, its links are checked, and only then does it take
    its place: whatever goes wrong, the last good ``_site/`` stays. Returns the site's
    folder; raises RenderError or SiteError.
    """
    sources = chapters(project)
    building = project / ".build"
    building.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="site-", dir=building) as name:
        folder = Path(name)
        render.stage(project, sources, folder)
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


def build(project: Path, wanted: str, say: Say) -> str:
    """Check, execute, render; returns the line that says what was published."""
    started = time.monotonic()
    engine = choose_engine(project, wanted, say)
    checked(project, say)
    executed(project, say)
    site = rendered(project, engine, say)
    pages = sum(1 for language in LANGUAGES for _ in (site / language).rglob("*.html"))
    if engine == "quarto":
        name = "Quarto " + ".".join(map(str, render.quarto_version() or ()))
    else:
        name = f"the built-in renderer (Pandoc {render.pandoc_version()})"
    return (
        f"Published {pages} pages in {len(LANGUAGES)} languages to {site.relative_to(project)}/ "
        f"with {name} in {time.monotonic() - started:.0f} s"
    )
