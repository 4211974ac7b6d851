"""Filling a finished page's places for records: the ledger's claims, the tables of the data page.

A chapter leaves an empty element (:func:`thesis.display.from_records`), which both renderers
pass on as it is::

    <div data-records="chapter-claims" data-chapter="conclusion" data-verdict="differs"></div>

=================  ===========================================================  =====================
data-records       what takes its place                                         what else it is asked
=================  ===========================================================  =====================
`ledger`           every claim, with a filter; rows are ``#ledger-ID``           nothing
`claims`           claims, each linked to its chapter                            `chapter`, `verdict`, `weight`
`chapter-claims`   the same on a chapter's own page; rows are ``#claim-ID``      the same
`table`            the columns and first rows of a table of ``data/``            `table`, its name
=================  ===========================================================  =====================

`chapter`, `verdict` and `weight` take one value or several with spaces between; without
them, claims are not chosen by it. The HTML is that of ``assets/records/``.
"""

from __future__ import annotations

import csv
import html
import itertools
import json
import re
from collections.abc import Callable
from functools import cache, cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from thesis import words
from thesis.data import describe, place
from thesis.failures import RenderError
from thesis.project import page_titles
from thesis.references import named_sources

Record = dict[str, Any]
"""One claim, as :func:`thesis.ledger.claims.as_record` writes it."""

SCRIPT = "ledger-how.js"
CLAIMS = Path("figures") / "claims.json"
SHOWN_ROWS, SHOWN_LETTERS, SHOWN_EVIDENCE = 3, 60, 3
_CHOSEN_BY = {"verdict": words.VERDICT_NAMES, "weight": words.WEIGHT_NAMES}

_PLACE = re.compile(r'<div((?: [\w-]+="[^"]*")*? data-records="[^"]*"(?: [\w-]+="[^"]*")*)>\s*</div>')
_ATTRIBUTE = re.compile(r' data-([\w-]+)="([^"]*)"')
_ROOT = re.compile(r'<html\b[^>]* data-root="([^"]*)"')


def fill_in_records(page: str, language: str, project: Path) -> str:
    """The page with what its places for records ask for; any other page as it is.

    project: the folder in which ``assets/``, ``data/``, ``figures/``, ``references.bib`` and
    the language's settings stand; nothing else is read. Raises RenderError with everything
    that is asked for and not there.
    """
    if " data-records=" not in page:
        return page
    root = _ROOT.search(page)
    writer = _Writer(project, language, root[1] if root else ".")
    faults = []

    def fill(found: re.Match[str]) -> str:
        asked = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(found[1])}
        try:
            return writer.write(asked)
        except RenderError as error:
            shown = " ".join(f'data-{name}="{value}"' for name, value in asked.items())
            faults.append(f"the place {shown}: {error}")
            return found[0]

    filled = _PLACE.sub(fill, page)
    if faults:
        raise RenderError("\n".join(faults))
    return filled


def read_from(project: Path) -> list[Path]:
    """The files that filling reads, of which what is filled in is made; see :func:`fill_in_records`."""
    folders = ((project / "assets" / "records", "*.html"), (project / "data", "**/*"))
    files = {path for folder, pattern in folders for path in folder.glob(pattern) if path.is_file()}
    settings = project.glob("_quarto-*.yml")
    return sorted(files | {project / CLAIMS, project / "references.bib", *settings})


def ledger_how(language: str, project: Path) -> str:
    """The script that brings to the ledger the notes and checks of claims that do not differ.

    It calls ``thesisLedger`` with the HTML of each by its row's id. What differs has all of it
    on the page: that is what most readers come for, with a script or without.
    """
    writer = _Writer(project, language, "..")  # the ledger's page stands in chapters/
    said = {f"ledger-{claim['id']}": writer.said(claim) for claim in writer.claims if claim["verdict"] != "differs"}
    return f"thesisLedger({json.dumps(said, ensure_ascii=False, indent=0)});\n"


class _Writer:
    """What writes records as HTML, for one page: its language, and its way to the language's folder."""

    def __init__(self, project: Path, language: str, root: str) -> None:
        self.project, self.language = project, language
        self._place = cache(partial(place, language=language, project=project))
        folder = project / "assets" / "records"
        self.environment = _environment(
            tuple((path.name, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.html")))
        )
        self.given: dict[str, Any] = {
            "language": language,
            "root": root,
            "words": _in(language, words.LEDGER),
            "data_words": _in(language, words.DATA),
            "verdicts": _in(language, words.VERDICT_NAMES),
            "weights": _in(language, words.WEIGHT_NAMES),
            "against": _in(language, words.AGAINST_NAMES),
            "relations": _in(language, words.RELATIONS),
            "path": cache(lambda name: self._described(name)["path"]),
            "method": self._method,
            "evidence": self._evidence,
            "place": self._place,
        }

    def write(self, asked: dict[str, str]) -> str:
        """The HTML of one place; raises RenderError for what is not there."""
        kind = asked.get("records", "")
        kinds: dict[str, Callable[[dict[str, str]], str]] = {
            "ledger": self._ledger,
            "claims": self._chosen,
            "chapter-claims": self._chosen,
            "table": self._table,
        }
        if kind not in kinds:
            raise RenderError(f"there is no “{kind}”; data-records is one of {', '.join(kinds)}")
        return kinds[kind](asked)

    def said(self, claim: Record) -> str:
        """A claim's note and how it was checked, as they stand in the ledger's row."""
        return str(self._macros.said(claim))

    @cached_property
    def _macros(self) -> Any:
        """What writes the parts of a claim's row."""
        return self.environment.get_template("claims.html").make_module({**self.given, "claims": [], "kind": "ledger"})

    @cached_property
    def claims(self) -> list[Record]:
        """The recorded claims in the order of the thesis; raises RenderError where there are none that can be read."""
        try:
            return _parsed((self.project / CLAIMS).read_bytes())
        except FileNotFoundError as error:
            raise RenderError(f"{CLAIMS} is missing; executing chapters/reproducibility.qmd writes it") from error
        except ValueError as error:
            raise RenderError(f"{CLAIMS} cannot be read ({error}); `make accept` records it anew") from error

    @cached_property
    def sources(self) -> dict[str, str]:
        """Each source of the bibliography by its key, as a sentence names it."""
        return named_sources(self.project / "references.bib")

    def _ledger(self, asked: dict[str, str]) -> str:
        named = {claim["chapter"] for claim in self.claims}
        chapters = {name: title for name, title in page_titles(self.project, self.language).items() if name in named}
        rows = self._rows(self.claims, "ledger")
        return self._render("ledger.html", rows=rows, chapters=chapters)

    def _chosen(self, asked: dict[str, str]) -> str:
        """What differs first, the weightiest first; otherwise the order of the thesis."""
        known = {name: set(names) for name, names in _CHOSEN_BY.items()}
        known["chapter"] = {claim["chapter"] for claim in self.claims}
        wanted = {name: asked[name].split() for name in known if name in asked}
        for name, values in wanted.items():
            for value in values:
                if value not in known[name]:
                    raise RenderError(
                        f"no claim in {CLAIMS} has the {name} “{value}”; "
                        f"a claim has one of {', '.join(sorted(known[name]))}"
                    )
        chosen = [claim for claim in self.claims if all(claim[name] in wanted[name] for name in wanted)]
        order = list(words.WEIGHT_NAMES)
        chosen.sort(key=lambda claim: order.index(claim["weight"]) if claim["verdict"] == "differs" else len(order))
        return self._rows(chosen, asked["records"])

    def _rows(self, claims: list[Record], kind: str) -> Markup:
        try:
            return self._render("claims.html", claims=claims, kind=kind)
        except (UndefinedError, KeyError, TypeError) as error:  # a field, a check or a place that is no longer there
            raise RenderError(
                f"{CLAIMS} was written by other code or from other data ({error}); `make accept` records it anew"
            ) from error

    def _table(self, asked: dict[str, str]) -> str:
        described = self._described(asked.get("table", ""))
        columns = [self._column(field, described["name"]) for field in described["schema"]["fields"]]
        head, *rows = self._first_rows(described["path"])
        return self._render("table.html", columns=columns, head=head, rows=rows)

    def _column(self, field: Record, table: str) -> dict[str, str]:
        """A column's name, its type with its unit, and what it means."""
        kind = _word(words.TYPES, "TYPES", field["type"], field["name"], table)[self.language]
        if field.get("unit"):
            kind += f", {_word(words.UNITS, 'UNITS', field['unit'], field['name'], table)[self.language]}"
        meaning = field["description" if self.language == "en" else "description_kk"]
        return {"name": field["name"], "type": kind, "meaning": meaning}

    def _first_rows(self, path: str) -> list[list[str]]:
        """The heading and the first rows of a file as they stand in it; long texts are cut short."""
        with (self.project / "data" / path).open(encoding="utf-8-sig", newline="") as lines:
            head, *rows = itertools.islice(csv.reader(lines), SHOWN_ROWS + 1)
        return [head, *([_short(cell) for cell in row] for row in rows)]

    def _render(self, name: str, **given: Any) -> Markup:
        # The page's own with the rest, never as the environment's globals: pages may be written side by side.
        return Markup(self.environment.get_template(name).render(self.given, **given).strip())

    def _described(self, name: str) -> Record:
        try:
            return describe(name, self.project)
        except KeyError as error:
            raise RenderError(str(error.args[0])) from error

    def _method(self, claim: Record, **parts: Markup) -> Markup:
        """What the check did, with its parts of HTML in place."""
        return escape(words.METHODS[claim["check"]][self.language]).format(**parts)

    def _evidence(self, claim: Record) -> list[dict[str, str]]:
        """Where the evidence stands, the first few: sources by name and key, or places of the thesis."""
        shown = claim["evidence"][:SHOWN_EVIDENCE]
        if claim["against"] == "primary-source":
            return [{"name": self.sources[key], "key": key} for key in shown if key in self.sources]
        return [{"name": self._place(key), "key": ""} for key in shown]


@lru_cache(maxsize=1)
def _environment(templates: tuple[tuple[str, str], ...]) -> Environment:
    """Templates by name, compiled once for all pages; what depends on the page is given with each."""
    environment = Environment(
        loader=DictLoader(dict(templates)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"text": text, "unbroken": unbroken}
    environment.tests["cyrillic"] = lambda written: any("Ѐ" <= letter <= "ӿ" for letter in written)
    return environment


def _in(language: str, texts: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: text[language] for name, text in texts.items()}


def _word(known: dict[str, dict[str, str]], name: str, key: str, field: str, table: str) -> dict[str, str]:
    if key not in known:
        raise RenderError(
            f"“{key}” of the field “{field}” of the table “{table}” has no name; "
            f"add it in both languages to {name} in src/thesis/words.py"
        )
    return known[key]


def _short(cell: str) -> str:
    """A cell on one line, cut at a word."""
    line = cell.replace("\n", " ")
    return line if len(line) <= SHOWN_LETTERS else line[:SHOWN_LETTERS].rpartition(" ")[0] + "…"


@lru_cache(maxsize=2)
def _parsed(claims: bytes) -> list[Record]:
    records: list[Record] = json.loads(claims)
    return records


_KEPT_TOGETHER = re.compile(r" (?=[–·](?: |$))|(?<=\bNo\.) (?=\d)")
_WITHIN_A_NUMBER = re.compile(r"(?<=\d) (?=\d{3}\b|ж\.|%)")


def text(written: str) -> Markup:
    """A sentence as HTML: `code` is set as code; no line begins with a dash, nor with the number after “No.”."""
    parts = written.split("`")
    if len(parts) % 2 == 0:  # a backtick that opens nothing
        parts = [written]
    marked = (
        Markup("<code>{}</code>").format(part) if place % 2 else escape(_KEPT_TOGETHER.sub("\N{NO-BREAK SPACE}", part))
        for place, part in enumerate(parts)
    )
    return Markup("").join(marked)


def unbroken(written: str) -> str:
    """Text whose numbers no line end cuts from their thousands or their unit."""
    return _WITHIN_A_NUMBER.sub("\N{NO-BREAK SPACE}", written)
