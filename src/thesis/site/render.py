"""Publishing recorded notebooks: Quarto where it is, Pandoc where it is not.

Both renderers are given the same: the project's settings, filters and assets, and each page
as Markdown in one language with its outputs in place (:mod:`thesis.site.markdown`). Nothing
is executed here, and a page that was rendered from the same before is not rendered again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pypandoc
import yaml

from thesis.execution.environment import made_with
from thesis.execution.execute import notebook_of
from thesis.execution.records import digest_of_file, figures_of, read_record
from thesis.failures import RenderError
from thesis.language import LANGUAGES
from thesis.site.engine import quarto_version
from thesis.site.markdown import to_markdown
from thesis.snapshot import Snapshot
from thesis.store import Store, key_of, made_by

_FILES = ("_quarto.yml", "_quarto-kk.yml", "_quarto-en.yml", "references.bib")
_FOLDERS = ("assets", "filters")
_EXPLAINED = ("data/front-matter/abbreviations.csv", "data/definitions.csv")
"""The tables from which the filter explains words."""


@dataclass(frozen=True)
class Page:
    """What a renderer makes one page of: its source, its language, its Markdown and the key of the result."""

    source: Path
    language: str
    markdown: str
    key: str

    @property
    def address(self) -> str:
        """Where the page stands in its language's folder: ``chapters/conclusion.html``."""
        return self.source.with_suffix(".html").as_posix()


def read_pages(snapshot: Snapshot, records: dict[Path, Path], engine: str) -> list[Page]:
    """Every page in both languages, as the renderer will be given it.

    records: each page and the folder that holds its recorded notebook and figures; engine:
    what is going to render; each page says it, with the versions that made it. Raises
    RenderError for a page that has not been executed or cannot be taken apart by language.
    """
    common = _common(snapshot, engine)
    # Without an engine Quarto would start a kernel for a page that has nothing to run.
    made = json.dumps(_made_with(snapshot.folder, engine), ensure_ascii=False)
    header = f"---\nengine: markdown\nmade-with: {made}\n"
    pages, faults = [], []
    for source, place in records.items():
        path = place / notebook_of(source)
        if not path.is_file():
            faults.append(f"{source} has not been executed yet: `thesis execute` records {notebook_of(source)}")
            continue
        notebook = nbformat.read(path, as_version=4)
        for language in LANGUAGES:
            try:
                markdown = to_markdown(notebook, language).replace("---\n", header, 1)
            except RenderError as error:
                faults.append(f"{source}: {error}")
                break
            shown = _figures_shown(markdown, language)
            digests = [f"{name} {digest_of_file(place / 'figures' / name)}" for name in shown]
            cites = snapshot.digest("references.bib") if "@" in markdown else ""
            key = key_of("page", common, language, str(source), markdown, str(cites), *digests)
            pages.append(Page(source, language, markdown, key))
    if faults:
        raise RenderError("\n".join(faults))
    return pages


def _figures_shown(markdown: str, language: str) -> list[str]:
    """The files in ``figures/`` from which the filter fills a page: pictures, and the days in a table."""
    charts = set(re.findall(r'figure="([\w-]+)"', markdown))
    tables = set(re.findall(r"\{#(tbl-[\w-]+)", markdown))
    pictures = (f"{name}{size}.{language}.svg" for name in charts for size in ("", "-narrow"))
    return sorted([*pictures, *(f"{name}.json" for name in tables)])


def _common(snapshot: Snapshot, engine: str) -> str:
    """What every page owes to the settings, the template, the filters and the renderer."""
    names = [*_FILES[:-1], *snapshot.below(*_FOLDERS), *_EXPLAINED]
    program = made_by("site/render.py", "site/markdown.py", others=[engine_name(engine)])
    return key_of(program, snapshot.of(names), os.environ.get("SITE_URL", ""))


def rendered_pages(
    snapshot: Snapshot,
    pages: list[Page],
    records: dict[Path, Path],
    work: Path,
    engine: str,
    store: Store,
    workers: int,
) -> dict[Page, bytes]:
    """Each page as the renderer makes it, or as it is kept from before.

    work: an empty folder for the renderer. Raises RenderError with all that is wrong.
    """
    html = {page: content for page in pages if (content := store.get(page.key)) is not None}
    store.reused += len(html)
    due = [page for page in pages if page not in html]
    if not due:
        return html
    for language in {page.language for page in due}:
        _stage(snapshot, [page for page in due if page.language == language], records, work / language)
    render = _render_with_quarto if engine == "quarto" else _render_with_pandoc
    render(due, work, workers)
    for page in due:
        path = work / page.language / _output(work / page.language, page.language) / page.address
        html[page] = path.read_bytes()
        store.put(page.key, html[page])
    store.made += len(due)
    return html


def _stage(snapshot: Snapshot, pages: list[Page], records: dict[Path, Path], folder: Path) -> None:
    """Lay out in `folder` what a renderer reads: a Quarto project in one language, with nothing to execute."""
    for name in [*_FILES, *snapshot.below(*_FOLDERS), *_EXPLAINED]:
        if name in snapshot.files:
            _copy(snapshot.folder / name, folder / name)
    # What follows rendering is done once for both languages; resources are copied then.
    settings = yaml.safe_load((folder / "_quarto.yml").read_text(encoding="utf-8"))
    del settings["project"]["post-render"], settings["project"]["resources"]
    settings["project"]["render"] = [str(page.source) for page in pages]
    _rewrite(folder / "_quarto.yml", settings)
    for language in LANGUAGES:
        profile = yaml.safe_load((folder / f"_quarto-{language}.yml").read_text(encoding="utf-8"))
        profile["project"].pop("resources", None)
        _rewrite(folder / f"_quarto-{language}.yml", profile)
    for page in pages:
        (folder / page.source).parent.mkdir(exist_ok=True)
        (folder / page.source).write_text(page.markdown, encoding="utf-8")
    lay_out_figures(records, folder)


def lay_out_figures(records: dict[Path, Path], folder: Path) -> None:
    """Put the recorded figures of all pages into the ``figures/`` of a folder."""
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    for source, place in records.items():
        record = read_record(place, source)
        for name in figures_of(record) if record else ():
            _copy(place / "figures" / name, folder / "figures" / name)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _rewrite(path: Path, settings: dict[str, Any]) -> None:
    path.write_text(yaml.safe_dump(settings, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _output(folder: Path, language: str) -> str:
    return str(read_settings(folder, language)["project"]["output-dir"])


def _made_with(project: Path, engine: str) -> str:
    """One line of names and versions, the same in every language."""
    made = dict(made_with(project).get("made_with", {}))
    if made:
        made["python"] = made["python"].removeprefix(">=") + "+"
    names = {"python": "Python", "altair": "Altair", "vl-convert-python": "vl-convert"}
    return ", ".join([*(f"{names.get(name, name)} {version}" for name, version in made.items()), engine_name(engine)])


def engine_name(engine: str) -> str:
    """The renderer and its version: “Quarto 1.10.18”, “Pandoc 3.8”."""
    if engine == "quarto":
        return "Quarto " + ".".join(map(str, quarto_version() or ()))
    return f"Pandoc {pandoc_version()}"


def _render_with_quarto(due: list[Page], work: Path, workers: int) -> None:
    """Render the due pages with the real Quarto, both languages at once."""

    def render(language: str) -> str:
        """What is wrong, as Quarto says it; empty when nothing is."""
        run = subprocess.run(
            ["quarto", "render", "--profile", language],
            cwd=work / language,
            env={**os.environ, "QUARTO_PYTHON": sys.executable},
            capture_output=True,
            text=True,
            check=False,
        )
        failed = run.returncode or "ERROR" in run.stderr
        return f"quarto render --profile {language} failed:\n{_tail(run.stderr)}" if failed else ""

    _raise_faults(_at_once(render, sorted({page.language for page in due}), workers))


def _render_with_pandoc(due: list[Page], work: Path, workers: int) -> None:
    """Render the due pages with Pandoc alone, `workers` at a time."""
    languages = sorted({page.language for page in due})
    commands = {language: _pandoc_command(work / language, language) for language in languages}
    outputs = {language: _output(work / language, language) for language in languages}

    def render(page: Page) -> str:
        """What is wrong with a page, as Pandoc says it; empty when nothing is."""
        folder = work / page.language
        target = folder / outputs[page.language] / page.address
        target.parent.mkdir(parents=True, exist_ok=True)
        call = [*commands[page.language], f"--output={target}", str(page.source)]
        run = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)
        faults = "\n".join(filter(_matters, run.stderr.splitlines()))
        return (
            f"{page.source} in {page.language}: {_tail(run.stderr) if run.returncode else faults}"
            if (run.returncode or faults)
            else ""
        )

    # The longest first, so that none is left to be rendered alone at the end.
    _raise_faults(_at_once(render, sorted(due, key=lambda page: -len(page.markdown)), workers))


def _at_once(render: Any, tasks: Iterable[Any], workers: int) -> list[str]:
    # Threads that only wait for another program; they must not parse Python (see thesis.execution.execute).
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(render, tasks))


def _raise_faults(faults: list[str]) -> None:
    if any(faults):
        raise RenderError("\n".join(sorted(filter(None, faults))))


def _pandoc_command(folder: Path, language: str) -> list[str]:
    settings = read_settings(folder, language)
    options = settings["format"]["html"]
    metadata = {key: value for key, value in settings.items() if key not in {"project", "format", "filters"}}
    (folder / "metadata.json").write_text(json.dumps(metadata, ensure_ascii=False), encoding="utf-8")
    return [
        pypandoc.get_pandoc_path(),
        "--from=markdown",
        "--to=html5",
        "--wrap=none",
        f"--template={options['template']}",
        "--toc",
        f"--toc-depth={options['toc-depth']}",
        f"--syntax-highlighting={options['highlight-style']}",
        "--metadata-file=metadata.json",
        "--lua-filter=filters/quarto.lua",
        *(f"--lua-filter={entry['path']}" for entry in settings["filters"]),
        "--citeproc",
    ]


def _matters(line: str) -> bool:
    """Whether a warning of Pandoc means a faulty page.

    Not that Pandoc has no Kazakh words of its own: the profile gives them.
    """
    return "[WARNING]" in line and "translation" not in line


def read_settings(folder: Path, language: str) -> dict[str, Any]:
    """``_quarto.yml`` with the language's profile laid over it, as Quarto does it."""
    base = yaml.safe_load((folder / "_quarto.yml").read_text(encoding="utf-8"))
    profile = yaml.safe_load((folder / f"_quarto-{language}.yml").read_text(encoding="utf-8"))
    settings: dict[str, Any] = _merge(base, profile)
    return settings


def _merge(base: Any, over: Any) -> Any:
    """Maps are merged key by key, lists are joined, anything else is replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        return {key: _merge(base.get(key), over[key]) if key in over else base[key] for key in {**base, **over}}
    if isinstance(base, list) and isinstance(over, list):
        return [*base, *over]
    return base if over is None else over


def copy_resources(snapshot: Snapshot, figures: Path, output: Path, language: str) -> None:
    """Put into a language's folder what its pages load and what a reader may take along.

    figures: the folder in which the ``figures/`` of all pages stand.
    """
    for pattern in read_settings(snapshot.folder, language)["project"]["resources"]:
        folder = figures if pattern.startswith("/figures/") else snapshot.folder
        for path in sorted(folder.glob(pattern.lstrip("/"))):
            _copy(path, output / path.relative_to(folder))


def _tail(text: str, lines: int = 15) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).strip().splitlines()
    return "\n".join(plain[-lines:])


@cache
def pandoc_version() -> str:
    """The version of the Pandoc that the package index's wheel carries."""
    return str(pypandoc.get_pandoc_version())
