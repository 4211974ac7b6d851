"""Drawing a chart's specification as pictures; what a chart is made of stands in :mod:`thesis.charts`."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any
from xml.sax.saxutils import quoteattr

import vl_convert

from thesis.language import LANGUAGES
from thesis.project import root

WIDE, NARROW = 640, 328
"""Widths in pixels of the two pictures of a chart: a desk's text column and a phone's screen."""

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
