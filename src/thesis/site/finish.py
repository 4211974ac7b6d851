"""What a rendered language needs before a reader sees it, whichever renderer made it.

Quarto runs this file after a render by hand (`post-render` in ``_quarto.yml``); a build calls
:func:`finish`.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
from pathlib import Path

import vl_convert

from thesis.language import LANGUAGES
from thesis.site.citations import write_citations
from thesis.site.downloads import write_downloads
from thesis.site.ledger_page import SCRIPT, set_aside_how
from thesis.site.page import PageFacts, facts_of_pages
from thesis.site.pictures import fill_in_thumbnails, write_social_cards
from thesis.site.search_index import write_search_index
from thesis.site.whole_site import write_whole_site
from thesis.store import Store, key_of, made_by
from thesis.workers import Workers


def finish(output: Path, project: Path, store: Store, workers: Workers) -> dict[Path, PageFacts]:
    """Add to one language's pages what no renderer makes; returns each page's facts.

    The charts' library and scripts, the downloads, the text for search, the citations and
    the cards for social networks. output: the folder of the language, ``…/_site/kk``; project:
    the folder in which ``assets/``, ``data/`` and ``figures/`` stand.
    """
    # Quarto writes its own index even where its search is off.
    (output / "search.json").unlink(missing_ok=True)
    write_chart_library(output / "assets" / "vega.js", project / "assets", store, workers)
    write_downloads(project / "figures", output / "figures", output.name, store, workers)
    paths = sorted(output.rglob("*.html"))
    for page in paths:
        text, script = set_aside_how(plain_code(page.read_text(encoding="utf-8")))
        page.write_text(fill_in_thumbnails(text, project / "figures", output.name, store), encoding="utf-8")
        if script:
            (output / "assets" / SCRIPT).write_text(script, encoding="utf-8")
    pages = facts_of_pages(paths, store, workers)
    write_search_index(output, pages)
    write_citations(output, pages)
    write_social_cards(output, project, pages, store, workers)
    ledger = project / "figures" / "claims.json"
    if ledger.is_file():
        shutil.copyfile(ledger, output.parent / ledger.name)
    return pages


def write_chart_library(path: Path, assets: Path, store: Store, workers: Workers) -> None:
    """Bundle Vega, Vega-Lite and Vega-Embed, all from one wheel, into a single script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entry = (assets / "vega-entry.js").read_text(encoding="utf-8")
    key = key_of("library", made_by("site/finish.py", packages=["vl-convert-python"]), entry)
    path.write_bytes(workers.kept(store, _library, [(key, (entry,))])[0])


def _library(entry: str) -> bytes:
    return vl_convert.javascript_bundle(entry, vl_version="6.4").encode()


def plain_code(page: str) -> str:
    """The page without Pandoc's two elements around every line of code.

    They only serve line numbers that can be linked to; on the longest chapter they were a
    third of all elements a phone has to build.
    """
    line = r'<span id="cb[\d-]+"><a href="#cb[\d-]+"[^>]*></a>(.*?)</span>(?=\n|</code>)'
    return re.sub(line, r"\1", page)


def finish_rendered(output: Path, project: Path) -> None:
    """What Quarto runs after a render by hand: finish the language and, with the last one, the whole site."""
    store = Store(project)
    with Workers(os.cpu_count() or 1, project) as workers:
        pages = finish(output, project, store, workers)
        others = [output.parent / language for language in LANGUAGES if language != output.name]
        if all((other / "index.html").is_file() for other in others):
            for other in others:
                pages |= facts_of_pages(sorted(other.rglob("*.html")), store, workers)
            write_whole_site(output.parent, project, pages, store)


if __name__ == "__main__":
    # Quarto runs it in the project's folder. By its own name, so that other processes find its functions.
    module = importlib.import_module("thesis.site.finish")
    module.finish_rendered(Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"]).resolve(), Path.cwd())
