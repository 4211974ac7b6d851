"""Real Quarto and the built-in renderer make the same site, page by page."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from thesis import publish
from thesis.execution.execute import notebook_of
from thesis.failures import SiteError

from .conftest import REPOSITORY, contents, render_recorded
from .page_comparison import ASPECTS, facts

pytestmark = pytest.mark.skipif(
    shutil.which("quarto") is None,
    reason="Quarto is not on the PATH: the two renderers cannot be compared here",
)
of_the_real_chapters = pytest.mark.xdist_group("quarto: the real chapters")
every_aspect = pytest.mark.parametrize("aspect", ASPECTS)


@pytest.fixture(scope="module")
def built(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The small project as `make site ENGINE=quarto` publishes it, and the last line said."""
    project = tmp_path_factory.mktemp("staged") / "project"
    shutil.copytree(executed, project)
    return project / "_site", publish.build(project, "quarto", print, workers=2)


@pytest.fixture(scope="module")
def direct(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project as `quarto render --profile …` makes it in a checkout, executing by itself."""
    project = tmp_path_factory.mktemp("direct") / "project"
    shutil.copytree(executed, project, ignore=shutil.ignore_patterns("notebooks"))
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    del environment["THESIS_FIGURES"]
    for language in ("kk", "en"):
        command = ["quarto", "render", "--profile", language]
        run = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr
    return project / "_site"


@pytest.fixture(scope="module")
def real(real_site: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The real project's recorded notebooks by either renderer."""
    project = tmp_path_factory.mktemp("real") / "project"
    shutil.copytree(REPOSITORY, project, ignore=shutil.ignore_patterns(".*", "_site", "tests", "bench"))
    return {"pandoc": real_site, "quarto": render_recorded(project, "quarto", workers=2)}


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


@of_the_real_chapters
@every_aspect
def test_both_renderers_publish_the_real_chapters_alike(real: dict[str, Path], aspect: str) -> None:
    expected = facts(real["pandoc"], aspect)
    assert len(expected) == 2 * len(list(REPOSITORY.glob("chapters/*.qmd"))) + 2
    assert facts(real["quarto"], aspect) == expected


def test_both_renderers_publish_the_same_files(site: Path, built: tuple[Path, str], direct: Path) -> None:
    assert published_files(built[0]) == published_files(site)
    assert published_files(direct) == published_files(site)


@of_the_real_chapters
def test_both_renderers_publish_the_same_real_files(real: dict[str, Path]) -> None:
    assert published_files(real["quarto"]) == published_files(real["pandoc"])


def test_search_finds_its_index_whoever_rendered(built: tuple[Path, str], direct: Path) -> None:
    for site in (built[0], direct):
        for language in ("kk", "en"):
            assert (site / language / "search-index.js").read_text(encoding="utf-8").count(".html") == 3


def test_the_last_line_names_quarto_and_its_version(built: tuple[Path, str]) -> None:
    line = r"Published 6 pages in 2 languages to _site/ with Quarto \d+\.\d+\.\d+ in \d+ s: 6 pages rendered, 0 reused"
    assert re.fullmatch(line, built[1])


def test_what_quarto_cannot_resolve_is_named_and_nothing_is_published(executed: Path, tmp_path: Path) -> None:
    project = shutil.copytree(executed, tmp_path / "project")
    notebook = project / notebook_of(Path("chapters/notes.qmd"))
    text = notebook.read_text(encoding="utf-8").replace("@two2021", "@three2022").replace("@Tbl-plain", "@tbl-gone")
    notebook.write_text(text, encoding="utf-8")
    with pytest.raises(SiteError) as error:
        render_recorded(project, "quarto")
    assert set(str(error.value).splitlines()) == {
        "en/chapters/notes.html: the citation @three2022 is not in references.bib",
        "en/chapters/notes.html: the link #ref-three2022 names no place of notes.html",
        "en/chapters/notes.html: the reference ?@tbl-gone names no figure or table of the page",
        "kk/chapters/notes.html: the citation @three2022 is not in references.bib",
        "kk/chapters/notes.html: the link #ref-three2022 names no place of notes.html",
    }
    assert not (project / "_site").exists()
