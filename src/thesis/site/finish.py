"""What a rendered language needs before a reader sees it, whichever renderer made it.

Quarto runs this file after a render (`post-render` in ``_quarto.yml``); the built-in
renderer calls :func:`finish`.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import vl_convert

from thesis.failures import RenderError
from thesis.language import LANGUAGES
from thesis.site.citations import write_citations
from thesis.site.downloads import write_downloads
from thesis.site.from_records import CLAIMS, SCRIPT, fill_in_records, ledger_how
from thesis.site.pictures import fill_in_thumbnails, write_social_cards
from thesis.site.search_index import write_search_index
from thesis.site.whole_site import write_whole_site


def finish(output: Path, assets: Path) -> None:
    """Add to one language's pages what no renderer makes.

    The charts' library and scripts, the downloads, the text for search, the citations and
    the cards for social networks; with the last language, what belongs to the whole site.
    output: the folder of the language, ``…/_site/kk``. assets: the project's ``assets/``,
    beside which ``data/`` and ``figures/`` stand. Raises RenderError for pages that ask for
    records that are not there.
    """
    project = assets.parent
    # Quarto writes its own index even where its search is off.
    (output / "search.json").unlink(missing_ok=True)
    write_chart_library(output / "assets" / "vega.js", assets)
    write_downloads(project / "figures", output / "figures", output.name)
    faults = []
    for page in sorted(output.rglob("*.html")):
        text = plain_code(page.read_text(encoding="utf-8"))
        try:
            text = fill_in_records(text, output.name, project)
        except RenderError as error:
            name = page.relative_to(output.parent).as_posix()
            faults += [f"{name}: {fault}" for fault in str(error).splitlines()]
        page.write_text(fill_in_thumbnails(text, project / "figures", output.name), encoding="utf-8")
    if faults:
        raise RenderError("\n".join(faults))
    write_search_index(output)
    write_citations(output)
    write_social_cards(output, assets)
    ledger = project / CLAIMS
    if ledger.is_file():
        (output / "assets" / SCRIPT).write_text(ledger_how(output.name, project), encoding="utf-8")
        shutil.copyfile(ledger, output.parent / ledger.name)
    if all((output.parent / language / "index.html").is_file() for language in LANGUAGES):
        write_whole_site(output.parent, project)


def write_chart_library(path: Path, assets: Path) -> None:
    """Bundle Vega, Vega-Lite and Vega-Embed, all from one wheel, into a single script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = (assets / "vega-entry.js").read_text(encoding="utf-8")
    path.write_text(vl_convert.javascript_bundle(entry, vl_version="6.4"), encoding="utf-8")


def plain_code(page: str) -> str:
    """The page without Pandoc's two elements around every line of code.

    They only serve line numbers that can be linked to; on the longest chapter they were a
    third of all elements a phone has to build.
    """
    line = r'<span id="cb[\d-]+"><a href="#cb[\d-]+"[^>]*></a>(.*?)</span>(?=\n|</code>)'
    return re.sub(line, r"\1", page)


if __name__ == "__main__":
    # Quarto runs it in the project's folder.
    try:
        finish(Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"]), Path("assets").resolve())
    except RenderError as error:
        sys.exit(f"ERROR: {error}")
