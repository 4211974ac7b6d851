"""Where the project is on this machine, found once and asked for everywhere."""

from __future__ import annotations

import os
from pathlib import Path


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
