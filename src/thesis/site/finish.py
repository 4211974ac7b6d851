"""What a rendered language needs before a reader sees it, whichever renderer made it.

Quarto runs this file after a render by hand (`post-render` in ``_quarto.yml``); a build calls
:func:`finish`.
"""

from __future__ import annotations

import importlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import vl_convert

from thesis.failures import RenderError
from thesis.language import LANGUAGES
from thesis.references import named_sources
from thesis.site.citations import write_citations
from thesis.site.downloads import write_downloads
from thesis.site.from_records import CLAIMS, SCRIPT, fill_in_records, ledger_how
from thesis.site.page import PageFacts, facts_of_pages
from thesis.site.pictures import draw_social_cards, fill_in_thumbnails
from thesis.site.search_index import write_search_index
from thesis.site.whole_site import write_whole_site
from thesis.store import Store, key_of, made_by
from thesis.workers import Workers


def finish(outputs: Sequence[Path], project: Path, store: Store, workers: Workers) -> dict[Path, PageFacts]:
    """Add to the pages of some languages what no renderer makes; returns each page's facts.

    The charts' library and scripts, the downloads, the text for search, the citations and
    the cards for social networks. outputs: the folder of each language, ``…/_site/kk``;
    project: the folder in which ``assets/``, ``data/``, ``figures/``, the settings and
    ``references.bib`` stand. Raises RenderError for pages that ask for records that are not there.
    """
    library = begin_chart_library(project / "assets", store, workers)
    sources = named_sources(project / "references.bib")
    later: list[Callable[[], None]] = []
    pages: dict[Path, PageFacts] = {}
    faults: list[str] = []
    for output in outputs:
        # Quarto writes its own index even where its search is off.
        (output / "search.json").unlink(missing_ok=True)
        figures = project / "figures"
        later.append(write_downloads(figures, output / "figures", output.name, sources, store, workers))
        for page in sorted(output.rglob("*.html")):
            try:
                _finish_page(page, output, project, store)
            except RenderError as error:
                name = page.relative_to(output.parent).as_posix()
                faults += [f"{name}: {fault}" for fault in str(error).splitlines()]
    if faults:
        raise RenderError("\n".join(faults))
    for output in outputs:
        own = facts_of_pages(sorted(output.rglob("*.html")), store, workers)
        write_search_index(output, own)
        write_citations(output, own)
        later.append(draw_social_cards(output, project, own, store, workers))
        pages |= own
    for output in outputs:
        (output / "assets").mkdir(exist_ok=True)
        (output / "assets" / "vega.js").write_bytes(library()[0])
        if (project / CLAIMS).is_file():
            (output / "assets" / SCRIPT).write_text(ledger_how(output.name, project), encoding="utf-8")
            shutil.copyfile(project / CLAIMS, output.parent / CLAIMS.name)
    for write in later:
        write()
    return pages


def _finish_page(page: Path, output: Path, project: Path, store: Store) -> None:
    text = fill_in_records(plain_code(page.read_text(encoding="utf-8")), output.name, project)
    page.write_text(fill_in_thumbnails(text, project / "figures", output.name, store), encoding="utf-8")


def begin_chart_library(assets: Path, store: Store, workers: Workers) -> Callable[[], list[bytes]]:
    """Bundle Vega, Vega-Lite and Vega-Embed, all from one wheel, into a single script."""
    entry = (assets / "vega-entry.js").read_text(encoding="utf-8")
    key = key_of("library", made_by("site/finish.py", packages=["vl-convert-python"]), entry)
    return workers.keep(store, _library, [(key, (entry,))])


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
        pages = finish([output], project, store, workers)
        others = [output.parent / language for language in LANGUAGES if language != output.name]
        if all((other / "index.html").is_file() for other in others):
            for other in others:
                pages |= facts_of_pages(sorted(other.rglob("*.html")), store, workers)
            write_whole_site(output.parent, project, pages, store)


if __name__ == "__main__":
    # Quarto runs it in the project's folder. By its own name, so that other processes find its functions.
    module = importlib.import_module("thesis.site.finish")
    try:
        module.finish_rendered(Path(os.environ["QUARTO_PROJECT_OUTPUT_DIR"]).resolve(), Path.cwd())
    except RenderError as error:
        sys.exit(f"ERROR: {error}")
