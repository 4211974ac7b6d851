"""Reading a rendered page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lxml.html


def read_page(path: Path) -> Any:
    """A page's root element; lxml's own types fit no answer of `xpath`, hence Any."""
    return lxml.html.fromstring(path.read_bytes(), parser=lxml.html.HTMLParser(encoding="utf-8"))
