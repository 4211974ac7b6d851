"""Where the project is on this machine, found once and asked for everywhere, and what its pages are called."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


def root() -> Path:
    """The checkout the reader works in: the nearest folder upward that holds ``_quarto.yml``.

    Chapters run with different working folders (Quarto, nbval, JupyterLab), so the folder
    is searched from where Python was started. Raises FileNotFoundError outside a checkout.
    """
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "_quarto.yml").is_file():
            return folder
    raise FileNotFoundError(f"no _quarto.yml in {here} or above it: run this inside a checkout")


def figures_folder() -> Path:
    """Where a running chapter writes its figures.

    ``figures/`` unless THESIS_FIGURES says otherwise: a run that only verifies must not
    change the committed files.
    """
    return Path(os.environ.get("THESIS_FIGURES") or root() / "figures")


def page_titles(project: Path, language: str) -> dict[str, str]:
    """What the sidebar calls each page in a language, by the page's file name without its ending, in its order."""
    profile = yaml.safe_load((project / f"_quarto-{language}.yml").read_text(encoding="utf-8"))
    return dict(_pages(profile["website"]["sidebar"]["contents"]))


def _pages(contents: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for item in contents:
        if "href" in item:
            yield Path(item["href"]).stem, item["text"]
        yield from _pages(item.get("contents", []))
