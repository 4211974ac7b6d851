"""Every word of every page, in both languages, against dictionaries and the project's own list."""

import os
import shutil
from pathlib import Path

import pytest

from .spelling import own_words, stems, unknown, words

pytestmark = pytest.mark.skipif(
    shutil.which("hunspell") is None and not os.environ.get("CI"),
    reason="Hunspell is not here: `make dictionaries` installs it with its Kazakh and English dictionaries",
)


def pages(site: Path, language: str) -> list[Path]:
    return sorted((site / language).rglob("*.html"))


@pytest.mark.parametrize("language", ["kk", "en"])
def test_every_word_is_one_a_dictionary_or_the_list_has(real_site: Path, language: str) -> None:
    found = {}
    for page in pages(real_site, language):
        strange = unknown(words(page), language)
        if strange:
            found[page.name] = sorted(strange)
    assert found == {}


@pytest.mark.parametrize("language", ["kk", "en"])
def test_the_list_holds_no_word_that_no_page_needs(real_site: Path, language: str) -> None:
    needed = set()
    for site in ("kk", "en"):
        for page in pages(real_site, site):
            needed |= unknown(words(page), site, listed=False)
    used = {stem for word in needed for stem in stems(word.casefold())}
    assert sorted(own_words(language) - used) == []


MISTAKES = {
    "kk": ["терорризмнің", "қaзақша", "тексерылмей", "кестелардің"],
    "en": ["teh", "terorism", "recieve", "statistcs"],
}


@pytest.mark.parametrize(("language", "word"), [(name, word) for name, all in MISTAKES.items() for word in all])
def test_a_misspelt_word_is_found(language: str, word: str) -> None:
    assert unknown({word}, language) == {word}


RIGHT = ["терроризмнің", "кестелерден", "бөлігі", "орнында", "салыстырылмағандықтан", "есептелгендердің", "қаулымен"]


@pytest.mark.parametrize("word", RIGHT)
def test_an_inflected_kazakh_word_is_known(word: str) -> None:
    assert unknown({word}, "kk") == set()
