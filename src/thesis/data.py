"""The thesis's tables, typed by their descriptions."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thesis.descriptions import PACKAGE, build_package, describe_file, table_files
from thesis.language import LANGUAGES, Text
from thesis.project import root

if TYPE_CHECKING:
    import pandas as pd

# A printed date may lack its day and a count its number, so whole numbers must be able to
# be missing: pandas' nullable types, never a silent float.
_TYPES: dict[str, Any] = {
    "string": "string",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "year": "Int64",
}


DESCRIBED: set[str] = set()
"""The files whose description was asked for: a page depends on these, not on all of them."""


def describe(name: str, project: Path | None = None) -> dict[str, Any]:
    """The description of a table as the Data Package standard has it: path, titles, fields, keys.

    project: another checkout than the one that is worked in.
    Raises KeyError, with the names there are, when no table is called `name`, and ValueError
    for a description that cannot be used.
    """
    project = project or root()
    files = table_files(project)
    if name not in files:
        raise KeyError(f"data/ describes no table “{name}”; it describes {', '.join(sorted(files))}")
    DESCRIBED.add(files[name])
    return describe_file(project, files[name])


def describe_all(project: Path | None = None) -> dict[str, Any]:
    """The descriptions of all tables, under ``resources``, with the facts of the whole package.

    project: another checkout than the one that is worked in. Raises ValueError for
    descriptions that cannot be used.
    """
    DESCRIBED.add(PACKAGE)
    return build_package(project or root())


def field_title(resource: dict[str, Any], name: str) -> Text:
    """A field's heading in both languages, as its description gives it."""
    for field in resource["schema"]["fields"]:
        if field["name"] == name:
            return {"kk": field["title_kk"], "en": field["title"]}
    raise KeyError(f"table “{resource['name']}” has no field “{name}”")


def load(name: str, project: Path | None = None) -> pd.DataFrame:
    """Read one table of ``data/``, each column typed as its description says.

    project: another checkout than the one that is worked in.
    Dates become datetime64, an empty cell is a missing value. The file was checked before
    any chapter runs (`thesis check`), so this reads and does not judge. Where a field's codes
    have words, two columns more hold them: ``kind`` gets ``kind_kk`` and ``kind_en``.
    """
    import pandas as pd  # takes half a second, which whoever only asks for a description or a place need not wait

    resource = describe(name, project)
    types = {field["name"]: field["type"] for field in resource["schema"]["fields"]}
    rows = pd.read_csv(
        (project or root()) / "data" / resource["path"],
        dtype={column: _TYPES[kind] for column, kind in types.items() if kind in _TYPES},
        parse_dates=[column for column, kind in types.items() if kind == "date"],
        keep_default_na=False,
        na_values=[""],
        encoding="utf-8-sig",
    )
    for field in resource["schema"]["fields"]:
        if field["type"] == "date" and rows.empty:
            rows[field["name"]] = pd.to_datetime(rows[field["name"]])  # of no row, pandas reads no dates
        for language in LANGUAGES if "labels" in field else ():
            words = {code: texts[language] for code, texts in field["labels"].items()}
            rows[f"{field['name']}_{language}"] = rows[field["name"]].map(words).astype("string")
    return rows


def labels(name: str, field: str) -> dict[str, Text]:
    """The words of a field's codes in both languages, in the order of its description.

    Raises KeyError for a field whose codes have none.
    """
    for described in describe(name)["schema"]["fields"]:
        if described["name"] == field and "labels" in described:
            found: dict[str, Text] = described["labels"]
            return found
    raise KeyError(f"table “{name}” has no words for codes of “{field}”")


_SECTION_NAMES: dict[str, Text] = {
    "normative-references": {"kk": "Нормативтік сілтемелер", "en": "Normative references"},
    "abbreviations": {"kk": "Белгілеулер мен қысқартулар", "en": "Abbreviations"},
    "introduction": {"kk": "Кіріспе", "en": "Introduction"},
    "conclusion": {"kk": "Қорытынды", "en": "Conclusion"},
    "appendix-a": {"kk": "А қосымшасы", "en": "Appendix A"},
    "appendix-ae": {"kk": "Ә қосымшасы", "en": "Appendix Ә"},
}


@cache
def _loci(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as rows:
        return {row["id"]: row for row in csv.DictReader(rows)}


def locus(identifier: str, project: Path | None = None) -> Text:
    """Where in the printed thesis to look, in both languages.

    A paragraph is given by its number in the section and its opening words, so that a
    reader can count or search: “§2.1, paragraph 86 («Ал келесі кезекте Иран…»)”.
    project: another checkout than the one that is worked in.
    Raises KeyError when ``data/loci.csv`` has no such place.
    """
    place = _loci((project or root()) / "data" / "loci.csv")[identifier]
    kind, numeral, section = place["kind"], place["number"], place["section"]
    names = _SECTION_NAMES.get(section, {"kk": f"{section}-бөлім", "en": f"§{section}"})
    if kind == "table":
        # Appendix А has a Cyrillic letter in Kazakh and its Latin double in English.
        latin = numeral.replace("А", "A")
        return {"kk": f"{numeral}-кесте, {names['kk']}", "en": f"Table {latin}, {names['en']}"}
    if kind == "figure":
        return {"kk": f"{numeral}-сурет, {names['kk']}", "en": f"Figure {numeral}, {names['en']}"}
    opening = f"«{place['opening_words_printed']}…»"
    return {
        "kk": f"{names['kk']}, {numeral}-абзац ({opening})",
        "en": f"{names['en']}, paragraph {numeral} ({opening})",
    }


def place(identifier: str, language: str, with_section: bool = True, project: Path | None = None) -> str:
    """A place of the thesis by its number, for a sentence: «2.1-бөлім, 86-абзац», “§2.1, paragraph 86”.

    with_section: name the section of a paragraph too; leave it out where the page's own
    section is meant. :func:`locus` adds a paragraph's opening words.
    project: another checkout than the one that is worked in.
    Raises KeyError when ``data/loci.csv`` has no such place.
    """
    short = locus(identifier, project)[language].split(" («")[0]
    loci = _loci((project or root()) / "data" / "loci.csv")
    own = not with_section and loci[identifier]["kind"] == "paragraph"
    return short.rsplit(", ", 1)[1] if own else short
