"""Publishing recorded notebooks: Quarto where it is, Pandoc where it is not.

Both renderers are given the same folder: the project's settings, filters, assets and data,
and each page as Markdown with its outputs in place (:mod:`thesis.site.markdown`). Nothing is
executed here.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pypandoc
import yaml

from thesis.execution.environment import made_with
from thesis.execution.execute import notebook_of
from thesis.execution.records import figures_of, read_record
from thesis.failures import RenderError
from thesis.site.finish import finish
from thesis.site.markdown import to_markdown

QUARTO_MINIMUM = (1, 6)
_SETTINGS = ("_quarto.yml", "_quarto-kk.yml", "_quarto-en.yml", "references.bib")
_FOLDERS = ("assets", "data", "filters")


def stage(project: Path, records: dict[Path, Path], folder: Path, engine: str) -> None:
    """Lay out in `folder` what a renderer reads: a Quarto project with nothing to execute.

    records: each page and the folder that holds its recorded notebook and figures.
    engine: what is going to render; each page says it, with the versions that made it.
    Raises RenderError for a page that has not been executed.
    """
    for source, place in records.items():
        if not (place / notebook_of(source)).is_file():
            raise RenderError(f"{source} has not been executed yet: `thesis execute` records {notebook_of(source)}")
    for name in _SETTINGS:
        shutil.copyfile(project / name, folder / name)
    for name in _FOLDERS:
        shutil.copytree(project / name, folder / name)
    hook = Path("src/thesis/site/finish.py")
    (folder / hook).parent.mkdir(parents=True)
    shutil.copyfile(project / hook, folder / hook)
    (folder / "figures").mkdir()
    # Without an engine Quarto would start a kernel for a page that has nothing to run.
    header = f"---\nengine: markdown\nmade-with: {json.dumps(_made_with(project, engine), ensure_ascii=False)}\n"
    for source, place in records.items():
        page = folder / source
        page.parent.mkdir(exist_ok=True)
        markdown = to_markdown(nbformat.read(place / notebook_of(source), as_version=4))
        page.write_text(markdown.replace("---\n", header, 1), encoding="utf-8")
        record = read_record(place, source)
        for name in figures_of(record) if record else ():
            shutil.copyfile(place / "figures" / name, folder / "figures" / name)


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


def quarto_version() -> tuple[int, ...] | None:
    """The version of the `quarto` on the PATH, None when there is none that runs."""
    program = shutil.which("quarto")
    if not program:
        return None
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    numbers = re.findall(r"\d+", answer.stdout.strip().splitlines()[-1]) if answer.stdout.strip() else []
    return tuple(int(number) for number in numbers[:3]) if answer.returncode == 0 and numbers else None


def render_with_quarto(folder: Path, language: str) -> None:
    """Render the staged project with the real Quarto; raises RenderError when it fails."""
    run = subprocess.run(
        ["quarto", "render", "--profile", language],
        cwd=folder,
        env={**os.environ, "QUARTO_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode or "ERROR" in run.stderr:
        raise RenderError(f"quarto render --profile {language} failed:\n{_tail(run.stderr)}")


def render_with_pandoc(folder: Path, sources: list[Path], language: str) -> None:
    """Render the staged project with Pandoc alone; raises RenderError when it fails."""
    settings = read_settings(folder, language)
    output = folder / settings["project"]["output-dir"]
    options = settings["format"]["html"]
    metadata = {key: value for key, value in settings.items() if key not in {"project", "format", "filters"}}
    described = folder / "metadata.json"
    described.write_text(json.dumps(metadata, ensure_ascii=False), encoding="utf-8")
    command = [
        pypandoc.get_pandoc_path(),
        "--from=markdown",
        "--to=html5",
        "--wrap=none",
        f"--template={options['template']}",
        "--toc",
        f"--toc-depth={options['toc-depth']}",
        f"--syntax-highlighting={options['highlight-style']}",
        f"--metadata-file={described.name}",
        "--lua-filter=filters/quarto.lua",
        *(f"--lua-filter={entry['path']}" for entry in settings["filters"]),
        "--citeproc",
    ]

    def render(source: Path) -> str:
        """What is wrong with a page, as Pandoc says it; empty when nothing is."""
        page = (output / source).with_suffix(".html")
        page.parent.mkdir(parents=True, exist_ok=True)
        call = [*command, f"--output={page}", str(source)]
        run = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False)
        faults = "\n".join(filter(_matters, run.stderr.splitlines()))
        return (
            f"{source} in {language}: {_tail(run.stderr) if run.returncode else faults}"
            if run.returncode or faults
            else ""
        )

    with ThreadPoolExecutor() as pool:
        faults = [fault for fault in pool.map(render, sources) if fault]
    if faults:
        raise RenderError("\n".join(faults))
    _copy_resources(folder, output, settings["project"]["resources"])
    finish(output, folder / "assets")


def _matters(line: str) -> bool:
    """Whether a warning of Pandoc means a faulty page.

    Not when both languages give a heading the same id (the page keeps one of them), and not
    that Pandoc has no Kazakh words of its own (the profile gives them).
    """
    return "[WARNING]" in line and "Duplicate identifier" not in line and "translation" not in line


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


def _copy_resources(folder: Path, output: Path, patterns: list[str]) -> None:
    for pattern in patterns:
        for path in sorted(folder.glob(pattern.lstrip("/"))):
            target = output / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _tail(text: str, lines: int = 15) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text).strip().splitlines()
    return "\n".join(plain[-lines:])


def pandoc_version() -> str:
    """The version of the Pandoc that the package index's wheel carries."""
    return str(pypandoc.get_pandoc_version())
