"""Real Quarto and the built-in renderer make the same site, page by page."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from thesis import publish
from thesis.execution.execute import chapters, notebook_of
from thesis.failures import SiteError
from thesis.site import render
from thesis.site.whole_site import write_whole_site

from .conftest import REPOSITORY, contents
from .page_comparison import ASPECTS, facts

pytestmark = pytest.mark.skipif(
    shutil.which("quarto") is None,
    reason="Quarto is not on the PATH: the two renderers cannot be compared here",
)
every_aspect = pytest.mark.parametrize("aspect", ASPECTS)


Renderings = dict[str, Future[Path]]


def quarto_alone(executed: Path, project: Path) -> Path:
    """The small project as `quarto render --profile …` makes it in a checkout, executing by itself."""
    shutil.copytree(executed, project, ignore=shutil.ignore_patterns("notebooks"))
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    del environment["THESIS_FIGURES"]
    for language in ("kk", "en"):
        command = ["quarto", "render", "--profile", language]
        run = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
    return project / "_site"


def real_by_quarto(language: str, folder: Path) -> Path:
    """The real project's recorded notebooks in one language."""
    folder.mkdir()
    render.stage(REPOSITORY, dict.fromkeys(chapters(REPOSITORY), REPOSITORY), folder, "quarto")
    render.render_with_quarto(folder, language)
    return folder / "_site"


def real_by_pandoc(project: Path) -> Path:
    shutil.copytree(REPOSITORY, project, ignore=shutil.ignore_patterns(".*", "_site", "tests", "bench"))
    return publish.rendered(project, "pandoc", print)


@pytest.fixture(scope="module")
def renderings(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Renderings]:
    """What takes long, side by side."""
    folder = tmp_path_factory.mktemp("renderings")
    with ThreadPoolExecutor(max_workers=2) as pool:
        yield {
            "direct": pool.submit(quarto_alone, executed, folder / "direct"),
            "real kk": pool.submit(real_by_quarto, "kk", folder / "real-kk"),
            "real en": pool.submit(real_by_quarto, "en", folder / "real-en"),
            "real by pandoc": pool.submit(real_by_pandoc, folder / "pandoc"),
        }


@pytest.fixture(scope="module")
def built(executed: Path, renderings: Renderings, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The small project as `make site ENGINE=quarto` publishes it, and the last line said."""
    project = tmp_path_factory.mktemp("staged") / "project"
    shutil.copytree(executed, project)
    return project / "_site", publish.build(project, "quarto", print)


@pytest.fixture(scope="module")
def direct(renderings: Renderings) -> Path:
    return renderings["direct"].result()


@pytest.fixture(scope="module")
def real(renderings: Renderings) -> dict[str, Path]:
    by_quarto = renderings["real kk"].result()
    (renderings["real en"].result() / "en").rename(by_quarto / "en")
    write_whole_site(by_quarto, REPOSITORY)  # each was rendered without the other
    return {"pandoc": renderings["real by pandoc"].result(), "quarto": by_quarto}


def published_files(site: Path) -> set[str]:
    return set(contents(site))


@every_aspect
def test_quarto_publishes_recorded_notebooks_as_the_built_in_renderer_does(
    site: Path, built: tuple[Path, str], aspect: str
) -> None:
    expected = facts(site, aspect)
    assert len(expected) == 6
    assert any(expected.values()), f"the small site has no {aspect}"
    assert facts(built[0], aspect) == expected


@every_aspect
def test_quarto_alone_in_a_checkout_makes_the_same_pages(site: Path, direct: Path, aspect: str) -> None:
    assert facts(direct, aspect) == facts(site, aspect)


@every_aspect
def test_both_renderers_publish_the_real_chapters_alike(real: dict[str, Path], aspect: str) -> None:
    expected = facts(real["pandoc"], aspect)
    assert len(expected) == 2 * len(list(REPOSITORY.glob("chapters/*.qmd"))) + 2
    assert facts(real["quarto"], aspect) == expected


def test_both_renderers_publish_the_same_files(
    site: Path, built: tuple[Path, str], direct: Path, real: dict[str, Path]
) -> None:
    assert published_files(built[0]) == published_files(site)
    assert published_files(direct) == published_files(site)
    assert published_files(real["quarto"]) == published_files(real["pandoc"])


def test_search_finds_its_index_whoever_rendered(built: tuple[Path, str], direct: Path) -> None:
    for site in (built[0], direct):
        for language in ("kk", "en"):
            assert (site / language / "search-index.js").read_text(encoding="utf-8").count(".html") == 3


def test_the_last_line_names_quarto_and_its_version(built: tuple[Path, str]) -> None:
    line = r"Published 6 pages in 2 languages to _site/ with Quarto \d+\.\d+\.\d+ in \d+ s"
    assert re.fullmatch(line, built[1])


def test_what_quarto_cannot_resolve_is_named_and_nothing_is_published(executed: Path, tmp_path: Path) -> None:
    project = shutil.copytree(executed, tmp_path / "project")
    notebook = project / notebook_of(Path("chapters/notes.qmd"))
    text = notebook.read_text(encoding="utf-8").replace("@two2021", "@three2022").replace("@Tbl-plain", "@tbl-gone")
    notebook.write_text(text, encoding="utf-8")
    with pytest.raises(SiteError) as error:
        publish.rendered(project, "quarto", print)
    assert set(str(error.value).splitlines()) == {
        "en/chapters/notes.html: the citation @three2022 is not in references.bib",
        "en/chapters/notes.html: the link #ref-three2022 names no place of notes.html",
        "en/chapters/notes.html: the reference ?@tbl-gone names no figure or table of the page",
        "kk/chapters/notes.html: the citation @three2022 is not in references.bib",
        "kk/chapters/notes.html: the link #ref-three2022 names no place of notes.html",
    }
    assert not (project / "_site").exists()
