"""What a rendered language needs before a reader sees it, whichever renderer made it.

Quarto runs this file after a render (`post-render` in ``_quarto.yml``); the built-in
renderer calls :func:`finish`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import vl_convert


def finish(output: Path, assets: Path) -> None:
    """Add to one language's pages the charts' library and the search index.

    output: the folder of the language, ``…/_site/kk``; its parent gets the pages that
    belong to no language. assets: the project's ``assets/``.
    """
    write_chart_library(output / "assets" / "vega.js", assets)
    write_search_index(output)
    ledger = assets.parent / "figures" / "claims.json"
    if ledger.is_file():
        shutil.copyfile(ledger, output.parent / ledger.name)
    # Quarto writes its own index even where its search is off.
    (output / "search.json").unlink(missing_ok=True)
    for page in ("index.html", "404.html"):
        shutil.copyfile(assets / "site" / page, output.parent / page)
    (output.parent / ".nojekyll").touch()


def write_chart_library(path: Path, assets: Path) -> None:
    """Bundle Vega, Vega-Lite and Vega-Embed, all from one wheel, into a single script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = (assets / "vega-entry.js").read_text(encoding="utf-8")
    path.write_text(vl_convert.javascript_bundle(entry, vl_version="6.4"), encoding="utf-8")


def write_search_index(output: Path) -> None:
    """Index one language's pages with Pagefind; raises CalledProcessError with its words."""
    shutil.rmtree(output / "pagefind", ignore_errors=True)
    # Code, charts and the lines under them would be found twice, or for words nobody reads.
    left_out = ".chart, pre, .provenance"
    command = [sys.executable, "-m", "pagefind", "--site", str(output), "--exclude-selectors", left_out, "--quiet"]
    subprocess.run(command, check=True, capture_output=True, text=True)


if __name__ == "__main__":
    # Quarto runs it in the project's folder.
    finish(Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"]), Path("assets"))
