"""Showing the ledger: the claims of a chapter, all of them with a filter, and the record for machines."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml

from thesis.data import describe, place
from thesis.display import Bilingual, as_printed, details
from thesis.language import LANGUAGES, Text, number
from thesis.ledger.checks import METHODS
from thesis.ledger.claims import VERDICTS, WEIGHTS, Claim, Judgement, as_record, is_year, ledger
from thesis.project import figures_folder, root
from thesis.references import named_sources

VERDICT_NAMES: dict[str, Text] = {
    "reproduced": {"kk": "сәйкес келді", "en": "reproduced"},
    "differs": {"kk": "айырма бар", "en": "differs"},
    "not-computable": {"kk": "есептеуге дерек жоқ", "en": "not computable"},
}
WEIGHT_NAMES: dict[str, Text] = {
    "material": {"kk": "елеулі", "en": "material"},
    "minor": {"kk": "ұсақ", "en": "minor"},
    "misprint": {"kk": "баспа қатесі", "en": "misprint"},
}
AGAINST_NAMES: dict[str, Text] = {
    "own-data": {"kk": "диссертацияның өз дерегі", "en": "the thesis’s own data"},
    "own-text": {"kk": "диссертация мәтінінің басқа жері", "en": "another place in the thesis’s text"},
    "primary-source": {"kk": "басқа дереккөз", "en": "a source outside the thesis"},
}
_RELATIONS: dict[str, Text] = {
    "at-least": {"kk": "кемінде", "en": "at least"},
    "more-than": {"kk": "мына саннан көп болуы керек –", "en": "to be more than"},
    "less-than": {"kk": "мына саннан аз болуы керек –", "en": "to be less than"},
    "at-most": {"kk": "ең көбі", "en": "at most"},
}
_WORDS: dict[str, Text] = {
    "statement": {"kk": "Тұжырым", "en": "Statement"},
    "printed": {"kk": "Басылғаны", "en": "Printed"},
    "found": {"kk": "Қайта есептелгені", "en": "Recomputed"},
    "verdict": {"kk": "Қорытынды", "en": "Verdict"},
    "how": {"kk": "Қалай тексерілді", "en": "How it was checked"},
    "rows": {"kk": "Жолдар", "en": "Rows"},
    "all-rows": {"kk": "барлық жол", "en": "all rows"},
    "against": {"kk": "Салыстыру негізі", "en": "Held against"},
    "wanted": {"kk": "Күтілген шарт", "en": "What the statement asks"},
    "tolerance": {"kk": "Рұқсат етілген ауытқу", "en": "Tolerance"},
    "meant": {"kk": "Дұрысы көрінетін жер", "en": "What was meant is shown by"},
    "in-chapter": {"kk": "тарауда", "en": "in the chapter"},
    "others": {"kk": "Қалған тұжырымдар", "en": "The other claims"},
    "search": {"kk": "Тұжырымнан іздеу", "en": "Search the claims"},
    "chapter": {"kk": "Тарау", "en": "Chapter"},
    "weight": {"kk": "Салмағы", "en": "Weight"},
    "any": {"kk": "бәрі", "en": "all"},
    "more": {"kk": "Тағы көрсету", "en": "Show more"},
    "shown": {"kk": "Табылғаны: {found}, барлығы: {all}", "en": "{found} of {all} found"},
}
_EVIDENCE_SHOWN = 3


def chapter_claims(chapter: str) -> Bilingual:
    """The claims of one chapter: first what differs, the rest folded.

    chapter: the name of a file in chapters/ without its ending. Raises KeyError for a
    chapter without claims.
    """
    own = ledger(chapter)
    if not own:
        raise KeyError(f"data/claims.csv has no claim of the chapter “{chapter}”")
    counts = Counter(judgement.verdict for judgement in own)
    differing = by_weight(judgement for judgement in own if judgement.verdict == "differs")
    others = [judgement for judgement in own if judgement.verdict != "differs"]
    markdown: Text = {}
    for language in LANGUAGES:
        parts = [_sentence(counts, language)]
        if differing:
            parts.append(_rows(differing, language, in_chapter=True))
        if others:
            summary = f"{_WORDS['others'][language]} ({number(len(others), language)})"
            parts.append(details(summary, _rows(others, language, in_chapter=True)))
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


def claims_list(judgements: Sequence[Judgement]) -> Bilingual:
    """Claims as a table, each linked to its chapter; rows carry no address of their own."""
    return Bilingual({language: _rows(judgements, language, addressed=False) for language in LANGUAGES})


def whole_ledger() -> Bilingual:
    """Every claim in one table, with a filter that appears where scripts run.

    There the table is text to the browser until the reader comes near it (``assets/ledger.js``):
    building its tens of thousands of elements at once would hold up a phone.
    """
    judgements, titles = ledger(), chapter_titles()
    markdown = {
        language: f"{_filter(titles, language)}\n\n```{{=html}}\n<noscript>\n```\n\n{_rows(judgements, language)}\n\n"
        '```{=html}\n</noscript>\n<script defer src="../assets/ledger.js"></script>\n```'
        for language in LANGUAGES
    }
    return Bilingual(markdown)


def _filter(titles: dict[str, Text], language: str) -> str:
    def choice(name: str, label: Text, options: dict[str, Text]) -> str:
        values = [f'<option value="">{_WORDS["any"][language]}</option>']
        values += [f'<option value="{key}">{html.escape(text[language])}</option>' for key, text in options.items()]
        return f'<label>{label[language]} <select name="{name}">{"".join(values)}</select></label>'

    controls = [
        f'<label>{_WORDS["search"][language]} <input type="search" name="text" autocomplete="off"></label>',
        choice("verdict", _WORDS["verdict"], VERDICT_NAMES),
        choice("weight", _WORDS["weight"], WEIGHT_NAMES),
        choice("chapter", _WORDS["chapter"], titles),
        f'<output data-shown="{_WORDS["shown"][language]}" data-more="{_WORDS["more"][language]}"></output>',
    ]
    return '```{=html}\n<form class="ledger-filter" hidden>' + "\n".join(controls) + "</form>\n```"


def _rows(judgements: Sequence[Judgement], language: str, *, in_chapter: bool = False, addressed: bool = True) -> str:
    """One pipe table; a row on a chapter's page leads to the ledger, and a row there to the chapter."""
    headings = [_WORDS[name][language] for name in ("statement", "printed", "found", "verdict")]
    lines = [headings, [":---", "---:", "---:", ":---"]]
    for judgement in judgements:
        claim = judgement.claim
        address = f"claim-{claim.id}" if in_chapter else f"ledger-{claim.id}"
        if in_chapter:
            link = f"[{_WORDS['how'][language].lower()}](/chapters/reproducibility.qmd#ledger-{claim.id})"
        else:
            link = f"[{_WORDS['in-chapter'][language]}](/chapters/{claim.chapter}.qmd#claim-{claim.id})"
        named = f" #{address}" if addressed else ""
        where = f"{plain(place(claim.locus, language))} · {link}"
        verdict = f"[{VERDICT_NAMES[judgement.verdict][language]}]{{.verdict .verdict-{judgement.verdict}}}"
        if judgement.verdict == "differs":
            verdict += f" [{WEIGHT_NAMES[judgement.weight][language]}]{{.weight .weight-{judgement.weight}}}"
        note = judgement.note[language]
        said = [
            f"[{plain(_unbroken(claim.statement[language]))}]{{.claim-statement{named}}}",
            f"[{where}]{{.claim-place}}",
        ]
        # A chapter is kept light: of what holds or cannot be computed, the ledger has the note.
        told = note and (judgement.verdict == "differs" or not in_chapter)
        said += [f"[{plain(note)}]{{.claim-note}}"] if told else []
        said += [] if in_chapter else [_opened_in_place(_WORDS["how"][language], _how(judgement, language))]
        lines.append(
            [
                " ".join(said),
                _as_printed(plain(_unbroken(claim.value_printed))),
                judgement.shown[language] if judgement.shown else "—",
                verdict,
            ]
        )
    grid = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
    # On a narrow page a row is set as a card, and the style sheet writes these before its cells.
    labels = "; ".join(f"--{name}: '{_WORDS[name][language]}'" for name in ("printed", "found", "verdict"))
    return f'::: {{.ledger style="{labels}"}}\n\n{grid}\n\n:::'


_BREAKS = re.compile(r"(?<=\d) (?=\d{3}\b|ж\.|%)")


def _unbroken(text: str) -> str:
    """Text whose numbers no line end cuts from their thousands or their unit."""
    return _BREAKS.sub("\N{NO-BREAK SPACE}", text)


def _as_printed(cell: str) -> str:
    """The thesis's own characters, which no filter may touch, and its language where they are words."""
    marked = as_printed(cell)
    return marked if marked != cell else f"[{cell}]{{.as-printed}}"


def _opened_in_place(summary: str, content: str) -> str:
    """What opens inside a cell, where a block of Markdown cannot stand."""
    return f"`<details><summary>{summary}</summary>`{{=html}}{content}`</details>`{{=html}}"


def _how(judgement: Judgement, language: str) -> str:
    """What a reader needs to repeat the check by hand."""
    claim = judgement.claim
    parts = {
        "table": _table_link(claim.table),
        "rows": _code(claim.rows) if claim.rows else _WORDS["all-rows"][language],
        "column": _code(claim.column),
        "among": " ".join(
            filter(
                None,
                [
                    _table_link(claim.among_table) if claim.among_table else "",
                    _code(claim.among) if claim.among else _WORDS["all-rows"][language],
                ],
            )
        ),
    }
    sentences = [METHODS[claim.check][language].format(**parts) + "."]
    sentences.append(f"{_WORDS['rows'][language]}: {parts['rows']}.")
    if claim.relation in _RELATIONS:
        wanted = f"{_RELATIONS[claim.relation][language]} {stated(claim, language)}"
        sentences.append(f"{_WORDS['wanted'][language]}: {wanted}.")
    if claim.tolerance:
        reason = claim.tolerance_reason_kk if language == "kk" else claim.tolerance_reason_en
        sentences.append(
            f"{_WORDS['tolerance'][language]}: ±{_number(claim.tolerance, language)} ({plain(reason.rstrip('.'))})."
        )
    if judgement.against:
        base = AGAINST_NAMES[judgement.against][language] + _evidence(judgement, language)
        sentences.append(f"{_WORDS['against'][language]}: {base}.")
    if judgement.weight == "misprint":
        sentences.append(f"{_WORDS['meant'][language]}: {plain(place(claim.meant_at, language))}.")
    return f"[{' '.join(sentences)}]{{.claim-how}}"


def _evidence(judgement: Judgement, language: str) -> str:
    """Where the evidence stands: citations of sources, or places of the thesis."""
    if not judgement.evidence:
        return ""
    shown = judgement.evidence[:_EVIDENCE_SHOWN]
    if judgement.against == "primary-source":
        if "source" not in {field["name"] for field in describe(judgement.claim.table)["schema"]["fields"]}:
            return ""
        return " (" + "; ".join(_source_link(key) for key in shown) + ")"
    more = "; …" if len(judgement.evidence) > len(shown) else ""
    return " (" + plain("; ".join(place(key, language) for key in shown)) + more + ")"


def _source_link(key: str) -> str:
    """A link to the list of sources: a citation here would set the whole list under the ledger."""
    return f"[{plain(named_sources(root() / 'references.bib')[key])}](/chapters/sources.qmd#ref-{key})"


def _table_link(name: str) -> str:
    return f"[{name.replace('_', chr(92) + '_')}](/data/{describe(name)['path']})"


def stated(claim: Claim, language: str) -> str:
    """The stated value as a sentence has it, with all the decimals that the claim gives it."""
    value = claim.stated
    return claim.value if isinstance(value, float) and is_year(claim, value) else _number(claim.value, language)


def _number(text: str, language: str) -> str:
    try:
        value = float(text)
    except ValueError:
        return text
    return number(value, language, len(text.partition(".")[2]))


def _code(text: str) -> str:
    """Code as it is typed: Pandoc would set its quotation marks, and end a cell at a bar."""
    return "`<code>" + html.escape(text, quote=False).replace("|", "&#124;").replace("`", "&#96;") + "</code>`{=html}"


def plain(text: str) -> str:
    """Text whose every character Pandoc is to show as it is, in a cell of a table; `code` stays code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick that opens nothing
        parts = [text]
    escaped = (re.sub(r"([\\`*_\[\]|@#<>$~^{}])", r"\\\1", part) for part in parts[::2])
    code = (_code(part) for part in parts[1::2])
    return "".join(piece for pair in zip_longest(escaped, code, fillvalue="") for piece in pair)


def chapter_titles() -> dict[str, Text]:
    """The chapters that have claims, by file name, as the sidebar calls them and in its order."""
    named = {judgement.claim.chapter for judgement in ledger()}
    titles: dict[str, Text] = {}
    for language in LANGUAGES:
        profile = yaml.safe_load((root() / f"_quarto-{language}.yml").read_text(encoding="utf-8"))
        for chapter, text in _pages(profile["website"]["sidebar"]["contents"]):
            if chapter in named:
                titles.setdefault(chapter, {})[language] = text
    return titles


def _pages(contents: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for item in contents:
        if "href" in item:
            yield Path(item["href"]).stem, item["text"]
        yield from _pages(item.get("contents", []))


def record_ledger() -> None:
    """Write ``claims.json``, the ledger for machines, beside the figures; the site has it at its root."""
    records = [as_record(judgement) for judgement in ledger()]
    text = json.dumps(records, ensure_ascii=False, indent=1)
    (figures_folder() / "claims.json").write_text(text + "\n", encoding="utf-8")
