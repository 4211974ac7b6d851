"""One look for all charts, and the files a chart leaves in ``figures/``."""

from __future__ import annotations

import json
import os
import textwrap
from functools import cache
from typing import Any

import altair as alt

from thesis.drawing import DRAWN_LATER, pictures
from thesis.language import chart_locale
from thesis.project import figures_folder, root

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
