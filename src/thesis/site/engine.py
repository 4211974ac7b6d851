"""Which renderer publishes: Quarto where it is or can be installed, the built-in one otherwise."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from thesis.failures import EngineError

QUARTO_MINIMUM = (1, 6)
QUARTO_PACKAGE = "quarto-cli==1.10.18"
INSTALL_SECONDS = 120
"""How long installing Quarto may take before the built-in renderer is used."""

Report = Callable[[str], None]


def quarto_version() -> tuple[int, ...] | None:
    """The version of the `quarto` on the PATH, None when there is none that runs."""
    program = shutil.which("quarto")
    if not program:
        return None
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    numbers = re.findall(r"\d+", answer.stdout.strip().splitlines()[-1]) if answer.stdout.strip() else []
    return tuple(int(number) for number in numbers[:3]) if answer.returncode == 0 and numbers else None


def choose_engine(project: Path, wanted: str, report: Report) -> str:
    """``quarto`` or ``pandoc``: what was asked for or, for ``auto``, the best there is.

    `auto` takes the Quarto on the PATH, else tries to install it from the package index
    (which downloads it from Quarto's own host) for two minutes at most, else says that
    the built-in renderer publishes. Raises EngineError for ``quarto`` without Quarto.
    """
    if wanted == "pandoc":
        return wanted
    version = quarto_version()
    minimum = ".".join(map(str, QUARTO_MINIMUM))
    if version is None and wanted == "auto":
        _install_quarto(project, report)
        version = quarto_version()
    if version and version >= QUARTO_MINIMUM:
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
    report(f"{found}: the built-in renderer (Pandoc) publishes the same pages")
    return "pandoc"


def _install_quarto(project: Path, report: Report) -> None:
    """Try once a checkout; a failure only means that the built-in renderer is used."""
    failed = project / ".build" / "quarto-not-installable"
    if failed.exists():
        return
    report(f"Quarto is not here; trying to install it (at most {INSTALL_SECONDS} s)")
    # The package downloads Quarto itself while it is built: the time bound is for that.
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", QUARTO_PACKAGE]
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(command, capture_output=True, timeout=INSTALL_SECONDS, check=False)
    if quarto_version() is None:
        failed.parent.mkdir(exist_ok=True)
        failed.touch()
