"""Keeping the ledger's page light: what a reader opens row by row is loaded when the ledger is in sight."""

from __future__ import annotations

import json
import re

SCRIPT = "ledger-how.js"
_LEDGER = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)
_ROW = re.compile(r"<tr\b.*?</tr>", re.DOTALL)
_IDENTIFIER = re.compile(r'id="(ledger-[^"]+)"')
_HOW = re.compile(r'\s*(?:<span class="claim-note">(?:(?!<details>).)*)?<details>.*?</details>', re.DOTALL)


def set_aside_how(page: str) -> tuple[str, str]:
    """The page without the notes and checks of claims that do not differ, and a script that holds them.

    The script calls ``thesisLedger`` with the HTML of each by the row's id; it is empty for a
    page without the ledger. What differs keeps all of it: that is what most readers come for,
    with a script or without. The rest is in ``claims.json`` and ``claims.csv`` as well.
    """
    aside: dict[str, str] = {}

    def lighter(row: re.Match[str]) -> str:
        named = _IDENTIFIER.search(row[0])
        if not named or "verdict-differs" in row[0]:
            return row[0]
        how = _HOW.search(row[0])
        if how:
            aside[named[1]] = re.sub(r"\s+", " ", how[0]).strip()
        return _HOW.sub("", row[0])

    page = _LEDGER.sub(lambda ledger: _ROW.sub(lighter, ledger[0]), page)
    return page, f"thesisLedger({json.dumps(aside, ensure_ascii=False, indent=0)});\n" if aside else ""
