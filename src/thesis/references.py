"""The sources of ``references.bib`` as text names them: author and year."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

_ENTRY = re.compile(r"^@\w+\{([^,\s]+),(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r"^\s*(author|title|year|date)\s*=\s*\{(.*)\},?\s*$", re.MULTILINE)
_CITATION = re.compile(r"\[(-?@[^\[\]]+)\]")
_KEY = re.compile(r"-?@([\w:.#$%&+?<>~/-]*\w)")


def named_sources(bibliography: Path) -> dict[str, str]:
    """Each source of the bibliography by its key, as a sentence names it: author and year."""
    return _named(bibliography.read_text(encoding="utf-8"))


@lru_cache(maxsize=2)
def _named(bibliography: str) -> dict[str, str]:
    named: dict[str, str] = {}
    for key, entry in _ENTRY.findall(bibliography):
        fields: dict[str, str] = dict(_FIELD.findall(entry))
        author = fields.get("author") or fields.get("title", key)
        # {{An institution, its office}} is a name as a whole; of people the family name stands first.
        name = author.strip("{}") if author.startswith("{") else author.split(",")[0]
        name = name.replace(r"\&", "&")
        named[key] = " ".join(filter(None, [name, fields.get("year", fields.get("date", ""))[:4]]))
    return named


def without_keys(text: str, sources: Mapping[str, str]) -> str:
    """Text whose citations are words: “[@a; @b, p. 5]” becomes “(Author 1999; Other 2001, p. 5)”.

    sources: as :func:`named_sources` gives them. Raises KeyError for a key that is not among them.
    """
    return _CITATION.sub(lambda found: f"({_KEY.sub(lambda key: sources[key[1]], found[1])})", text)
