"""A build that reuses what was made before gives the same bytes as one that makes all anew."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from thesis import publish
from thesis.published import UNCHANGED
from thesis.site import finish

from .conftest import contents, file_of

TABLE = file_of("gti_2024_table")


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        path = project / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} no longer holds {old!r}: give this test something else to change"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def recolour(project: Path) -> None:
    path = project / "assets" / "palette.json"
    palette = json.loads(path.read_text(encoding="utf-8"))
    palette["light"]["kazakhstan"] = "#123456"
    path.write_text(json.dumps(palette), encoding="utf-8")


def add_page(project: Path) -> None:
    shutil.copy(project / "chapters" / "notes.qmd", project / "chapters" / "another.qmd")


INPUTS: dict[str, Callable[[Path], None]] = {
    "table": edit(TABLE, "8.571,8.571", "9.571,9.571"),
    "description": edit("data/countries.yml", "title_en: Countries", "title_en: Nations"),
    "prose": edit("chapters/measured.qmd", "The highest score is", "The very highest score is"),
    "code": edit("chapters/measured.qmd", "head(3)", "head(2)"),
    "figure": edit("chapters/measured.qmd", "title(", "title('Another: ' + "),
    "new page": add_page,
    "settings": edit("_quarto.yml", "toc-depth: 3", "toc-depth: 2"),
    "address": edit("_quarto.yml", "http://127.0.0.1:8000/", "https://example.org/"),
    "profile": edit("_quarto-en.yml", "Political mechanisms", "Mechanisms"),
    "sidebar": edit("_quarto-kk.yml", "Жазба", "Жазбалар"),
    "words": edit("assets/words.yml", "Search", "Seek"),
    "abbreviations": edit("assets/abbreviations.yml", "\nen:\n", "\nen:\n  wrote: A word of the small site\n"),
    "colours": recolour,
    "style sheet": edit("assets/site.css", "body", "body "),
    "script": edit("assets/site.js", "(", " ("),
    "template": edit("assets/page.html", "<body>", "<body data-new>"),
    "filter": edit("filters/page.lua", "pandoc.Header(2, words.references", "pandoc.Header(3, words.references"),
    "bibliography": edit("references.bib", "First Book", "Very First Book"),
    "citation style": edit("assets/citations.csl", 'initialize-with=". "', 'initialize-with=""'),
    "page for unknown addresses": edit("assets/site/404.html", "<body", '<body data-new="1"'),
    "lock": edit("requirements.lock", "pandas==3", "pandas==2"),
}


@pytest.fixture(scope="module")
def built(executed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project, built, with all that building keeps; not to be changed."""
    project = tmp_path_factory.mktemp("built") / "project"
    shutil.copytree(executed, project)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finish, "begin_chart_library", lambda *_: lambda: [b""])
        publish.build(project, "pandoc", print, 2)
    return project


@pytest.mark.parametrize("name", INPUTS)
def test_a_reusing_build_equals_a_fresh_one(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(finish, "begin_chart_library", lambda *_: lambda: [b""])
    reused, fresh = (shutil.copytree(built, tmp_path / folder) for folder in ("reused", "fresh"))
    for project in (reused, fresh):
        INPUTS[name](project)
    shutil.rmtree(fresh / ".build")
    publish.build(reused, "pandoc", print, 2)
    publish.build(fresh, "pandoc", print, 1)
    before, one, other = (contents(project / "_site") for project in (built, reused, fresh))
    assert one.keys() == other.keys()
    assert [path for path in one if one[path] != other[path]] == []
    assert one != before, f"changing the {name} changes nothing: this test shows nothing"


def test_damaged_and_deleted_results_are_made_again(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finish, "begin_chart_library", lambda *_: lambda: [b""])
    project = shutil.copytree(built, tmp_path / "project")
    (project / ".build" / "published.json").write_text("{", encoding="utf-8")
    for place, path in enumerate(sorted((project / ".build" / "kept").glob("*/*"))):
        if place % 3 == 0:
            path.write_bytes(path.read_bytes()[:-1] + b"!")
        elif place % 3 == 1:
            path.unlink()
    publish.build(project, "pandoc", print, 2)
    assert contents(project / "_site") == contents(built / "_site")


def test_a_site_edited_by_hand_is_published_again(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finish, "begin_chart_library", lambda *_: lambda: [b""])
    project = shutil.copytree(built, tmp_path / "project")
    assert publish.build(project, "pandoc", print) == UNCHANGED
    (project / "_site" / "en" / "index.html").write_text("edited", encoding="utf-8")
    assert publish.build(project, "pandoc", print).startswith("Published 6 pages")
    assert contents(project / "_site") == contents(built / "_site")
