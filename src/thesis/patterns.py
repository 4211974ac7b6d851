"""Regular expressions of ``data/``: which of them can be tried without waiting for ever."""

from __future__ import annotations

import re
from math import prod

_CLASS = re.compile(r"\\[1-9]|\\.|\[\^?\]?[^\]\\]*(?:\\.[^\]\\]*)*\]")
_INNER_GROUP = re.compile(r"\(([^()]*)\)([*+?]|\{\d*,?\d*\})?")
_REPEAT = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")
_CHOICES = 20
PATTERN_LETTERS = 1_000
"""How long a cell may be that has a pattern; a longer one is not tried."""


def pattern_fault(pattern: str) -> str:
    """Why a pattern could take for ever, or is none; empty for one that may be used.

    A regular expression that repeats what varies, such as ``(.+)+!``, tries more ways than
    anyone can wait for. What is accepted tries at most some twenty ways at each letter.
    """
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        return f"which is no regular expression ({error})"
    if len(pattern) > 200:
        return "which is longer than 200 characters"
    plain = _CLASS.sub(lambda it: "\0" if re.fullmatch(r"\\[1-9]", it[0]) else "x", pattern)
    if "\0" in plain or "(?" in plain:
        return "which looks back or ahead"
    repeats = list(_REPEAT.finditer(plain))
    while match := _INNER_GROUP.search(plain):
        inside, repeat = match[1], match[2] or ""
        varies = bool(re.search(r"[*+?|~]|\{\d*,\d*\}", inside))
        if varies and repeat not in {"", "?"}:
            # {0,2} of a piece that varies itself is written out in full instead.
            return "which repeats what varies itself"
        plain = plain[: match.start()] + ("~" if varies else "x") + repeat + plain[match.end() :]
    endless = sum(1 for it in repeats if it[0] in "*+" or (it[2] and not it[3]))
    choices = prod(2 if it[0] == "?" else int(it[3]) - int(it[1] or 0) + 1 for it in repeats if it[0] == "?" or it[3])
    if endless > 1 or choices > _CHOICES:
        return "which can be matched in too many ways"
    return ""
