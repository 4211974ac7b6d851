"""What a reader takes away from a figure or a table: pictures, CSV and XLSX files.

All are made when a language is published, from what execution left in ``figures/``: the
SVG picture and the Vega-Lite specification of a chart, the typed rows of a table.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import vl_convert
import xlsxwriter

from thesis.drawing import register_fonts
from thesis.references import without_keys
from thesis.store import Store, key_of, made_by
from thesis.workers import Workers

Rows = list[list[Any]]
"""A heading and the rows under it; a cell is None, a bool, a number, a text or a day."""

_PAPER = "#fdfcfa"
_PLAIN_TIME = datetime.datetime(2000, 1, 1)  # a workbook names the day it was made: always the same one
_UNTITLED = {"kk": "Сипаты", "en": "Description"}


def write_downloads(
    figures: Path, output: Path, language: str, sources: Mapping[str, str], store: Store, workers: Workers
) -> Callable[[], None]:
    """Write into `output` every download of one language, and each chart's script.

    figures: the project's ``figures/``; output: the folder ``figures/`` of the language's site;
    sources: each source by its key, as :func:`thesis.references.named_sources` names it. Each
    file is made once from the same record. PNG pictures are begun by the `workers`; the answer,
    called, writes them.
    """
    output.mkdir(parents=True, exist_ok=True)
    program = made_by("site/downloads.py", "drawing.py", packages=("vl-convert-python", "xlsxwriter"))
    pictures: dict[str, tuple[str, str]] = {}  # file → its key, the picture it is made from
    for path in sorted(figures.glob("tbl-*.json")):
        name, record = f"{path.stem}.{language}", path.read_text(encoding="utf-8")
        rows = table_rows(json.loads(record), language, sources)
        named = json.dumps(rows, ensure_ascii=False, default=str)
        (output / f"{name}.csv").write_text(as_csv(rows), encoding="utf-8", newline="")
        key = key_of("workbook", program, named)
        (output / f"{name}.xlsx").write_bytes(store.kept(key, partial(as_workbook, rows)))
    for path in sorted(figures.glob(f"*.{language}.json")):
        text = path.read_text(encoding="utf-8")
        key = key_of("chart", program, language, text)
        (output / f"{path.stem}.csv").write_bytes(store.kept(key, partial(_csv_of_chart, text, language)))
        picture = path.with_suffix(".svg").read_text(encoding="utf-8")
        pictures[f"{path.stem}.png"] = (key_of("png", program, picture), picture)
        # A script and not JSON: a page opened from a file may load the one and not the other.
        short = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
        (output / f"{path.stem}.js").write_text(f'thesisChart("{path.stem}",{short});\n', encoding="utf-8")
    made = workers.keep(store, as_png, [(key, (picture,)) for key, picture in pictures.values()])

    def write() -> None:
        for name, content in zip(pictures, made(), strict=True):
            (output / name).write_bytes(content)

    return write


def _csv_of_chart(specification: str, language: str) -> bytes:
    return as_csv(chart_rows(json.loads(specification), language)).encode()


def as_png(picture: str) -> bytes:
    """A chart's picture as PNG, on paper instead of nothing, at twice its size."""
    register_fonts()
    ground = f'<rect width="100%" height="100%" fill="{_PAPER}"/>'
    return vl_convert.svg_to_png(re.sub(r"(<svg [^>]*>)", rf"\1{ground}", picture, count=1), scale=2)


def table_rows(record: dict[str, Any], language: str, sources: Mapping[str, str]) -> Rows:
    """A table's heading and rows, from the record that :func:`thesis.display.table` leaves.

    sources: as in :func:`write_downloads`; a key that is not among them raises KeyError.
    """
    return [[_cell(cell, sources) for cell in row] for row in record[language]]


def _cell(value: Any, sources: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return datetime.date.fromisoformat(value["date"])
    return without_keys(value, sources) if isinstance(value, str) else value


def chart_rows(specification: dict[str, Any], language: str) -> Rows:
    """What a chart shows, as rows: the fields its tooltips name, under the names they give.

    A chart of several series of rows has them below one another, with a column for each
    field of any of them.
    """
    series: dict[str, dict[str, str]] = {}  # data set → field → title
    for source, shown in _tooltips(specification, specification.get("data")):
        fields = series.setdefault(source, {})
        for field, title in shown:
            fields.setdefault(field, title.strip() or _UNTITLED[language])
    heading = list(dict.fromkeys(title for fields in series.values() for title in fields.values()))
    rows = []
    for source, fields in series.items():
        for record in specification["datasets"][source]:
            row = {title: _moment(record.get(field)) for field, title in fields.items()}
            rows.append([row.get(title) for title in heading])
    unique = [row for place, row in enumerate(rows) if row not in rows[:place]]  # layers may repeat a row
    return [heading, *unique]


def _tooltips(view: dict[str, Any], inherited: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    data = view.get("data", inherited)
    tooltip = view.get("encoding", {}).get("tooltip", [])
    fields = [entry for entry in (tooltip if isinstance(tooltip, list) else [tooltip]) if entry.get("field")]
    if fields and "name" in (data or {}):
        yield data["name"], [(entry["field"], entry.get("title") or entry["field"]) for entry in fields]
    for layer in view.get("layer", []):
        yield from _tooltips(layer, data)


def _moment(value: Any) -> Any:
    """Vega's time of a day is that day."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00(\.0+)?Z?", value):
        return datetime.date.fromisoformat(value[:10])
    return value


def as_csv(rows: Rows) -> str:
    """UTF-8 with its mark, so that spreadsheets know it; points in numbers, days as 2024-03-08."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([str(cell).lower() if isinstance(cell, bool) else cell for cell in row] for row in rows)
    return "\ufeff" + text.getvalue()


def as_workbook(rows: Rows) -> bytes:
    """An Excel workbook of one sheet with a fixed heading; the same rows are the same bytes."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    book.set_properties({"created": _PLAIN_TIME})
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for place, row in enumerate(rows):
        for column, value in enumerate(row):
            if isinstance(value, bool):
                sheet.write_boolean(place, column, value, wrapped)
            elif isinstance(value, datetime.date):
                sheet.write_datetime(place, column, datetime.datetime(*value.timetuple()[:3]), day)
            elif isinstance(value, int | float):
                sheet.write_number(place, column, value, wrapped)
            elif value is not None:  # as text, whatever it looks like: no formula, no link
                sheet.write_string(place, column, str(value), head if place == 0 else wrapped)
    for column, cells in enumerate(zip(*rows, strict=True)):
        sheet.set_column(column, column, min(60, max(8, *(len(str(cell or "")) for cell in cells)) + 1))
    sheet.freeze_panes(1, 0)
    book.close()
    return data.getvalue()
