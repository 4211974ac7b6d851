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
from thesis.site.from_records import CLAIMS, SCRIPT, fill_in_records, ledger_how, read_from
from thesis.site.page import PageFacts, facts_of_pages
from thesis.site.pictures import draw_social_cards, fill_in_thumbnails, thumbnails_of
from thesis.site.search_index import write_search_index
from thesis.site.whole_site import write_whole_site
from thesis.store import Store, key_of, made_by
from thesis.workers import Workers

_FINISHING = (
    "drawing.py",
    "data.py",
    "descriptions.py",
    "language.py",
    "project.py",
    "references.py",
    "site/finish.py",
    "site/from_records.py",
    "site/pictures.py",
    "words.py",
)
"""The modules that make a finished page of a rendered one."""


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
    for output in outputs:
        # Quarto writes its own index even where its search is off.
        (output / "search.json").unlink(missing_ok=True)
        figures = project / "figures"
        later.append(write_downloads(figures, output / "figures", output.name, sources, store, workers))
    _finish_pages(outputs, project, store, workers)
    for output in outputs:
        own = facts_of_pages(sorted(output.rglob("*.html")), store, workers)
        write_search_index(output, own)
        write_citations(output, own)
        later.append(draw_social_cards(output, project, own, store, workers))
        pages |= own
    for output in outputs:
        (output / "assets").mkdir(exist_ok=True)
        (output / "assets" / "vega.js").write_bytes(library()[0])
    for write in later:
        write()
    return pages


def _finish_pages(outputs: Sequence[Path], project: Path, store: Store, workers: Workers) -> None:
    """Fill in what pages ask for, each once from the same page and the same records."""
    program = made_by(*_FINISHING, packages=["Jinja2", "vl-convert-python"])
    files = [path for path in read_from(project) if path.is_file()]
    records = key_of(program, *(part for path in files for part in (str(path.relative_to(project)), path.read_bytes())))
    paths, tasks = [], []
    for output in outputs:
        for path in sorted(output.rglob("*.html")):
            page = path.read_text(encoding="utf-8")
            charts = [project / "figures" / f"{name}.{output.name}.json" for name in thumbnails_of(page)]
            asked = records if " data-records=" in page else ""
            name = path.relative_to(output.parent).as_posix()
            key = key_of("finished", program, name, page, asked, *(chart.read_bytes() for chart in charts))
            paths.append(path)
            tasks.append((key, (page, output.name, name, project)))
    finished = workers.keep(store, _finished, tasks)()
    for path, content in zip(paths, finished, strict=True):
        path.write_bytes(content)
    if (project / CLAIMS).is_file():
        languages = [output.name for output in outputs]
        notes = [(key_of("ledger-how", records, language), (language, project)) for language in languages]
        for output, content in zip(outputs, workers.keep(store, _ledger_how, notes)(), strict=True):
            (output / "assets").mkdir(exist_ok=True)
            (output / "assets" / SCRIPT).write_bytes(content)
            shutil.copyfile(project / CLAIMS, output.parent / CLAIMS.name)


def _finished(page: str, language: str, name: str, project: Path) -> bytes:
    try:
        page = fill_in_records(plain_code(page), language, project)
    except RenderError as error:
        raise RenderError("\n".join(f"{name}: {fault}" for fault in str(error).splitlines())) from None
    return fill_in_thumbnails(page, project / "figures", language).encode()


def _ledger_how(language: str, project: Path) -> bytes:
    return ledger_how(language, project).encode()


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
