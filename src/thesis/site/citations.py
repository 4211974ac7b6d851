"""How to cite a page, for programs: BibTeX, RIS and plain text, from what the page says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from thesis.site.page import PageFacts


def write_citations(output: Path, pages: Mapping[Path, PageFacts]) -> None:
    """Write ``cite/NAME.bib``, ``.ris`` and ``.txt`` for each page of one language.

    output: the folder of the language. A page's ``citation_…`` tags and its own sentence
    are the one source, so that what it shows and what it gives away agree.
    """
    folder = output / "cite"
    folder.mkdir(exist_ok=True)
    for path, page in pages.items():
        if not page.citation:
            continue
        facts = {name.removeprefix("citation_"): value for name, value in page.meta.items() if "citation_" in name}
        for ending, text in (
            ("bib", bibtex(path.stem, facts)),
            ("ris", ris(facts)),
            ("txt", f"{page.citation}\n"),
        ):
            (folder / f"{path.stem}.{ending}").write_text(text, encoding="utf-8")


def bibtex(name: str, facts: dict[str, str]) -> str:
    """A BibTeX entry; facts: the page's ``citation_…`` tags without that beginning."""
    book = facts.get("inbook_title")
    fields = {
        "author": f"{{{facts['author']}}}",
        "title": f"{{{facts['title']}}}",
        "booktitle": f"{{{book}}}" if book else "",
        "year": facts["publication_date"],
        "language": {"kk": "kazakh", "en": "english"}[facts["language"]],
        "url": facts.get("fulltext_html_url", ""),
    }
    lines = [f"  {field} = {{{value}}}," for field, value in fields.items() if value]
    kind = "incollection" if book else "misc"
    return "\n".join([f"@{kind}{{thesis-recomputed-{name}-{facts['language']},", *lines, "}"]) + "\n"


def ris(facts: dict[str, str]) -> str:
    """The same as a RIS record."""
    book = facts.get("inbook_title")
    fields = {
        "TY": "CHAP" if book else "DATA",
        "AU": facts["author"],
        "TI": facts["title"],
        "T2": book,
        "PY": facts["publication_date"],
        "LA": facts["language"],
        "UR": facts.get("fulltext_html_url"),
    }
    return "".join(f"{tag}  - {value}\r\n" for tag, value in fields.items() if value) + "ER  - \r\n"
