"""What several chapters share: loading the thesis's tables and showing what was computed.

A chapter imports from here and nowhere deeper::

    from thesis import Column, figure, key_figures, load, number, table
"""

from thesis.data import load, locus
from thesis.display import Column, figure, key_figures, table
from thesis.language import date, month, number

__all__ = ["Column", "date", "figure", "key_figures", "load", "locus", "month", "number", "table"]
