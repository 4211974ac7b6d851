"""One look for all charts, and the files a chart leaves in ``figures/``."""

from __future__ import annotations

import json
import os
import re
import textwrap
from functools import cache
from typing import Any
from xml.sax.saxutils import quoteattr

import altair as alt
import vl_convert

from thesis.language import LANGUAGES, chart_locale
from thesis.project import figures_folder, root

WIDE, NARROW = 640, 328
"""Widths in pixels of the two pictures of a chart: a desk's text column and a phone's screen."""

_FONT = "Golos Text"
_TITLE_CHARACTERS, _SUBTITLE_CHARACTERS = 38, 46  # as many as fit a phone's width in either size
_WIDE_TITLE_CHARACTERS, _WIDE_SUBTITLE_CHARACTERS = 60, 72  # and as many as fit 520 pixels, the least wide place


@cache
def palette() -> dict[str, str]:
    """The colours of charts by meaning (``kazakhstan``, ``central-asia`` …), as hex codes.

    They stand in ``assets/palette.json``; the style sheet maps each to its dark twin.
    """
    colours: dict[str, str] = json.loads((root() / "assets" / "palette.json").read_text(encoding="utf-8"))["light"]
    return colours


def title(text: str, subtitle: str = "", room: int = 0) -> alt.TitleParams:
    """A chart's title, which says the finding, broken into lines that fit a phone.

    Where a chart is wide, :func:`write_chart` sets it in longer lines.

    room: pixels to leave between the title and the chart, for a :func:`legend`.
    """
    lines = _wrap(subtitle, _SUBTITLE_CHARACTERS) if subtitle else alt.Undefined
    return alt.TitleParams(_wrap(text, _TITLE_CHARACTERS), subtitle=lines, offset=room or alt.Undefined)


def legend(left: int, above: int, **look: Any) -> alt.Legend:
    """A legend over the chart that begins at the left edge, where the title does.

    Vega-Lite's own, ``orient="top"``, begins at the axis and leaves a phone too little width.

    left: the width in pixels of the labels left of the plot; above: how far over the plot's
    upper edge the legend begins; look: further properties of :class:`altair.Legend`.
    """
    return alt.Legend(orient="none", legendX=-left, legendY=-above, **look)


def _wrap(text: str, characters: int) -> list[str]:
    """As few lines as there must be, and those about alike: no word stands alone under a full line.

    Nor does a line begin with a dash.
    """

    def lines(room: int) -> list[str]:
        return textwrap.wrap(
            text.replace(" –", "\N{NO-BREAK SPACE}–"), room, break_long_words=False, break_on_hyphens=False
        )

    fewest = len(lines(characters))
    return next(broken for room in range(1, characters + 1) if len(broken := lines(room)) == fewest)


def _in_longer_lines(heading: dict[str, Any]) -> dict[str, Any]:
    """A title broken for a phone, as it stands over a wide chart."""
    room = {"text": _WIDE_TITLE_CHARACTERS, "subtitle": _WIDE_SUBTITLE_CHARACTERS}
    return heading | {part: _wrap(" ".join(heading[part]), room[part]) for part in room if part in heading}


def _look() -> dict[str, Any]:
    """Vega-Lite's `config`: quiet axes, one typeface, the palette's ink."""
    colours = palette()
    words = {"font": _FONT, "color": colours["ink"]}
    return {
        "font": _FONT,
        "background": "transparent",
        "padding": {"left": 0, "top": 5, "right": 5, "bottom": 5},
        "mark": {"aria": False},
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "offset": 14,
            "fontSize": 15,
            "fontWeight": 600,
            "subtitleFontSize": 12.5,
            "subtitlePadding": 5,
            "subtitleColor": colours["muted"],
            "subtitleFont": _FONT,
            **words,
        },
        "axis": {
            "domain": False,
            "ticks": False,
            "gridColor": colours["grid"],
            "labelColor": colours["muted"],
            "labelFlush": False,
            "labelFontSize": 12.5,
            "labelPadding": 6,
            "titleColor": colours["muted"],
            "titleFontSize": 12.5,
            "titleFontWeight": 400,
        },
        "text": {"fontSize": 12.5, **words},
        "legend": {"labelFontSize": 12.5, "labelColor": colours["ink"], "title": None},
    }


@cache
def register_fonts() -> None:
    """Let pictures be drawn in the site's own typeface, so that text is measured alike on every machine.

    The checkout's own files, once: a folder that is gone later would leave other letters in its place.
    """
    vl_convert.register_font_directory(str(root() / "assets" / "fonts"))


def picture_of(specification: dict[str, Any], name: str) -> str:
    """A specification drawn as SVG; every id in it begins with `name`.

    Several pictures stand in one page: their inner ids must differ. And Vega counts on from
    one picture to the next, so they are numbered anew: the same chart is the same picture.
    """
    register_fonts()
    locales = specification.get("usermeta", {}).get("embedOptions", {})
    svg = vl_convert.vegalite_to_svg(
        specification,
        vl_version="6.4",
        format_locale=locales.get("formatLocale"),
        time_format_locale=locales.get("timeFormatLocale"),
    )
    places = {identifier: place for place, identifier in enumerate(dict.fromkeys(re.findall(r'\bid="([^"]+)"', svg)))}
    svg = re.sub(r'(\bid="|url\(#)([^")]+)', lambda found: f"{found[1]}{name}-{places[found[2]]}", svg)
    return _slim(svg)


def _slim(svg: str) -> str:
    """The same picture in three quarters of the bytes: a phone downloads two of each chart.

    Left out is what says nothing in a picture that has one text alternative for the whole
    (roles, the pointer's rules, empty grounds), and what no screen shows (the third decimal
    of a coordinate; a number that is read stands between tags and is kept whole).
    """
    svg = re.sub(r'<path class="(?:background|foreground)"[^>]* d="(?:M0,0h0v0h0Z)?"[^>]*/>', "", svg)
    svg = re.sub(r' (?:pointer-events="none"|role="[^"]*"|aria-[a-z]+="[^"]*"|opacity="1"|stroke-width="1")', "", svg)
    return re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d\.\d\d)\d+", r"\1", tag[0]), svg)


def write_chart(
    chart: alt.Chart | alt.LayerChart,
    name: str,
    language: str,
    alternative: str,
) -> dict[str, Any]:
    """Write a chart's specification and its pictures into ``figures/``; returns the specification.

    The Vega-Lite specification that the page's script draws is `name`.`language`.json; from it
    :func:`pictures` makes two SVG files, at once or, where ``THESIS_DRAW`` asks for it, later
    and for all chapters together. The chart must be a single or a layered view: it takes the
    width it is given. Its ``usermeta`` may give a ``narrowHeight`` in pixels, for a chart that
    is less high on a phone, as a map is.
    """
    numbers, times = chart_locale(language)
    specification = chart.to_dict()
    meta = {
        **specification.get("usermeta", {}),
        "alternative": alternative,
        "embedOptions": {"formatLocale": numbers, "timeFormatLocale": times},
    }
    if "title" in specification:
        meta["narrowTitle"] = specification["title"]
        specification["title"] = _in_longer_lines(specification["title"])
    specification |= {
        "config": _look(),
        "autosize": {"type": "fit-x", "contains": "padding"},
        "usermeta": meta,
        "width": "container",
    }
    folder = figures_folder()
    folder.mkdir(parents=True, exist_ok=True)
    file = f"{name}.{language}.json"
    text = json.dumps(specification, ensure_ascii=False, sort_keys=True, indent=1) + "\n"
    (folder / file).write_text(text, encoding="utf-8")
    if not os.environ.keys() >= DRAWN_LATER.keys():
        for picture, content in pictures(file, text.encode()).items():
            (folder / picture).write_bytes(content)
    return specification


DRAWN_LATER = {"THESIS_DRAW": "later"}
"""The environment of a chapter whose charts are drawn once all chapters have been executed."""


def is_chart(file: str) -> bool:
    """Whether a file in ``figures/`` is a chart's specification: ``scores.kk.json``."""
    return file.endswith(tuple(f".{language}.json" for language in LANGUAGES))


def pictures(file: str, specification: bytes) -> dict[str, bytes]:
    """The two SVG pictures of a chart, for a desk and for a phone, by their names in ``figures/``.

    file, specification: the name and the contents of the file that :func:`write_chart` wrote.
    """
    name, language, _ = file.rsplit(".", 2)
    wide = json.loads(specification)
    meta = wide["usermeta"]
    narrow = wide | {"width": NARROW}
    if "narrowHeight" in meta:
        narrow["height"] = meta["narrowHeight"]
    if "narrowTitle" in meta:
        narrow["title"] = meta["narrowTitle"]
    drawn = {}
    for picture, sized in ((name, wide | {"width": WIDE}), (f"{name}-narrow", narrow)):
        svg = picture_of(sized, f"{picture}-{language}")
        labelled = svg.replace("<svg ", f'<svg role="img" aria-label={quoteattr(meta["alternative"])} ', 1)
        drawn[f"{picture}.{language}.svg"] = f"{labelled}\n".encode()
    return drawn
