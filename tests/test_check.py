"""Bad data: every problem found, told in words that say where it is and what to do."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from thesis.check import check_data
from thesis.cli import main

from .conftest import REPOSITORY, file_of

TABLE = file_of("gti_2024_table")
TEXT = file_of("gti_2024_text")
SOURCES = file_of("gti_2024_reference")
COUNTRIES = file_of("countries")
PACKAGE = "data/datapackage.json"
HEADER = "country,row,rank,country_printed,score,score_printed,locus"
FIRST = "BFA,1,1,Буркина-Фасо,8.571,8.571,table-6"
SECOND = "ISR,2,2,Израиль,8.143,8.143,table-6"

Spoil = Callable[[Path], None]


def replaced(old: str, new: str, file: str = TABLE) -> Spoil:
    """A change of a real file: `old`, which must stand there, becomes `new`."""

    def spoil(project: Path) -> None:
        text = (project / file).read_text(encoding="utf-8")
        assert old in text, f"{file} no longer holds {old!r}: give this test something else to spoil"
        (project / file).write_text(text.replace(old, new), encoding="utf-8")

    return spoil


def without_column(project: Path) -> None:
    lines = [line.split(",") for line in (project / TABLE).read_text(encoding="utf-8").splitlines()]
    (project / TABLE).write_text("".join(",".join(line[:4] + line[5:]) + "\n" for line in lines), encoding="utf-8")


def with_column(project: Path) -> None:
    lines = (project / TABLE).read_text(encoding="utf-8").splitlines()
    text = "".join(f"{line},{'note' if number == 0 else 'x'}\n" for number, line in enumerate(lines))
    (project / TABLE).write_text(text, encoding="utf-8")


def written(data: bytes, file: str = TABLE) -> Spoil:
    def spoil(project: Path) -> None:
        (project / file).write_bytes(data)

    return spoil


def encoded(encoding: str) -> Spoil:
    def spoil(project: Path) -> None:
        text = (project / TABLE).read_text(encoding="utf-8")
        (project / TABLE).write_bytes(text.encode(encoding, errors="replace"))

    return spoil


def removed(file: str) -> Spoil:
    return lambda project: (project / file).unlink()


BAD = {
    "a missing column": (
        without_column,
        f"{TABLE}, line 1, column “score”: found no such column; "
        "expected the column, as datapackage.json lists it. Add the column.",
    ),
    "an extra column": (
        with_column,
        f"{TABLE}, line 1, column “note”: found a column nobody described; "
        "expected no such column. Delete it or describe it in datapackage.json.",
    ),
    "columns in another order": (
        replaced(HEADER, "row,country,rank,country_printed,score,score_printed,locus"),
        f"{TABLE}, line 1: found the columns row, country, rank, country_printed, score, score_printed, locus; "
        f"expected the order {HEADER.replace(',', ', ')}. Reorder the columns.",
    ),
    "a word for a whole number": (
        replaced(SECOND, "ISR,2,second,Израиль,8.143,8.143,table-6"),
        f"{TABLE}, line 3, column “rank”: found “second”; expected a whole number from 1 to 163. Correct the cell.",
    ),
    "a decimal comma": (
        replaced(FIRST, 'BFA,1,1,Буркина-Фасо,"8,571",8.571,table-6'),
        f"{TABLE}, line 2, column “score”: found “8,571”; "
        "expected a number with a decimal point from 0 to 10. Correct the cell.",
    ),
    "a score above ten": (
        replaced(FIRST, "BFA,1,1,Буркина-Фасо,10.5,10.5,table-6"),
        f"{TABLE}, line 2, column “score”: found “10.5”; "
        "expected a number with a decimal point from 0 to 10. Correct the cell.",
    ),
    "a score below zero": (
        replaced(SECOND, "ISR,2,2,Израиль,-0.1,-0.1,table-6"),
        f"{TABLE}, line 3, column “score”: found “-0.1”; "
        "expected a number with a decimal point from 0 to 10. Correct the cell.",
    ),
    "the same country twice": (
        replaced(SECOND, "BFA,2,2,Израиль,8.143,8.143,table-6"),
        f"{TABLE}, line 3, column “country”: found “BFA” a second time (it stands in line 2 already); "
        "expected each key once. Delete one of the two rows.",
    ),
    "an empty cell": (
        replaced(FIRST, "BFA,1,,Буркина-Фасо,8.571,8.571,table-6"),
        f"{TABLE}, line 2, column “rank”: found an empty cell; expected a whole number from 1 to 163. Fill the cell.",
    ),
    "a value outside a list": (
        replaced(",Afghanistan,other", ",Afghanistan,asia", COUNTRIES),
        f"{COUNTRIES}, line 2, column “group”: found “asia”; "
        "expected one of “kazakhstan”, “central-asia”, “neighbour”, “other”. Correct the cell.",
    ),
    "a country nobody described": (
        replaced(FIRST, "XXX,1,1,Буркина-Фасо,8.571,8.571,table-6"),
        f"{TABLE}, line 2, column “country”: found “XXX”; "
        "expected a value of “id” in the table “countries”. Correct the cell or add the row there.",
    ),
    "a locus nobody described": (
        replaced(FIRST, FIRST.replace("table-6", "table-66")),
        f"{TABLE}, line 2, column “locus”: found “table-66”; "
        "expected a value of “id” in the table “loci”. Correct the cell or add the row there.",
    ),
    "a source the bibliography lacks": (
        replaced("AFG,iep2024gti,", "AFG,nobody2024,", SOURCES),
        f"{SOURCES}, line 2, column “source”: found “nobody2024”; "
        "expected a key of references.bib. Add the entry or correct the key.",
    ),
    "a row with a cell too many": (
        replaced(SECOND, SECOND + ",more"),
        f"{TABLE}, line 3: found a cell too many, “more”; "
        "expected as many cells as the header has. Quote a cell that holds a comma.",
    ),
    "a row that ends too early": (
        replaced(SECOND, SECOND.removesuffix(",table-6")),
        f"{TABLE}, line 3, column “locus”: found a row that ends too early; "
        "expected a cell in every column. Add the cell.",
    ),
    "an empty line": (
        replaced(SECOND, SECOND + "\n"),
        f"{TABLE}, line 4: found an empty line; expected a row. Delete the line.",
    ),
    "an empty file": (
        written(b""),
        f"{TABLE}: found an empty file; "
        f"expected a header with {HEADER.replace(',', ', ')}. Restore it from git and edit that.",
    ),
    "a file with nothing but a byte order mark": (
        written(b"\xef\xbb\xbf\r\n"),
        f"{TABLE}: found an empty file; "
        f"expected a header with {HEADER.replace(',', ', ')}. Restore it from git and edit that.",
    ),
    "a header and no row": (
        written(HEADER.encode() + b"\n"),
        f"{TABLE}: found a header and no row; expected at least one row. Add the rows.",
    ),
    "semicolons": (
        replaced(",", ";"),
        f"{TABLE}, line 1: found the header “{HEADER.replace(',', ';')}”; "
        "expected columns separated by commas. Save the file again with the comma.",
    ),
    "Windows-1251": (
        encoded("windows-1251"),
        f"{TABLE}, line 2, column “country_printed”: found the byte 0xC1, which is not UTF-8 (Windows-1251, perhaps); "
        "expected text in UTF-8. Save the file again with the encoding UTF-8.",
    ),
    "UTF-16": (
        encoded("utf-16"),
        f"{TABLE}, line 1, column “country”: found the byte 0xFF, which is not UTF-8 (Windows-1251, perhaps); "
        "expected text in UTF-8. Save the file again with the encoding UTF-8.",
    ),
    "no file": (
        removed(TABLE),
        f"{TABLE}: found no file; expected the table “gti_2024_table”. Add it or drop its description.",
    ),
    "no description": (
        removed(PACKAGE),
        f"{PACKAGE}: found no file; expected the data package. Restore it from git.",
    ),
    "a description that is not JSON": (
        written(b'{"resources":\n[,]}', PACKAGE),
        f"{PACKAGE}, line 2: found text that is not JSON (Expecting value); expected valid JSON. Correct the line.",
    ),
    "a description without tables": (
        written(b"{}", PACKAGE),
        f"{PACKAGE}: found a description with a mistake (it lacks resources); "
        "expected a Frictionless data package. Correct it.",
    ),
    "a description without fields": (
        written(b'{"resources": [{"name": "bare", "path": "bare.csv"}]}', PACKAGE),
        f"{PACKAGE}: found a description with a mistake (it lacks schema); "
        "expected a Frictionless data package. Correct it.",
    ),
    "a description that is a list": (
        written(b"[]", PACKAGE),
        f"{PACKAGE}: found a description with a mistake (a list where names belong, or the reverse); "
        "expected a Frictionless data package. Correct it.",
    ),
    "a type that there is not": (
        replaced('"type": "integer"', '"type": "count"', PACKAGE),
        f'{PACKAGE}: found a description with a mistake (field type "count" is not supported); '
        "expected a Frictionless data package. Correct it.",
    ),
    "a field without a type": (
        replaced('"type": "integer"', '"kind": "integer"', PACKAGE),
        f"{PACKAGE}: found a description with a mistake (it lacks a type for the field “row” of “gti_2024_table”); "
        "expected a Frictionless data package. Correct it.",
    ),
    "a key of a column there is not": (
        replaced('"fields": "locus"', '"fields": "lokus"', PACKAGE),
        f"{PACKAGE}: found a description with a mistake (it lacks the field “lokus” in “gti_2024_table”, "
        "of which “gti_2024_table” makes a key); expected a Frictionless data package. Correct it.",
    ),
    "a key to a column there is not": (
        replaced('"fields": "id"', '"fields": "it"', PACKAGE),
        f"{PACKAGE}: found a description with a mistake (it lacks the field “it” in “countries”, "
        "of which “gti_2024_table” makes a key); expected a Frictionless data package. Correct it.",
    ),
    "a bibliography in Windows-1251": (
        written("@book{one,\n title = {Терроризм}}".encode("windows-1251"), "references.bib"),
        "references.bib, line 2: found the byte 0xD2, which is not UTF-8 (Windows-1251, perhaps); "
        "expected text in UTF-8. Save the file again with the encoding UTF-8.",
    ),
    "no bibliography": (
        removed("references.bib"),
        "references.bib: found no file; expected the bibliography. Restore it from git.",
    ),
    "a page in Windows-1251": (
        written("---\ntitle-kk: Жазба\n---\n".encode("windows-1251"), "chapters/notes.qmd"),
        "chapters/notes.qmd, line 2: found the byte 0xC6, which is not UTF-8 (Windows-1251, perhaps); "
        "expected text in UTF-8. Save the file again with the encoding UTF-8.",
    ),
    "a description in another encoding": (
        written('{"title":\n"Терроризм"}'.encode("windows-1251"), PACKAGE),
        f"{PACKAGE}, line 2: found the byte 0xD2, which is not UTF-8 (Windows-1251, perhaps); "
        "expected text in UTF-8. Save the file again with the encoding UTF-8.",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD.keys())
def test_one_mistake_is_one_problem_that_says_where_and_what(project: Path, spoil: Spoil, message: str) -> None:
    spoil(project)
    assert [str(problem) for problem in check_data(project)] == [message]


def test_a_key_to_a_table_that_is_not_there_is_an_error(project: Path) -> None:
    replaced('"resource": "countries"', '"resource": "nations"', PACKAGE)(project)
    assert str(check_data(project)[0]) == (
        f"{PACKAGE}: found a description with a mistake "
        "(it lacks the table “nations”, to which “gti_2024_table” has a key); "
        "expected a Frictionless data package. Correct it."
    )


def test_a_value_that_should_be_unique_is_named_the_second_time(project: Path) -> None:
    package = json.loads((project / PACKAGE).read_text(encoding="utf-8"))
    countries = next(resource for resource in package["resources"] if resource["name"] == "countries")
    next(field for field in countries["schema"]["fields"] if field["name"] == "name_kk")["constraints"]["unique"] = True
    (project / PACKAGE).write_text(json.dumps(package), encoding="utf-8")
    replaced("ARE,Біріккен Араб Әмірліктері,", "ARE,Ауғанстан,", COUNTRIES)(project)
    assert [str(problem) for problem in check_data(project)] == [
        f"{COUNTRIES}, line 3, column “name_kk”: found “Ауғанстан” a second time; "
        "expected each value once. Delete one of the rows."
    ]


def test_mistakes_in_several_files_are_all_reported_in_one_run(project: Path) -> None:
    replaced(FIRST, "BFA,1,first,Буркина-Фасо,11,11,table-6")(project)
    written(b"", TEXT)(project)
    replaced("AFG,iep2024gti,", "AFG,nobody2024,", SOURCES)(project)
    assert [(problem.file, problem.line, problem.column) for problem in check_data(project)] == [
        (TABLE, 2, "rank"),
        (TABLE, 2, "score"),
        (TEXT, None, None),
        (SOURCES, 2, "source"),
    ]


def test_a_table_that_cannot_be_read_is_reported_once_not_by_every_row_that_needs_it(project: Path) -> None:
    written(b"", COUNTRIES)(project)
    assert [problem.file for problem in check_data(project)] == [COUNTRIES]


WINDOWS = pytest.mark.parametrize(
    ("mark", "line_end"),
    [("\N{BOM}", "\n"), ("", "\r\n"), ("\N{BOM}", "\r\n")],
    ids=["BOM", "CRLF", "BOM and CRLF"],
)


@WINDOWS
def test_a_byte_order_mark_and_windows_line_ends_are_fine(project: Path, mark: str, line_end: str) -> None:
    for path in (project / "data").rglob("*.csv"):
        path.write_bytes((mark + path.read_text(encoding="utf-8").replace("\n", line_end)).encode())
    assert [str(problem) for problem in check_data(project)] == []


@WINDOWS
def test_lines_are_counted_right_in_a_file_from_windows(project: Path, mark: str, line_end: str) -> None:
    text = (project / TABLE).read_text(encoding="utf-8").replace("ISR,2,2,", "ISR,2,two,")
    (project / TABLE).write_bytes((mark + text.replace("\n", line_end)).encode())
    assert [(problem.line, problem.column, problem.found) for problem in check_data(project)] == [(3, "rank", "“two”")]


def test_the_real_data_has_no_problem() -> None:
    assert [str(problem) for problem in check_data(REPOSITORY)] == []


def test_the_command_lists_problems_for_people_and_ends_with_2(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil, message = BAD["a score above ten"]
    spoil(project)
    monkeypatch.chdir(project)
    assert main(["check"]) == 2
    assert capsys.readouterr() == (message + "\n", "1 problem in data/\n")


def test_the_command_lists_problems_for_machines(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    BAD["a score above ten"][0](project)
    monkeypatch.chdir(project)
    assert main(["check", "--format", "json"]) == 2
    assert json.loads(capsys.readouterr().out) == [
        {
            "file": TABLE,
            "line": 2,
            "column": "score",
            "found": "“10.5”",
            "expected": "a number with a decimal point from 0 to 10",
            "remedy": "Correct the cell.",
        }
    ]


def test_the_command_says_when_all_is_well(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    assert main(["check"]) == 0
    assert capsys.readouterr() == ("", "data/ is as described\n")
    assert main(["check", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
