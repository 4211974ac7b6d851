"""Measure executing, reusing and rendering the real pages; see bench/README.md."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from thesis import publish
from thesis.project import root
from thesis.site import render


def seconds(work: Callable[[], object]) -> float:
    """How long `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def silent(_: str) -> None:
    """Say nothing."""


def main() -> None:
    """Print one line a measurement."""
    print(f"{os.cpu_count()} processors")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        unneeded = shutil.ignore_patterns(".git", ".venv", ".build", "_site", ".*_cache", "tests")
        project = shutil.copytree(root(), Path(folder) / "project", ignore=unneeded)
        lines: list[tuple[str, Callable[[], object]]] = [
            ("execute, 1 worker", lambda: publish.executed(project, silent, workers=1)),
            ("execute, 2 workers", lambda: publish.executed(project, silent, workers=2)),
            ("reuse", lambda: publish.current(project, silent)),
            ("render with pandoc", lambda: publish.rendered(project, "pandoc", silent)),
        ]
        if (render.quarto_version() or (0,)) >= render.QUARTO_MINIMUM:
            lines.append(("render with quarto", lambda: publish.rendered(project, "quarto", silent)))
        for name, work in lines:
            print(f"{name:20} {seconds(work):6.1f} s", flush=True)


if __name__ == "__main__":
    main()
