"""A computed value inside prose, as a reader sees it."""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell


def written(value: Any) -> str:
    """What stands in the text for `value`: a string itself, anything else as Jupyter shows it."""
    if isinstance(value, str):
        return value
    data, _ = InteractiveShell.instance().display_formatter.format(value)
    return str(data.get("text/markdown") or data["text/plain"])
