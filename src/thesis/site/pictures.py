"""Small pictures made from the chapters' own charts: on the home page, and for social networks."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable, Mapping
from html import escape
from pathlib import Path
from typing import Any

import vl_convert

from thesis.drawing import picture_of, register_fonts
from thesis.site.page import PageFacts
from thesis.store import Store, key_of, made_by
from thesis.workers import Workers

WIDTH, HEIGHT = 320, 168
"""Of a thumbnail, in pixels."""

_PLACE = re.compile(r'(<div[^>]* data-thumbnail="([\w-]+)"[^>]*>)\s*(?=</div>)')


def fill_in_thumbnails(page: str, figures: Path, language: str) -> str:
    """Put the chart's thumbnail into each element of the page that asks for one with `data-thumbnail`."""

    def fill(found: re.Match[str]) -> str:
        path = figures / f"{found[2]}.{language}.json"
        return found[1] + thumbnail(json.loads(path.read_text(encoding="utf-8")), f"thumbnail-{found[2]}")

    return _PLACE.sub(fill, page)


def thumbnails_of(page: str) -> list[str]:
    """The names of the figures whose thumbnails a page asks for."""
    return [found[1] for found in _PLACE.findall(page)]


def thumbnail(specification: dict[str, Any], name: str) -> str:
    """A chart's marks alone, without a word, as SVG in the palette's colours."""
    bare = _without_words(specification)
    bare["config"] = {
        **specification["config"],
        "axis": {**specification["config"]["axis"], "labels": False, "title": None, "domain": False, "ticks": False},
        "legend": {"disable": True},
        "padding": 2,
    }
    bare |= {"width": WIDTH - 4, "height": HEIGHT - 4, "autosize": {"type": "none"}}
    return picture_of(bare, name).replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def _without_words(view: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in view.items() if key not in {"title", "usermeta", "height", "width"}}
    if "params" in kept:  # what is selected still decides colours, but nothing is left to select with
        kept["params"] = [{key: value for key, value in one.items() if key != "bind"} for one in kept["params"]]
    if "layer" in kept:
        kept["layer"] = [_without_words(layer) for layer in kept["layer"] if _kind(layer) != "text"]
    if "encoding" in kept:
        kept["encoding"] = {
            channel: _quiet(definition) if channel in {"x", "y"} else definition
            for channel, definition in kept["encoding"].items()
            if channel not in {"tooltip", "text", "href", "description"}
        }
    return kept


def _kind(view: dict[str, Any]) -> str:
    mark = view.get("mark", "")
    return mark if isinstance(mark, str) else mark["type"]


def _quiet(definition: dict[str, Any]) -> dict[str, Any]:
    """An axis with its grid, if it has one, and nothing to read."""
    axis = definition.get("axis")
    if axis is None and "axis" in definition:
        return definition
    kept = {key: value for key, value in (axis or {}).items() if key in {"grid", "values"}}
    return {**definition, "title": None, "axis": {**kept, "labels": False, "title": None, "ticks": False}}


def draw_social_cards(
    output: Path, project: Path, pages: Mapping[Path, PageFacts], store: Store, workers: Workers
) -> Callable[[], None]:
    """Begin ``social/NAME.png``, 1200 × 630, for each page of one language; the answer, called, writes them.

    A card has the page's title, the site's name and a picture from the chapter's own
    figure, the one that stands on the chapter's card on the home page.
    output: the folder of the language; project: the folder of ``assets/`` and ``figures/``.
    """
    folder = output / "social"
    folder.mkdir(exist_ok=True)
    figures = pages[output / "index.html"].cards
    colours = (project / "assets" / "palette.json").read_text(encoding="utf-8")
    program = made_by("site/pictures.py", "drawing.py", packages=["vl-convert-python"])
    tasks = {}
    for path, page in pages.items():
        # A page without a card of its own, the home page first of all, has the last card's picture.
        figure = figures.get(path.relative_to(output).as_posix()) or next(reversed(figures.values()), "")
        file = project / "figures" / f"{figure}.{output.name}.json"
        chart = file.read_text(encoding="utf-8") if figure else ""
        parts = (page.meta["og:title"], page.meta["og:site_name"], chart, colours)
        tasks[path.stem] = (key_of("card", program, *parts), parts)
    made = workers.keep(store, _social_card, tasks.values())

    def write() -> None:
        for name, content in zip(tasks, made(), strict=True):
            (folder / f"{name}.png").write_bytes(content)

    return write


def _social_card(title: str, site: str, chart: str, palette: str) -> bytes:
    picture = thumbnail(json.loads(chart), "card") if chart else ""
    register_fonts()
    return vl_convert.svg_to_png(_card(title, site, picture, json.loads(palette)["light"]), scale=1)


def _card(title: str, site: str, picture: str, colours: dict[str, str]) -> str:
    size, characters = (60, 30) if len(title) <= 60 else (46, 40)
    lines = textwrap.wrap(title, characters)
    words = "".join(
        f'<tspan x="70" dy="{0 if place == 0 else round(size * 1.2)}">{escape(line)}</tspan>'
        for place, line in enumerate(lines)
    )
    name = "".join(
        f'<tspan x="70" dy="{0 if place == 0 else 32}">{escape(line)}</tspan>'
        for place, line in enumerate(textwrap.wrap(site, 26))
    )
    placed = picture.replace("<svg ", '<svg x="500" y="262" ', 1)
    placed = re.sub(r'width="\d+" height="\d+"', 'width="630" height="331"', placed, count=1)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" viewBox="0 0 1200 630">'
        f'<rect width="1200" height="630" fill="{colours["paper"]}"/>'
        f'<rect width="16" height="630" fill="{colours["kazakhstan"]}"/>'
        f'<g font-family="Golos Text" fill="{colours["ink"]}">'
        f'<text y="{70 + size}" font-size="{size}" font-weight="600">{words}</text>'
        f'<text y="520" font-size="24" fill="{colours["muted"]}">{name}</text></g>{placed}</svg>'
    )
