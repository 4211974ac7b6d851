"""Mistakes a maintainer can make that no descriptor catches, each made in a copy of a real file."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from thesis.check import check_data

from .conftest import REPOSITORY, file_of

FACTS, TEXT, EVENTS = file_of("gti_2024_facts"), file_of("gti_2024_text"), file_of("events")
COUNTRIES, REFERENCE, TOTALS = file_of("countries"), file_of("gti_2024_reference"), file_of("event_totals")


@pytest.fixture(scope="module")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pristine")
    for name in ("data", "chapters"):
        shutil.copytree(REPOSITORY / name, folder / name)
    for name in ("references.bib", "index.qmd"):
        shutil.copy(REPOSITORY / name, folder / name)
    return folder


@pytest.fixture
def project(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "project"))


def edit(project: Path, file: str, column: str, value: str, **where: str) -> int:
    """Write `value` into the first row that has the cells of `where`; return the row's line."""
    with (project / file).open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        rows = list(reader)
    number = next(n for n, row in enumerate(rows) if all(row[key] == cell for key, cell in where.items()))
    rows[number][column] = value
    with (project / file).open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return number + 2


def told(project: Path) -> list[str]:
    return [str(problem) for problem in check_data(project)]


def test_the_real_data_keeps_every_rule(pristine: Path) -> None:
    assert told(pristine) == []


CELLS = {
    "a unit nobody described": (
        (FACTS, "unit", "attaks", {"id": "burkina-faso-attacks"}),
        "found “attaks”; expected one of “attacks”, “countries”, “deaths”, “percent”, “score”, “year”, “years”. "
        "Correct the cell.",
    ),
    "a category nobody described": (
        (COUNTRIES, "group", "others", {"id": "BFA"}),
        "found “others”; expected one of “kazakhstan”, “central-asia”, “neighbour”, “other”. Correct the cell.",
    ),
    "a key that points nowhere": (
        (FACTS, "locus", "2.1-p999", {"id": "burkina-faso-attacks"}),
        "found “2.1-p999”; expected a value of “id” in the table “loci”. Correct the cell or add the row there.",
    ),
    "a Latin letter in a Kazakh word": (
        (COUNTRIES, "name_kk", "Қaзақстан", {"id": "KAZ"}),
        "found “Қaзақстан”, in which a is Latin; expected one alphabet in a word. Type the word again.",
    ),
    "Kazakh where English should be": (
        (COUNTRIES, "name_en", "Қырғызстан Республикасы", {"id": "KGZ"}),
        "found “Қырғызстан Республикасы”; expected English. Swap the two languages, or translate.",
    ),
    "a swapped decimal comma": (
        (FACTS, "value", "997", {"id": "population-covered"}),
        "found 997 where “99,7” is printed; expected the printed number, or a remark that says why not. "
        "Correct the number (a decimal comma becomes a point) or fill remark_kk and remark_en.",
    ),
    "a space at the end": (
        (COUNTRIES, "name_en", "Mali ", {"id": "MLI"}),
        "found “Mali ”; expected no space at either end, none doubled. Delete the spaces.",
    ),
    "a doubled space": (
        (COUNTRIES, "name_en", "Burkina  Faso", {"id": "BFA"}),
        "found “Burkina  Faso”; expected no space at either end, none doubled. Delete the spaces.",
    ),
    "a day that no month has": (
        (EVENTS, "date", "1999-02-30", {"row": "1"}),
        "found “1999-02-30”; expected a date as YYYY-MM-DD. Correct the cell.",
    ),
    "a day where only a month is printed": (
        (EVENTS, "date", "1992-02-01", {"row": "2"}),
        "found “1992-02-01”; expected no day, since date_precision is “month”. Use the columns year and month.",
    ),
    "a year that is not the date’s": (
        (EVENTS, "year", "1998", {"row": "1"}),
        "found “1998”; expected “1999”, as in 1999-07-13. Correct one of them.",
    ),
    "an end before the beginning": (
        (EVENTS, "date_end", "1999-07-01", {"row": "1"}),
        "found “1999-07-01”; expected no date before 1999-07-13. Correct one of them.",
    ),
    "a missing day": (
        (EVENTS, "date", "", {"row": "1"}),
        "found an empty cell; expected a date, since date_precision is “day”. Fill it or say less.",
    ),
    "a source without an entry": (
        (REFERENCE, "source", "nobody2024", {"country": "ARM"}),
        "found “nobody2024”; expected a key of references.bib. Add the entry or correct the key.",
    ),
}


@pytest.fixture(scope="module")
def all_told(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, list[str]]]:
    """The line of each wrong cell and all that is told where it is wrong, as others in other rows are."""
    found: dict[str, tuple[int, list[str]]] = {}
    while len(found) < len(CELLS):
        rows: dict[tuple[str, ...], str] = {}
        for name, ((file, _, _, where), _) in CELLS.items():
            if name not in found:
                rows.setdefault((file, *where.values()), name)
        project = shutil.copytree(pristine, tmp_path_factory.mktemp("wrong") / "project")
        lines = {name: edit(project, *CELLS[name][0][:3], **CELLS[name][0][3]) for name in rows.values()}
        problems = told(project)
        found |= {name: (line, problems) for name, line in lines.items()}
    return found


@pytest.mark.parametrize("name", CELLS)
def test_a_wrong_cell_is_told_with_its_place(all_told: dict[str, tuple[int, list[str]]], name: str) -> None:
    (file, column, _, _), expected = CELLS[name]
    line, problems = all_told[name]
    assert f"{file}, line {line}, column “{column}”: {expected}" in problems


def test_a_missing_translation_is_told_with_what_is_to_be_translated(project: Path) -> None:
    line = edit(project, TEXT, "remark_en", "", id="2.1-p086-09")
    remark = "Сөйлем бұзылған: ел атауынан «ia» деген екі әріп қана қалған."
    expected = f"found an empty cell; expected the translation of “{remark}”. Translate it."
    assert told(project) == [f"{TEXT}, line {line}, column “remark_en”: {expected}"]


def test_a_row_said_twice_is_told(project: Path) -> None:
    path = project / TOTALS
    lines = path.read_text(encoding="utf-8").splitlines()
    again = "again," + lines[1].split(",", 1)[1]
    path.write_text("\n".join([*lines, again]) + "\n", encoding="utf-8")
    expected = "found the same row as in line 2; expected each row once. Delete one of them."
    assert told(project) == [f"{TOTALS}, line {len(lines) + 1}: {expected}"]


def test_a_table_nobody_described_is_told(project: Path) -> None:
    (project / "data" / "2.1" / "new.csv").write_text("a\n1\n", encoding="utf-8")
    assert told(project) == [
        "data/2.1/new.csv: found a table without a description; expected its description, new.yml, beside it. "
        "Delete it, or describe it: `thesis describe data/2.1/new.csv` drafts the file."
    ]


def test_a_file_that_is_no_table_is_told(project: Path) -> None:
    (project / "data" / "2.1" / "notes.CSV").write_text("a\n1\n", encoding="utf-8")
    assert told(project) == [
        "data/2.1/notes.CSV: found a file of another kind; expected a table (.csv) or its description (.yml). "
        "Move it out of data/."
    ]


BIBLIOGRAPHY: dict[str, tuple[Callable[[str], str], str]] = {
    "an entry nothing cites": (
        lambda text: text + "\n@misc{unread2020,\n  title = {{Unread}},\n}\n",
        "found “unread2020”, which nothing cites; expected a row or a page that cites it. Cite it or delete it.",
    ),
    "two entries with one key": (
        lambda text: text + "\n@misc{trend2024gti,\n  title = {{Again}},\n}\n",
        "found two entries “trend2024gti”; expected each key once. Delete one of them.",
    ),
}


@pytest.mark.parametrize(("change", "expected"), BIBLIOGRAPHY.values(), ids=BIBLIOGRAPHY)
def test_a_slip_in_the_bibliography_is_told(project: Path, change: Callable[[str], str], expected: str) -> None:
    path = project / "references.bib"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert told(project) == [f"references.bib: {expected}"]


def test_mistakes_of_every_kind_are_told_in_one_run(project: Path) -> None:
    edit(project, COUNTRIES, "name_en", "Mali ", id="MLI")
    edit(project, FACTS, "value", "997", id="population-covered")
    edit(project, EVENTS, "year", "1998", row="1")
    assert {line.split(",")[0] for line in told(project)} == {COUNTRIES, FACTS, EVENTS}
