"""What a chapter shows: tables, figures and key figures, each in both languages at once.

A chapter's code runs once and is rendered twice, so every object here carries both
languages as Markdown and the renderer keeps the one its profile names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

import altair as alt
import pandas as pd
from pandas.api.types import is_bool, is_bool_dtype, is_numeric_dtype

from thesis.charts import write_chart
from thesis.data import describe, field_title, locus
from thesis.drawing import WIDE
from thesis.language import LANGUAGES, Text
from thesis.project import figures_folder
from thesis.tables import KEY_FIGURES, MISSING, pipe_table, plain, written

_WORDS: dict[str, Text] = {
    "thesis": {"kk": "Диссертацияда", "en": "In the thesis"},
    "added": {"kk": "Диссертацияда жоқ, осы сайтқа қосылды", "en": "Not in the thesis; added here"},
    "data": {"kk": "Дерек", "en": "Data"},
    "download": {"kk": "Жүктеу", "en": "Download"},
}


@dataclass(frozen=True)
class Bilingual:
    """Markdown in both languages, shown by Quarto, by the built-in renderer and by Jupyter.

    `more` holds further representations, MIME type → content, for notebook front ends.
    """

    markdown: Text
    more: dict[str, Any] = field(default_factory=dict)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        blocks = (
            f'::: {{.content-visible when-profile="{language}"}}\n\n{self.markdown[language].strip()}\n\n:::'
            for language in LANGUAGES
        )
        return {"text/markdown": "\n\n".join(blocks) + "\n", "text/plain": self.markdown["en"], **self.more}


@dataclass(frozen=True)
class Column:
    """How one column of a shown table looks.

    title: its heading; without one, the data package's title of the field is used.
    decimals: digits after the decimal mark of a number.
    sign: write a plus before a positive number.
    """

    title: Text | None = None
    decimals: int = 0
    sign: bool = False


def _are_numbers(cells: Sequence[str]) -> bool:
    """Whether cells that were written beforehand are numbers all the same, or gaps among numbers."""
    known = [cell for cell in cells if cell != MISSING]
    return bool(known) and all(re.fullmatch(r"[−+]?\d[\d\s.,]*%?", cell) for cell in known)


def as_printed(cell: str) -> str:
    """Mark the thesis's own spelling: it is Kazakh on either page, and not ours to correct."""
    return f'[{cell}]{{.as-printed lang="kk"}}' if any("Ѐ" <= letter <= "ӿ" for letter in cell) else cell


def _provenance(source: Sequence[str], thesis: str | Sequence[str] | None, downloads: Text) -> Text:
    """The line under a figure or a table that says where its numbers come from."""
    places = [locus(place) for place in ([thesis] if isinstance(thesis, str) else thesis or [])]
    lines: Text = {}
    for language in LANGUAGES:
        named = "; ".join(place[language] for place in places)
        origin = f"{_WORDS['thesis'][language]}: {named}" if places else _WORDS["added"][language]
        files = ", ".join(f"[{path}](/data/{path})" for path in (describe(name)["path"] for name in source))
        parts = [origin, f"{_WORDS['data'][language]}: {files}"]
        if downloads.get(language):
            parts.append(f"{_WORDS['download'][language]}: {downloads[language]}")
        lines[language] = "::: {.provenance}\n" + " · ".join(parts) + "\n:::"
    return lines


def table(
    identifier: str,
    rows: pd.DataFrame,
    columns: Mapping[str, Column | None],
    *,
    caption: Text,
    source: str | Sequence[str],
    thesis: str | Sequence[str] | None = None,
) -> Bilingual:
    """Show `rows` as a table with a number, a caption and its provenance, in both languages.

    identifier: the cross-reference label, ``tbl-…``.
    columns: the columns to show, in order. A name that stands in `rows` only with a
        language's ending (``name_kk``, ``name_en``) shows the page's own language.
    source: the tables of ``data/`` the rows were computed from, the first one first.
    thesis: the locus of the thesis's own table, or several; None when the thesis has none.

    The rows as values, not as text, are left in ``figures/`` as `identifier`.json (see
    :mod:`thesis.tables`): publishing makes the downloads from them. Raises KeyError for a
    column that `rows` does not have.
    """
    sources = [source] if isinstance(source, str) else list(source)
    described = describe(sources[0])
    downloads = {
        language: " · ".join(f"[{kind.upper()}](/figures/{identifier}.{language}.{kind})" for kind in ("csv", "xlsx"))
        for language in LANGUAGES
    }
    provenance = _provenance(sources, thesis, downloads)
    chosen = {name: column or Column() for name, column in columns.items()}
    markdown: Text = {}
    record: dict[str, list[Any]] = {"columns": [_format(column) for column in chosen.values()]}
    for language in LANGUAGES:
        headings, series, shown = [], [], []
        right: list[bool] = []
        for name, column in chosen.items():
            localised = name if name in rows else f"{name}_{language}"
            if localised not in rows:
                raise KeyError(f"no column “{name}” or “{localised}” among {', '.join(map(str, rows))}")
            values = [_value(value, column.decimals) for value in rows[localised]]
            cells = [written(value, language, column.decimals, column.sign) for value in values]
            kind = rows[localised].dtype
            numbers = is_numeric_dtype(kind) and not is_bool_dtype(kind)
            right.append(numbers or (bool(right) and _are_numbers(cells)))  # the first column names its row
            headings.append((column.title or field_title(described, localised))[language])
            series.append([as_printed(cell) for cell in cells] if name.endswith("_printed") else cells)
            shown.append([plain(value) if isinstance(value, str) else value for value in values])
        record[language] = [[plain(heading) for heading in headings], *map(list, zip(*shown, strict=True))]
        grid = pipe_table(headings, list(zip(*series, strict=True)), right)
        markdown[language] = f"::: {{#{identifier}}}\n\n{grid}\n\n{caption[language]}\n\n:::\n\n{provenance[language]}"
    _write_record(identifier, record)
    return Bilingual(markdown)


def _format(column: Column) -> dict[str, Any]:
    """How a column's numbers are written, as :func:`thesis.tables.written` is told it."""
    given = {"decimals": column.decimals, "sign": column.sign}
    return {name: value for name, value in given.items() if value}


def _value(value: Any, decimals: int) -> Any:
    """What a cell shows, as :func:`thesis.tables.written` takes it; a text with its Markdown."""
    if pd.isna(value):
        return None
    if is_bool(value):
        return bool(value)
    if isinstance(value, pd.Timestamp):
        return {"date": value.date().isoformat()}
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return round(float(value), decimals) if decimals else round(float(value))
    return str(value)


def _write_record(identifier: str, record: dict[str, list[Any]]) -> None:
    folder = figures_folder()
    folder.mkdir(parents=True, exist_ok=True)
    # One row a line: whoever reviews a change sees which rows it moved.
    parts = (
        f'"{name}": [\n' + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]"
        for name, rows in record.items()
    )
    (folder / f"{identifier}.json").write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def figure(
    identifier: str,
    chart: Callable[[str], alt.Chart | alt.LayerChart],
    *,
    caption: Text,
    alternative: Text,
    source: str | Sequence[str],
    thesis: str | Sequence[str] | None = None,
) -> Bilingual:
    """Show a chart with a number, a caption, a text alternative and its provenance.

    identifier: the cross-reference label, ``fig-…``; the rest of it names the files in
        ``figures/`` that this writes, one picture a language and width.
    chart: makes the chart for a language (``"kk"``, ``"en"``); called once for each.
    alternative: what the chart shows, for whoever does not see it.
    source, thesis: as in :func:`table`.
    """
    name = identifier.removeprefix("fig-")
    specifications = {
        language: write_chart(chart(language), name, language, alternative[language]) for language in LANGUAGES
    }
    downloads = {
        language: " · ".join(f"[{kind.upper()}](/figures/{name}.{language}.{kind})" for kind in ("svg", "png", "csv"))
        for language in LANGUAGES
    }
    provenance = _provenance([source] if isinstance(source, str) else source, thesis, downloads)
    markdown = {
        language: (
            f'::: {{#{identifier}}}\n\n::: {{.chart figure="{name}"}}\n{alternative[language]}\n:::\n\n'
            f"{caption[language]}\n\n:::\n\n{provenance[language]}"
        )
        for language in LANGUAGES
    }
    # JupyterLab 4 draws no later type than v5, and never ends drawing a chart without a width.
    drawn = {**specifications["kk"], "width": WIDE}
    return Bilingual(markdown, {"application/vnd.vegalite.v5+json": drawn})


def key_figures(figures: Sequence[tuple[str | Text, Text]]) -> Bilingual:
    """Show two to four numbers a chapter opens with, each with what it counts.

    figures: pairs of the number as written (one string, or one a language) and its label.

    The notebook holds them as a record too, a list under :data:`KEY_FIGURES`.
    """
    markdown: Text = {}
    record: list[dict[str, Text]] = []
    for value, label in figures:
        shown = dict.fromkeys(LANGUAGES, value) if isinstance(value, str) else value
        record.append({language: {"value": shown[language], "label": label[language]} for language in LANGUAGES})
    for language in LANGUAGES:
        cards = (f"::: {{.key-figure}}\n**{it[language]['value']}**\n\n{it[language]['label']}\n:::" for it in record)
        markdown[language] = "::::: {.key-figures}\n" + "\n\n".join(cards) + "\n:::::"
    return Bilingual(markdown, {KEY_FIGURES: record})


def block(
    identifier: str,
    body: Text,
    *,
    caption: Text,
    source: str | Sequence[str],
    thesis: str | Sequence[str] | None = None,
) -> Bilingual:
    """Show Markdown (cards, lists to open) with a number, a caption and its provenance, as a table has them.

    identifier, source, thesis: as in :func:`table`.
    """
    provenance = _provenance([source] if isinstance(source, str) else source, thesis, {})
    markdown = {x: f"::: {{#{identifier}}}\n\n{body[x]}\n\n{caption[x]}\n\n:::\n\n{provenance[x]}" for x in LANGUAGES}
    return Bilingual(markdown)


def cards(contents: Iterable[Sequence[str]]) -> str:
    """Markdown of cards beside one another, each a list of paragraphs; an empty paragraph is left out."""
    each = ("::: {.chapter-card}\n" + "\n\n".join(filter(None, card)) + "\n:::" for card in contents)
    return ":::: {.chapter-cards}\n" + "\n\n".join(each) + "\n::::"


def from_records(kind: str, **asked: str) -> str:
    """Markdown of an empty place that is filled when a page is finished, from what execution left and from ``data/``.

    What no reader edits by hand need not be Markdown: long tables take a renderer minutes.
    kind, asked: what is to stand there; :mod:`thesis.site.from_records` has the kinds and what each is asked.
    """
    attributes = {"records": kind, **asked}
    return "::: {" + " ".join(f'data-{name}="{value}"' for name, value in attributes.items()) + "}\n:::"


def details(heading: str, inside: str, opened: bool = False) -> str:
    """Markdown under a heading that a reader opens and closes; it may hold further ones."""
    return f"<details{' open' * opened}>\n<summary>{heading}</summary>\n\n{inside}\n\n</details>"


def folded(shown: Bilingual, heading: Text) -> Bilingual:
    """Close what a cell shows (a long table, say) under a heading until a reader opens it."""
    return Bilingual({language: details(heading[language], shown.markdown[language]) for language in LANGUAGES})
