"""What several chapters share: loading the thesis's tables and showing what was computed.

A chapter imports from here::

    from thesis import Column, figure, key_figures, load, number, table
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thesis.data import describe_all as describe_all
    from thesis.data import labels as labels
    from thesis.data import load as load
    from thesis.data import locus as locus
    from thesis.data import place as place
    from thesis.display import Bilingual as Bilingual
    from thesis.display import Column as Column
    from thesis.display import block as block
    from thesis.display import cards as cards
    from thesis.display import details as details
    from thesis.display import figure as figure
    from thesis.display import folded as folded
    from thesis.display import from_records as from_records
    from thesis.display import key_figures as key_figures
    from thesis.display import table as table
    from thesis.language import LANGUAGES as LANGUAGES
    from thesis.language import date as date
    from thesis.language import listed as listed
    from thesis.language import month as month
    from thesis.language import number as number
    from thesis.language import percent as percent
    from thesis.ledger.display import chapter_claims as chapter_claims

_HOME = {
    "Bilingual": "display",
    "Column": "display",
    "LANGUAGES": "language",
    "block": "display",
    "cards": "display",
    "chapter_claims": "ledger.display",
    "date": "language",
    "describe_all": "data",
    "details": "display",
    "figure": "display",
    "folded": "display",
    "from_records": "display",
    "key_figures": "display",
    "labels": "data",
    "listed": "language",
    "load": "data",
    "locus": "data",
    "month": "language",
    "number": "language",
    "percent": "language",
    "place": "data",
    "table": "display",
}


def __getattr__(name: str) -> Any:
    # pandas and Altair take a second to load, and `thesis check` needs neither.
    if name not in _HOME:
        raise AttributeError(f"module “thesis” has no “{name}”; a chapter may import {', '.join(_HOME)}")
    return getattr(import_module(f"thesis.{_HOME[name]}"), name)
