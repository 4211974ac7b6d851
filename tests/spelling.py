"""Words of a page that no dictionary has, in Kazakh and in English.

Hunspell's Kazakh dictionary knows stems and few of their forms, and Kazakh joins up to six
endings to a stem. So a word it does not know is taken apart at the language's endings, and
passes when what is left is a stem that Hunspell or the project's list has.
"""

import re
import subprocess
from collections.abc import Iterable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import lxml.html

from thesis import load

from .ledger_script import checks_set_aside

WORDS = Path(__file__).parent / "words"
_DICTIONARIES = {"kk": "kk_KZ", "en": "en_GB,en_US"}
_NOT_PROSE = (
    "//pre|//code|//script|//style|//svg|//nav|//*[@id='refs']|//*[@class='citation']|//*[@class='provenance']"
    "|//*[@class='preview']"  # cells of data, cut to the width of a page
    "|//a[contains(@href, '#ref-')]"  # a source by its author’s name
)
_WORD = re.compile(r"[^\W\d_]{2,}(?:[’'][^\W\d_]+)*")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]")


def words(page: Path) -> set[str]:
    """The words of a page's prose, tables and captions; no code, citations or references."""
    document: Any = lxml.html.fromstring(page.read_bytes())
    main = document.xpath("//main")[0]
    if main.xpath(".//*[contains(@class, 'ledger-filter')]"):
        main.extend(_set_aside(page.parents[1] / "assets" / "ledger-how.js"))
    for element in main.xpath(_NOT_PROSE.replace("//", ".//")):
        element.drop_tree()
    # A value shown as printed keeps the thesis's own spelling.
    for element in main.xpath(".//*[@class='as-printed']"):
        element.drop_tree()
    text = " ".join(main.itertext()).replace("\N{SOFT HYPHEN}", "").replace("\N{NON-BREAKING HYPHEN}", "-")
    # A paragraph is named by its opening words as printed: «Ал келесі кезекте…».
    text = re.sub(r"«[^»]*…»", " ", text)
    return set(_WORD.findall(text.replace("’", "'")))


def _set_aside(script: Path) -> list[Any]:
    """What the page of the ledger brings when a reader comes to it."""
    checks = checks_set_aside(script.read_text(encoding="utf-8"))
    return [lxml.html.fragment_fromstring(html, create_parent="div") for html in checks.values()]


@cache
def names_in_data(language: str) -> frozenset[str]:
    """The words of the names that data/ gives to countries, regions and places."""
    names = (name for table in ("countries", "regions", "places") for name in load(table)[f"name_{language}"])
    return frozenset(word.casefold() for name in names for word in _WORD.findall(name))


def own_words(language: str) -> set[str]:
    """The project's reviewed list: one word a line, `#` begins a remark."""
    lines = (WORDS / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return {line.split("#")[0].strip().casefold() for line in lines} - {""}


def unknown_to_hunspell(candidates: Iterable[str], language: str) -> set[str]:
    listed = sorted(set(candidates))
    command = ["hunspell", "-d", _DICTIONARIES[language], "-i", "utf-8", "-l"]
    answer = subprocess.run(command, input="\n".join(listed), capture_output=True, text=True, check=True)
    return set(answer.stdout.split("\n")) & set(listed)


def unknown(candidates: Iterable[str], language: str, listed: bool = True) -> set[str]:
    """The words that neither Hunspell nor the data nor (with `listed`) the project's list knows.

    A word in the other alphabet is a name or a value as printed: Cyrillic in an English
    page is left alone, Latin in a Kazakh page is checked as English.
    """
    own = {name: names_in_data(name) | (own_words(name) if listed else set()) for name in _DICTIONARIES}
    found = set()
    cyrillic = {word for word in candidates if _CYRILLIC.search(word)}
    latin = set(candidates) - cyrillic
    found |= {word for word in unknown_to_hunspell(latin, "en") if word.casefold() not in own["en"]}
    if language == "kk":
        doubtful = {word for word in unknown_to_hunspell(cyrillic, "kk") if word.casefold() not in own["kk"]}
        parts = {word: stems(word.casefold()) for word in doubtful}
        every = set().union(*parts.values())
        good = (every - unknown_to_hunspell(every, "kk")) | own["kk"]
        found |= {word for word, possible in parts.items() if not possible & good}
    return found


def _forms(*patterns: str) -> set[str]:
    """Spell out vowel harmony and assimilation: A → а, е; I → ы, і; G → ғ, г, қ, к …"""
    letters = {"A": "ае", "I": "ыі", "G": "ғгқк", "D": "дт", "L": "лдт", "N": "ндт", "M": "мбп", "K": "қк"}
    return {"".join(form) for pattern in patterns for form in product(*(letters.get(one, one) for one in pattern))}


ENDINGS = _forms(
    # number, possession, case
    *("LAр", "Iм", "м", "IмIз", "мIз", "IңIз", "ңIз", "Iң", "ң", "I", "сI", "NIң", "GA", "нA", "A", "NI", "н", "I"),
    *("DA", "ндA", "DAн", "нAн", "DAGI", "ндAGI", "GI"),
    # one word from another
    *("LIK", "сIз", "LI", "шI", "шA", "DAй", "DAйын", "рAK", "IрAK", "LAс", "лA", "ншI", "IншI", "AнA", "лAтA"),
    # verbs
    *("у", "ю", "MA", "MAу", "Iл", "л", "Iн", "Iс", "с", "DIр", "т", "GIз", "Iт", "GAн", "AтIн", "йтIн", "DI", "сA"),
    *("Iп", "п", "й", "Aй", "AдI", "йдI", "Aр", "р", "MAс", "ушI", "MAлI", "AлIK", "йIK", "K", "IK", "MAй", "GAлI"),
    *("GAндA", "GAншA", "сIн", "IңIздAр", "AмIз", "ймIз", "мIн", "MAK", "GIр", "LAн", "лAт"),
)
# These keep their vowel whatever the stem's is.
INVARIABLE = _forms("Mен", "Mенен", "Nікі") | {"мыс", "паз", "кер", "гер"}
_BACK, _FRONT = re.compile("[аоұы]"), re.compile("[әөүіе]")


def _harmonise(stem: str, ending: str) -> bool:
    """Whether an ending may follow a stem: back vowels after back ones, front after front."""
    vowels = [letter for letter in stem if letter in "аоұыәөүіеиуэюяё"]
    if ending in INVARIABLE or not vowels or vowels[-1] in "иуэюяё":
        return True
    return not (_FRONT if _BACK.match(vowels[-1]) else _BACK).search(ending)


@cache
def stems(word: str, depth: int = 7) -> frozenset[str]:
    """Every beginning of a word that is left when endings are taken off, the word included."""
    found = {word}
    # The stem's last consonant softens before a vowel: бөлік – бөлігі, сақ – сағы, кітап – кітабы.
    if word[-1:] in "гғб":
        found.add(word[:-1] + {"г": "к", "ғ": "қ", "б": "п"}[word[-1]])
    # A narrow vowel drops out: орын – орны.
    if len(word) > 2 and word[-1] in "нрлз" and word[-2] not in "аәеиоөуүұыіэюя":
        found |= {word[:-1] + vowel + word[-1] for vowel in "ыі"}
    if depth:
        for ending in ENDINGS | INVARIABLE:
            stem = word.removesuffix(ending)
            if stem != word and len(stem) >= 2 and _harmonise(stem, ending):
                found |= stems(stem, depth - 1)
    return frozenset(found)
