"""Showing the ledger: where its claims stand on a page, and the record that their rows are written from.

The rows themselves are written when a page is finished (:mod:`thesis.site.from_records`).
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterable
from itertools import zip_longest

from thesis.display import Bilingual, details, from_records
from thesis.language import LANGUAGES, Text, number
from thesis.ledger.claims import VERDICTS, WEIGHTS, Judgement, as_record, ledger
from thesis.project import figures_folder, page_titles, root
from thesis.words import LEDGER


def chapter_claims(chapter: str) -> Bilingual:
    """The claims of one chapter: how many there are, what differs, and the rest folded.

    chapter: the name of a file in chapters/ without its ending. Raises KeyError for a
    chapter without claims.
    """
    own = ledger(chapter)
    if not own:
        raise KeyError(f"data/claims.csv has no claim of the chapter “{chapter}”")
    counts = Counter(judgement.verdict for judgement in own)
    markdown: Text = {}
    for language in LANGUAGES:
        parts = [_sentence(counts, language)]
        if counts["differs"]:
            parts.append(from_records("chapter-claims", chapter=chapter, verdict="differs"))
        others = counts.total() - counts["differs"]
        if others:
            summary = f"{LEDGER['others'][language]} ({number(others, language)})"
            rest = [verdict for verdict in VERDICTS if verdict != "differs" and counts[verdict]]
            parts.append(details(summary, from_records("chapter-claims", chapter=chapter, verdict=" ".join(rest))))
        markdown[language] = "\n\n".join(parts)
    return Bilingual(markdown)


def _sentence(counts: Counter[str], language: str) -> str:
    """How many claims there are and what became of them."""
    values = {verdict: number(counts[verdict], language) for verdict in VERDICTS}
    everything = number(counts.total(), language)
    if language == "kk":
        return (
            f"Тізілімде осы тараудың тұжырымдары: {everything}. Сәйкес келгені – {values['reproduced']}, "
            f"айырмасы бары – {values['differs']}, есептеуге дерегі жоғы – {values['not-computable']}. "
            "Толық тізім мен тексеру жолы [нәтижелердің қайталануы](/chapters/reproducibility.qmd) бетінде."
        )
    return (
        f"Claims of this chapter in the ledger: {everything}. Reproduced: {values['reproduced']}; "
        f"different: {values['differs']}; not computable: {values['not-computable']}. "
        "The whole list and the way it is checked are on the page [Reproducibility](/chapters/reproducibility.qmd)."
    )


def by_weight(judgements: Iterable[Judgement]) -> list[Judgement]:
    """What matters most first, otherwise in the order of the thesis."""
    return sorted(judgements, key=lambda judgement: WEIGHTS.index(judgement.weight))


def claims_list(verdict: str, weight: str) -> Bilingual:
    """The claims of a verdict and a weight as rows, each linked to its chapter; they carry no address of their own."""
    return _in_both_languages(from_records("claims", verdict=verdict, weight=weight))


def whole_ledger() -> Bilingual:
    """Every claim in one table, with a filter that appears where scripts run."""
    return _in_both_languages(from_records("ledger"))


def _in_both_languages(markdown: str) -> Bilingual:
    return Bilingual(dict.fromkeys(LANGUAGES, markdown))


def _code(text: str) -> str:
    """Code as it is typed: Pandoc would set its quotation marks, and end a cell at a bar."""
    return "`<code>" + html.escape(text, quote=False).replace("|", "&#124;").replace("`", "&#96;") + "</code>`{=html}"


def plain(text: str) -> str:
    """Text whose every character Pandoc is to show as it is, but for the bars of a table; `code` stays code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick that opens nothing
        parts = [text]
    escaped = (re.sub(r"([\\`*_\[\]@#<>$~^{}])", r"\\\1", part) for part in parts[::2])
    code = (_code(part) for part in parts[1::2])
    return "".join(piece for pair in zip_longest(escaped, code, fillvalue="") for piece in pair)


def chapter_titles() -> dict[str, Text]:
    """The chapters that have claims, by file name, as the sidebar calls them and in its order."""
    named = {judgement.claim.chapter for judgement in ledger()}
    titles = {language: page_titles(root(), language) for language in LANGUAGES}
    return {name: {x: titles[x][name] for x in LANGUAGES} for name in titles["kk"] if name in named}


def record_ledger() -> None:
    """Write ``claims.json`` beside the figures: every page's rows come from it, and the site has it at its root."""
    records = [as_record(judgement) for judgement in ledger()]
    text = json.dumps(records, ensure_ascii=False, indent=1)
    (figures_folder() / "claims.json").write_text(text + "\n", encoding="utf-8")
