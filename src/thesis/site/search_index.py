"""The text of a language's pages, section by section, for the search in ``assets/search.js``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from thesis.site.page import PageFacts


def write_search_index(output: Path, pages: Mapping[Path, PageFacts]) -> None:
    """Write ``search-index.js`` into the folder of a language.

    It calls ``thesisIndex`` with a list of pages, each ``[address, title, sections]``, a
    section being ``[id, heading, text]``. A script and not JSON, so that search also works
    on pages opened from a file.
    """
    index = [
        [path.relative_to(output).as_posix(), facts.title, facts.sections] for path, facts in sorted(pages.items())
    ]
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    (output / "search-index.js").write_text(f"thesisIndex({text});\n", encoding="utf-8")
