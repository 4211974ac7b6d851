"""Mistakes a maintainer can make that no descriptor catches, each made in a copy of a real file."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from thesis.check import check_data

from .conftest import REPOSITORY, description_of, file_of

AFTER = file_of("events_after")
FACTS, TEXT, EVENTS = file_of("gti_2024_facts"), file_of("gti_2024_text"), file_of("events")
RECOMMENDATIONS, EVIDENCE = file_of("recommendations"), file_of("recommendation_evidence")
EVIDENCE_TABLES = file_of("evidence_tables")
FUNCTION_KINDS, RISKS, THREADS = file_of("function_kinds"), file_of("recommendation_risks"), file_of("argument_threads")
PROBLEM_OPINIONS, PROBLEM_ANSWERS = file_of("problem_opinions"), file_of("problem_recommendations")
COUNTRIES, REFERENCE, TOTALS = file_of("countries"), file_of("gti_2024_reference"), file_of("event_totals")


LATER = (
    "after 2025-04-07, the last day of the thesis. "
    "Correct it; what came after the thesis stands in data/after/, with a source and no locus."
)


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
    "a day after the thesis": (
        (EVENTS, "date", "2025-04-08", {"row": "38"}),
        f"found “2025-04-08”; expected no time {LATER}",
    ),
    "a last day after the thesis": (
        (EVENTS, "date_end", "2025-04-08", {"row": "37"}),
        f"found “2025-04-08”; expected no time {LATER}",
    ),
    "a year after the thesis": (
        (EVENTS, "year", "2026", {"row": "3"}),
        f"found “2026”; expected no time {LATER}",
    ),
    "a year after the thesis in a column of whole numbers": (
        (file_of("world_events"), "year", "2026", {"id": "september-11"}),
        f"found “2026”; expected no time {LATER}",
    ),
    "a source without an entry": (
        (REFERENCE, "source", "nobody2024", {"country": "ARM"}),
        "found “nobody2024”; expected a key of references.bib. Add the entry or correct the key.",
    ),
    "a tie to evidence that is not there": (
        (RECOMMENDATIONS, "tie", "found", {"id": "1.1-section-3"}),
        f"found “found”; expected “none”, since {EVIDENCE} has nothing for “1.1-section-3”. "
        "Correct the cell or add the evidence there.",
    ),
    "evidence that no tie speaks of": (
        (RECOMMENDATIONS, "tie", "none", {"id": "1.1-section-1"}),
        f"found “none”; expected “named” or “found”, since line 2 of {EVIDENCE} has evidence for “1.1-section-1”. "
        "Correct the cell or delete the evidence there.",
    ),
    "a tie nobody described": (
        (RECOMMENDATIONS, "tie", "guessed", {"id": "1.2-measure-1"}),
        "found “guessed”; expected one of “named”, “found”, “none”. Correct the cell.",
    ),
    "a recommendation without a tie": (
        (RECOMMENDATIONS, "tie", "", {"id": "1.2-measure-2"}),
        "found an empty cell; expected one of “named”, “found”, “none”. Fill the cell.",
    ),
    "evidence for no recommendation": (
        (EVIDENCE, "recommendation", "1.2-measure-9", {"key": "legislation-weakness"}),
        "found “1.2-measure-9”; expected a value of “id” in the table “recommendations”. "
        "Correct the cell or add the row there.",
    ),
    "evidence that is no row": (
        (EVIDENCE, "key", "practice-99", {"recommendation": "2.1-implementation-1", "key": "practice-04"}),
        "found “practice-99”; expected a value of “id” in the table “successful_practices”, "
        "or an empty cell for the whole table. Correct the cell or add the row there.",
    ),
    "a row of another table as evidence": (
        (EVIDENCE, "table", "risk_map", {"recommendation": "2.1-implementation-2", "key": "practice-05"}),
        "found “practice-05”; expected a value of “id” in the table “risk_map”, "
        "or an empty cell for the whole table. Correct the cell or add the row there.",
    ),
    "evidence from a table without a kind": (
        (EVIDENCE, "table", "countries", {"recommendation": "2.1-implementation-3"}),
        "found “countries”; expected a value of “table” in the table “evidence_tables”. "
        "Correct the cell or add the row there.",
    ),
    "the same evidence twice": (
        (EVIDENCE, "key", "practice-02", {"recommendation": "2.1-implementation-2", "key": "practice-05"}),
        "found “2.1-implementation-2, successful_practices, practice-02” a second time (it stands in line 20 already); "
        "expected each key once. Delete one of the two rows.",
    ),
    "an evidence table that is not there": (
        (EVIDENCE_TABLES, "table", "risk_maps", {"table": "risk_map"}),
        "found “risk_maps”; expected the name of a table of data/. Correct the cell.",
    ),
    "a kind of evidence nobody described": (
        (EVIDENCE_TABLES, "kind", "rumour", {"table": "events"}),
        "found “rumour”; expected one of “number”, “described”, “opinion”. Correct the cell.",
    ),
    "a problem backed by no statement": (
        (PROBLEM_OPINIONS, "statement", "expert-99.1", {"problem": "problem-2-1"}),
        "found “expert-99.1”; expected a value of “id” in the table “expert_statements”. "
        "Correct the cell or add the row there.",
    ),
    "a problem that nobody stated": (
        (PROBLEM_OPINIONS, "problem", "problem-9-9", {"problem": "problem-2-2"}),
        "found “problem-9-9”; expected a value of “id” in the table “conclusion_problems”. "
        "Correct the cell or add the row there.",
    ),
    "a problem answered by another section": (
        (PROBLEM_ANSWERS, "recommendation", "3.2-recommendation-1", {"problem": "problem-2-1"}),
        "found “3.2-recommendation-1”; expected text of the form conclusion-[a-z0-9-]+. Correct the cell.",
    ),
    "a function that no body has": (
        (FUNCTION_KINDS, "function", "president-99", {"function": "president-2"}),
        "found “president-99”; expected a value of “id” in the table “body_functions”. "
        "Correct the cell or add the row there.",
    ),
    "a kind of function nobody described": (
        (FUNCTION_KINDS, "kind", "ceremony", {"function": "defence-3"}),
        "found “ceremony”; expected one of “rules”, “crimes”, “operations”, “sites”, “coordination”, “information”, "
        "“harm”, “general”. Correct the cell.",
    ),
    "an answer to no risk": (
        (RISKS, "risk", "boredom", {"recommendation": "3.2-recommendation-2"}),
        "found “boredom”; expected a value of “id” in the table “risk_map”. Correct the cell or add the row there.",
    ),
    "a risk answered by another section": (
        (RISKS, "recommendation", "conclusion-recommendation-1-1", {"recommendation": "3.2-recommendation-3"}),
        "found “conclusion-recommendation-1-1”; expected text of the form 3[.]2-[a-z0-9-]+. Correct the cell.",
    ),
    "a thread with a task that is none": (
        (THREADS, "task", "novelty-1", {"id": "concepts"}),
        "found “novelty-1”; expected text of the form task-[0-9]. Correct the cell.",
    ),
    "a thread with a method nobody named": (
        (THREADS, "method", "method-guessing", {"id": "law"}),
        "found “method-guessing”; expected a value of “id” in the table “thesis_aims”. "
        "Correct the cell or add the row there.",
    ),
    "a thread with a result nobody printed": (
        (THREADS, "result", "9", {"id": "abroad"}),
        "found “9”; expected a value of “printed_number” in the table “conclusion_results”. "
        "Correct the cell or add the row there.",
    ),
}
ELSEWHERE = {
    "a row of another table as evidence": "key",
    "the same evidence twice": "recommendation, table, key",
}
"""The column in which a wrong cell is told, where it is not its own."""


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
    column = ELSEWHERE.get(name, column)
    line, problems = all_told[name]
    assert f"{file}, line {line}, column “{column}”: {expected}" in problems


def test_a_month_after_the_thesis_is_told_and_a_plan_is_not(project: Path) -> None:
    edit(project, EVENTS, "year", "2025", row="2")
    edit(project, EVENTS, "month", "4", row="2")
    assert told(project) == []
    line = edit(project, EVENTS, "month", "5", row="2")
    month = f"{EVENTS}, line {line}, column “month”: found “2025-05”; expected no time {LATER}"
    assert told(project) == [month]
    path = project / description_of("documents_mentioned")
    path.write_text(path.read_text(encoding="utf-8").replace(" {planned: true}", ""), encoding="utf-8")
    other, plan = told(project)
    assert plan.endswith(f"column “year_end”: found “2029”; expected no time {LATER}")
    assert other == month


def test_what_came_after_the_thesis_is_later_and_judges_no_claim(project: Path) -> None:
    rows = {"2025-04-07": "2025,4", "2025-04-08": "2025,4", "": "2025,4", "2005-04-08": "2005,4"}
    with (project / AFTER).open("a", encoding="utf-8") as table:
        for number, (day, month) in enumerate(rows.items()):
            precision = "day" if day else "month"
            text = f"Мысал {number}.,Example {number}."
            table.write(f"e{number},{day},,{precision},{month},,,,verbal,exercise,,,{text},,trend2024gti,Words\n")
    expected = "expected a time after 2025-04-07, the last day of the thesis. "
    expected += "Correct it, or give the row to a table of data/reference/."
    claim = edit(project, "data/claims.csv", "table", "events_after", table="events")
    problems = told(project)
    for line, day in ((2, "2025-04-07"), (5, "2005-04-08")):
        assert f"{AFTER}, line {line}, column “date”: found “{day}”; {expected}" in problems
    assert not any(it.startswith((f"{AFTER}, line 3", f"{AFTER}, line 4")) for it in problems)
    assert not any(it.startswith("data/claims.csv") for it in problems), "its table is told of first"
    edit(project, AFTER, "date", "2026-04-08", id="e0")
    edit(project, AFTER, "year", "2026", id="e0")
    edit(project, AFTER, "date", "2026-04-09", id="e3")
    edit(project, AFTER, "year", "2026", id="e3")
    (problem,) = (it for it in told(project) if "events_after" in it)
    assert problem.startswith(f"data/claims.csv, line {claim}, column “table”: found “events_after” in the claim ")
    assert "; expected a table of the thesis or of data/reference/. " in problem


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


def test_a_recommendation_that_lost_its_evidence_is_told(project: Path) -> None:
    path = project / EVIDENCE
    path.write_text(
        path.read_text(encoding="utf-8").replace("1.2-chapter-1,terrorism_typology,\n", ""), encoding="utf-8"
    )
    line = edit(project, RECOMMENDATIONS, "tie", "named", id="1.2-chapter-1")
    expected = f"“none”, since {EVIDENCE} has nothing for “1.2-chapter-1”. Correct the cell or add the evidence there."
    assert told(project) == [f"{RECOMMENDATIONS}, line {line}, column “tie”: found “named”; expected {expected}"]


@pytest.mark.parametrize(
    ("table", "column"),
    [("recommendations", "tie"), ("recommendation_evidence", "key"), ("evidence_tables", "table")],
)
def test_evidence_in_a_column_of_another_name_is_passed_over(project: Path, table: str, column: str) -> None:
    rows, described = project / file_of(table), project / description_of(table)
    header, rest = rows.read_text(encoding="utf-8").split("\n", 1)
    header = ",".join("other" if name == column else name for name in header.split(","))
    rows.write_text(f"{header}\n{rest}", encoding="utf-8")
    text = described.read_text(encoding="utf-8")
    for before, after in (("\n  {}:\n", "\n  other:\n"), (", {}]\n", ", other]\n"), ("\nkey: {}\n", "\nkey: other\n")):
        text = text.replace(before.format(column), after)
    described.write_text(text, encoding="utf-8")
    assert [line for line in told(project) if not line.startswith("data/conclusion/recommendation_evidence.yml")] == []


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
