"""Bad data: every problem found, told in words that say where it is and what to do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from thesis.check import check_data
from thesis.cli import main
from thesis.language import LANGUAGES

from .conftest import REPOSITORY, description_of, file_of

TABLE = file_of("gti_2024_table")
TEXT = file_of("gti_2024_text")
SOURCES = file_of("gti_2024_reference")
COUNTRIES = file_of("countries")
DESCRIPTION = description_of("gti_2024_table")
COUNTRIES_DESCRIBED = description_of("countries")
SHARED, PACKAGE = "data/fields.yml", "data/package.yml"
HEADER = "country,row,rank,country_printed,score,score_printed,locus"
FIRST = "BFA,1,1,Буркина-Фасо,8.571,8.571,table-6"
SECOND = "ISR,2,2,Израиль,8.143,8.143,table-6"

Spoil = Callable[[Path], object]


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


def foldered(file: str) -> Spoil:
    """A folder stands where the file was."""

    def spoil(project: Path) -> None:
        (project / file).unlink()
        (project / file).mkdir()

    return spoil


FORM = "expected lines of the form “key: text”, indented with spaces"
SLIP = "Correct the line or one above it; a text with “: ” or “ #” in it needs quotes."


CODES = "    codes: [kazakhstan, central-asia, neighbour, other]\n"


TEXTS = [f"{text}_{language}" for text in ("title", "description") for language in LANGUAGES]
NOTE = "".join(f"    {key}: Note\n" for key in TEXTS)
NOTE += "    type: string\n    codes:\n      seen: {kk: Көрілді, en: Seen}\n"


def labelled(**codes: str) -> str:
    """The codes of a country's group with words, those given instead of or after the real ones."""
    words = dict.fromkeys(("kazakhstan", "central-asia", "neighbour", "other"), "{kk: Топ, en: Group}") | codes
    return "    codes:\n" + "".join(f"      {code}: {text}\n" for code, text in words.items())


def cut(path: Path, before: str) -> None:
    """Leave of a file what stands before a text."""
    path.write_text(path.read_text(encoding="utf-8").partition(before)[0], encoding="utf-8")


def copied(file: str, to: str) -> Spoil:
    return lambda project: shutil.copy(project / file, project / to)


def both(*spoils: Spoil) -> Spoil:
    return lambda project: [spoil(project) for spoil in spoils]


def renamed(column: str, to: str, table: str) -> Spoil:
    """A column is called otherwise, in its table and its description."""
    return both(
        replaced(f"{column},", f"{to},", file_of(table)), replaced(f"  {column}:", f"  {to}:", description_of(table))
    )


def minimum(given: str, found: str) -> tuple[Spoil, str]:
    message = (
        f"{DESCRIPTION}, line 15: found {found} as minimum of the field “row” of “gti_2024_table”; "
        "expected a number with a decimal point. Correct the line."
    )
    return replaced("  row:\n", f"  row: {{minimum: {given}}}\n", DESCRIPTION), message


BAD = {
    "a missing column": (
        without_column,
        f"{TABLE}, line 1, column “score”: found no such column; "
        "expected the column, as line 21 of gti_2024_table.yml has it. Add the column, or delete it there.",
    ),
    "an extra column": (
        with_column,
        f"{TABLE}, line 1, column “note”: found a column nobody described; "
        "expected no such column. Delete it or describe it in gti_2024_table.yml.",
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
    "a folder where a table belongs": (
        foldered(TABLE),
        f"{TABLE}: found a folder; expected the table “gti_2024_table”. Add it or drop its description.",
    ),
    "a number without end": (
        replaced(FIRST, "BFA,1,1,Буркина-Фасо,1e400,8.571,table-6"),
        f"{TABLE}, line 2, column “score”: found “1e400”; "
        "expected a number with a decimal point from 0 to 10. Correct the cell.",
    ),
    "digits of another script": (
        replaced(SECOND, "ISR,2,٢,Израиль,8.143,8.143,table-6"),
        f"{TABLE}, line 3, column “rank”: found “٢”; expected a whole number from 1 to 163. Correct the cell.",
    ),
    "a cell of a book’s length": (
        replaced(FIRST, f"BFA,1,1,{'Б' * 200_000},8.571,8.571,table-6"),
        f"{TABLE}, line 2: found a cell that cannot be read (field larger than field limit (131072)); "
        "expected cells of a readable length. Shorten the cell.",
    ),
}


DESCRIPTIONS = {
    "a table without a description": (
        removed(DESCRIPTION),
        f"{TABLE}: found a table without a description; expected its description, gti_2024_table.yml, beside it. "
        f"Delete it, or describe it: `thesis describe {TABLE}` drafts the file.",
    ),
    "no shared fields": (
        removed(SHARED),
        f"{SHARED}: found no file; expected the fields that tables share. Restore it from git.",
    ),
    "no package": (
        removed(PACKAGE),
        f"{PACKAGE}: found no file; expected the facts of the whole data package. Restore it from git.",
    ),
    "a folder where a description belongs": (
        foldered(DESCRIPTION),
        f"{DESCRIPTION}: found a folder; expected the description of a table. Rename it.",
    ),
    "an empty description": (
        written(b"", DESCRIPTION),
        f"{DESCRIPTION}: found an empty file; expected a description. Restore it from git.",
    ),
    "a description that is a list": (
        written(b"- one\n- two\n", DESCRIPTION),
        f"{DESCRIPTION}, line 1: found a list; {FORM}. Correct the line.",
    ),
    "a tab": (
        replaced("  rank:\n", "\trank:\n", DESCRIPTION),
        f"{DESCRIPTION}, line 16: found a tab or another character that no text begins with; {FORM}. {SLIP}",
    ),
    "a missing colon": (
        replaced("key: country\n", "key country\n", DESCRIPTION),
        f"{DESCRIPTION}, line 9: found a key without its colon; {FORM}. {SLIP}",
    ),
    "a colon in a text": (
        replaced("title_en: 'Table 6: Global Terrorism Index 2024'", "title_en: Table 6: Index", DESCRIPTION),
        f"{DESCRIPTION}, line 2: found a colon where the text of a key goes on; {FORM}. {SLIP}",
    ),
    "a quote that is not closed": (
        replaced("title_en: 'Table 6: Global Terrorism Index 2024'", "title_en: 'Table 6", DESCRIPTION),
        f"{DESCRIPTION}, line 6: found text that is not YAML (did not find expected key); {FORM}. {SLIP}",
    ),
    "a key twice": (
        replaced("key: country\n", "key: country\nkey: row\n", DESCRIPTION),
        f"{DESCRIPTION}, line 9: found the key “key” a second time (it stands in line 8 already); "
        "expected each key once. Delete one of the two.",
    ),
    "a key there is not": (
        replaced("key: country\n", "key: country\nnote: x\n", DESCRIPTION),
        f"{DESCRIPTION}, line 9: found the key “note” of the table “gti_2024_table”; "
        "expected one of title_kk, title_en, description_kk, description_en, sources, may_be_empty, key, fields. "
        "Correct the line.",
    ),
    "a hundred thousand brackets": (
        written(b"[" * 100_000, DESCRIPTION),
        f"{DESCRIPTION}, line 1: found more than 8 levels; expected a description’s few levels. Correct the line.",
    ),
    "a reference to another part of the file": (
        replaced("key: country\n", "key: &key country\n", DESCRIPTION),
        f"{DESCRIPTION}, line 8: found a mark that YAML reads as an order (&, * or !); "
        "expected plain text. Put the text in quotes.",
    ),
    "a control character": (
        replaced("key: country\n", "key: coun\x01try\n", DESCRIPTION),
        f"{DESCRIPTION}, line 8: found a character that no text has; {FORM}. Delete it.",
    ),
    "Windows-1251": (
        written("title_en: Index\ntitle_kk: Индекс\n".encode("windows-1251"), DESCRIPTION),
        f"{DESCRIPTION}, line 2: found the byte 0xC8, which is not UTF-8 (Windows-1251, perhaps); "
        "expected text in UTF-8. Save the file again with the encoding UTF-8.",
    ),
    "no fields": (
        lambda project: cut(project / DESCRIPTION, "fields:\n"),
        f"{DESCRIPTION}: found no fields of the table “gti_2024_table”; "
        "expected the columns of the table, one below the other. Add them.",
    ),
    "no title in Kazakh": (
        replaced("    title_kk: Топ\n", "", COUNTRIES_DESCRIBED),
        f"{COUNTRIES_DESCRIBED}, line 36: found no title_kk for the field “group” of “countries”; "
        "expected a text. Add it: the site prints it.",
    ),
    "a source without a Kazakh title": (
        replaced("- title_kk: ISO 3166-1\n  title_en", "- title_en", COUNTRIES_DESCRIBED),
        f"{COUNTRIES_DESCRIBED}, line 6: found no title_kk for a source of “countries”; "
        "expected a text. Add it: the site prints it.",
    ),
    "a shared field without a Kazakh title": (
        replaced("  title_kk: Диссертациядағы орны\n", "", SHARED),
        f"{SHARED}, line 211: found no title_kk for the shared field “locus”; "
        "expected a text. Add it: the site prints it.",
    ),
    "a type there is not": (
        replaced("    type: string\n    title_kk: Ұпай", "    type: text\n    title_kk: Ұпай", DESCRIPTION),
        f"{DESCRIPTION}, line 26: found “text” as type of the field “score_printed” of “gti_2024_table”; "
        "expected one of string, integer, number, date, year, boolean. Correct the line.",
    ),
    "a field without a type": (
        replaced("    type: string\n    title_kk: Ұпай", "    title_kk: Ұпай", DESCRIPTION),
        f"{DESCRIPTION}, line 25: found no type for the field “score_printed” of “gti_2024_table”; "
        "expected one of string, integer, number, date, year, boolean. Add it.",
    ),
    "a column nobody described": (
        replaced("  score_printed:\n", "  score_said:\n", DESCRIPTION),
        f"{TABLE}, line 1, column “score_printed”: found a column nobody described; "
        "expected no such column. Delete it or describe it in gti_2024_table.yml.\n"
        f"{TABLE}, line 1, column “score_said”: found no such column; "
        "expected the column, as line 25 of gti_2024_table.yml has it. Add the column, or delete it there.",
    ),
    "a field of which nothing is said": (
        replaced("locus:\n", "lokus:\n", SHARED),
        "\n".join(
            f"{description_of(name)}, line {line}: found nothing about the field “locus” of “{name}”; "
            "expected its type, titles and descriptions. "
            "Describe it here, or in data/fields.yml if several tables have it."
            for name, line in (("gti_2024_table", 32), ("gti_2024_text", 19))
        ),
    ),
    "own: true of a name that is not shared": (
        replaced("  score_printed:\n", "  score_printed:\n    own: true\n", DESCRIPTION),
        f"{DESCRIPTION}, line 25: found own: true for the field “score_printed” of “gti_2024_table”; "
        "expected a name that data/fields.yml has too. Delete it.",
    ),
    "a shared field of another type": (
        replaced("  rank:\n", "  rank:\n    type: string\n", DESCRIPTION),
        f"{DESCRIPTION}, line 16: found the type “string” for the field “rank” of “gti_2024_table”, "
        "which data/fields.yml shares as “integer”; expected the shared type. "
        "Delete the type, rename the column, or write own: true if only the name is the same.",
    ),
    "a key of a column there is not": (
        replaced("key: country\n", "key: [country, code]\n", DESCRIPTION),
        f"{DESCRIPTION}, line 8: found “code” in the key of the table “gti_2024_table”; "
        "expected one of country, row, rank, country_printed, score, score_printed, locus. Correct the line.",
    ),
    "a key to a table there is not": (
        replaced("  row:\n", "  row: {refers_to: nations.id}\n", DESCRIPTION),
        f"{DESCRIPTION}, line 15: found a key of “row” to “nations.id”; "
        "expected a table that is there. Correct refers_to.",
    ),
    "a key to a column there is not": (
        replaced("  row:\n", "  row: {refers_to: countries.it}\n", DESCRIPTION),
        f"{DESCRIPTION}, line 15: found a key of “row” to “countries.it”; "
        "expected a field of the table “countries”. Correct refers_to.",
    ),
    "a key that names no column": (
        replaced("  row:\n", "  row: {refers_to: countries}\n", DESCRIPTION),
        f"{DESCRIPTION}, line 15: found “countries” as refers_to of the field “row” of “gti_2024_table”; "
        "expected a table and its field, as “loci.id”. Correct the line.",
    ),
    "a minimum that is a word": minimum("x", "“x”"),
    "a minimum that is no number": minimum(".nan", "“.nan”"),
    "a minimum without end": minimum("1e400", "“1e400”"),
    "a minimum of 5,000 digits": minimum("1" * 5_000, f"“{'1' * 59}…”"),
    "a minimum that is a list": minimum("[1, 2]", "a list"),
    "a yes that is none": (
        replaced("  row:\n", "  row: {required: maybe}\n", DESCRIPTION),
        f"{DESCRIPTION}, line 15: found “maybe” as required of the field “row” of “gti_2024_table”; "
        "expected true or false. Correct the line.",
    ),
    "sources that are a text": (
        replaced("sources:\n- title_kk: ISO 3166-1\n  title_en: ISO 3166-1\n", "sources: ISO\n", COUNTRIES_DESCRIBED),
        f"{COUNTRIES_DESCRIBED}, line 5: found “ISO” as sources of the table “countries”; "
        "expected a list. Correct the line.",
    ),
    "a title that is a list": (
        replaced("title_en: Countries\n", "title_en: [Countries]\n", COUNTRIES_DESCRIBED),
        f"{COUNTRIES_DESCRIBED}, line 2: found a list as title_en of the table “countries”; "
        "expected a text. Correct the line.",
    ),
    "a pattern that never ends": (
        replaced("'[A-Z]{3}'", "'(.+)+(.+)+(.+)+!'", COUNTRIES_DESCRIBED),
        f"{COUNTRIES_DESCRIBED}, line 15: found the pattern “(.+)+(.+)+(.+)+!” of the field “id” of “countries”, "
        "which repeats what varies itself; "
        "expected letters, classes and groups that are repeated in one place. Correct the line.",
    ),
    "a pattern that is none": (
        replaced("'[A-Z]{3}'", "'[A-Z'", COUNTRIES_DESCRIBED),
        f"{COUNTRIES_DESCRIBED}, line 15: found the pattern “[A-Z” of the field “id” of “countries”, "
        "which is no regular expression (unterminated character set at position 0); "
        "expected letters, classes and groups that are repeated in one place. Correct the line.",
    ),
    "codes that are a text": (
        replaced(CODES, "    codes: other\n", COUNTRIES_DESCRIBED),
        f"{COUNTRIES_DESCRIBED}, line 43: found “other” as codes of the field “group” of “countries”; "
        "expected a list of codes, or codes with their words. Correct the line.",
    ),
    "codes of numbers": (
        replaced("  row:\n", "  row: {codes: [1, 2]}\n", DESCRIPTION),
        f"{DESCRIPTION}, line 15: found codes for the field “row” of “gti_2024_table”; "
        "expected the type string for that. Correct the line.",
    ),
    "a smallest word": (
        replaced("  score_printed:\n", "  score_printed:\n    minimum: 1\n", DESCRIPTION),
        f"{DESCRIPTION}, line 25: found minimum for the field “score_printed” of “gti_2024_table”; "
        "expected the type integer or number or year for that. Correct the line.",
    ),
    "a code without words in one language": (
        replaced(CODES, labelled(other="{kk: Өзге}"), COUNTRIES_DESCRIBED),
        f"{COUNTRIES_DESCRIBED}, line 47: found no en for the code “other” of the field “group” of “countries”; "
        "expected a text. Add it: the site prints it.",
    ),
    "words for a code that no row has": (
        replaced(CODES, labelled(others="{kk: Өзгелер, en: Others}"), COUNTRIES_DESCRIBED),
        f"{COUNTRIES_DESCRIBED}, line 48: found words for the code “others” of “group”, which no row has; "
        "expected the codes that rows have. Delete or correct the code.",
    ),
    "columns that are called like the words of codes": (
        both(
            replaced(CODES, labelled(), COUNTRIES_DESCRIBED),
            *(renamed(f"short_{language}", f"group_{language}", "countries") for language in ("kk", "en")),
        ),
        "\n".join(
            f"{COUNTRIES_DESCRIBED}, line {line}: found the column “group_{language}”, "
            "which the words of the codes of “group” make too; expected each name once. Rename the column."
            for line, language in ((22, "kk"), (29, "en"))
        ),
    ),
    "a name that two tables have": (
        copied(DESCRIPTION, "data/gti_2024_table.yml"),
        "data/gti_2024_table.yml: found a second table “gti_2024_table”, which data/2.1/gti_2024_table.yml "
        "describes too; expected each name once. Rename one of the two files.",
    ),
    "a last day that is no day": (
        replaced("last_day: 2025-04-07", "last_day: 7 April 2025", PACKAGE),
        f"{PACKAGE}, line 8: found “7 April 2025” as last_day of the package; "
        "expected a date as YYYY-MM-DD. Correct the line.",
    ),
    "no last day": (
        replaced("last_day: 2025-04-07\n", "", PACKAGE),
        f"{PACKAGE}: found no last_day for the package; expected a text. Add it: the site prints it.",
    ),
    "a text that is planned": (
        replaced("  score_printed:\n", "  score_printed:\n    planned: true\n", DESCRIPTION),
        f"{DESCRIPTION}, line 25: found planned for the field “score_printed” of “gti_2024_table”; "
        "expected the type date or year for that. Correct the line.",
    ),
    "a package without a version": (
        replaced("version: 0.1.0\n", "", PACKAGE),
        f"{PACKAGE}: found no version for the package; expected a text. Add it: the site prints it.",
    ),
}


@pytest.mark.parametrize(("spoil", "message"), DESCRIPTIONS.values(), ids=DESCRIPTIONS.keys())
def test_a_fault_in_a_description_is_told_with_its_file_and_line(project: Path, spoil: Spoil, message: str) -> None:
    spoil(project)
    assert "\n".join(map(str, check_data(project))) == message


def test_faults_in_several_descriptions_are_told_with_those_of_the_cells(project: Path) -> None:
    for name in ("a minimum that is a word", "no title in Kazakh", "a package without a version"):
        DESCRIPTIONS[name][0](project)
    written(b"\ttitle_en: x\n", description_of("gti_2024_text"))(project)
    replaced(",Afghanistan,other", ",Afghanistan,asia", COUNTRIES)(project)
    assert [(problem.file, problem.line) for problem in check_data(project)] == [
        (DESCRIPTION, 15),
        (description_of("gti_2024_text"), 1),
        (COUNTRIES, 2),
        (COUNTRIES_DESCRIBED, 36),
        (PACKAGE, None),
    ]


@pytest.mark.parametrize(("spoil", "message"), BAD.values(), ids=BAD.keys())
def test_one_mistake_is_one_problem_that_says_where_and_what(project: Path, spoil: Spoil, message: str) -> None:
    spoil(project)
    assert [str(problem) for problem in check_data(project)] == [message]


def test_a_table_that_may_be_empty_needs_no_row_and_no_use_of_its_codes(project: Path) -> None:
    names = f"{HEADER},note\n"
    written(names.encode())(project)
    replaced("  locus:\n", "  locus:\n  note:\n" + NOTE, DESCRIPTION)(project)
    found = {problem.found for problem in check_data(project)}
    assert found == {"a header and no row", "words for the code “seen” of “note”, which no row has"}
    replaced("key: country\n", "may_be_empty: true\nkey: country\n", DESCRIPTION)(project)
    assert check_data(project) == []


def test_a_value_that_should_be_unique_is_named_the_second_time(project: Path) -> None:
    replaced("  name_kk:\n", "  name_kk:\n    unique: true\n", COUNTRIES_DESCRIBED)(project)
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
