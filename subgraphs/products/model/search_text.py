"""Texts as they are searched: one spelling for what people write in several.

Arabic: every alef is ا, alef maksura ي, ta marbuta ه, a hamza's seat stands for it, vowel signs and tatweel
are gone, digits are European; letters that the dialects of the Maghreb say alike are one (ث ت, ذ د, ظ ض).
French and English: no case, no accents, œ is oe. Punctuation is a space.

What is left of Arabic is written in Latin capitals, a letter for a letter and in the order of its alphabet:
trigrams hold only what the server's locale calls letters, and under the C locale that is ASCII alone.
Latin words are in small letters, so the two cannot be mistaken for each other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from subgraphs.kit.locales import LocalizedText

WORDS_MAX = 8

_ARABIC_ALPHABET = "ابتجحخدرزسشصضطعغفقكلمنهوي"
_SAME_LETTERS = {"ا": "ٱ", "ت": "ث", "د": "ذ", "ض": "ظ", "ه": "ة", "ي": "ىی", "ك": "ک", "ق": "ڨگ", "ف": "ڤ"}
_CODES = dict(zip(_ARABIC_ALPHABET, "ABCDEFGHIJKLMNOPQRSTUVWXY", strict=True))
_LETTERS = str.maketrans(
    {
        **_CODES,
        **{same: _CODES[letter] for letter, others in _SAME_LETTERS.items() for same in others},
        "ء": "",
        "ـ": "",
        "œ": "oe",
        "æ": "ae",
        **{chr(0x0660 + digit): str(digit) for digit in range(10)},
        **{chr(0x06F0 + digit): str(digit) for digit in range(10)},
    }
)
_NOT_WORD = re.compile(r"[\W_]+")
_ARABIC_ARTICLE = "ال".translate(_LETTERS)
# What is left of a word must still mean something: "prix" loses its x, "gas" keeps its s.
_STEM_LENGTH_MIN = 3
_LATIN_PLURALS = ("s", "x")


def normalize(text: str) -> str:
    """Returns the text in the one spelling, its words a space apart.

    >>> normalize("Huile d'olive — L'ÉTÉ")
    'huile d olive l ete'
    >>> normalize("إِكْسِسْوَارَات مدرســة") == normalize("اكسسوارات مدرسه")
    True
    >>> normalize("زيت")
    'IYC'
    """
    # Decomposing parts letters from their accents, vowel signs and hamzas, which are all marks.
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", letters.translate(_LETTERS)).strip()


def search_words(query: str) -> list[str]:
    """Returns the beginnings of words a text must contain to be found: no article, no plural ending.

    >>> search_words("Les lampes dorées")
    ['les', 'lampe', 'doree']
    >>> search_words("القهوة") == [normalize("قهوه")]
    True
    """
    words = [_stem(word) for word in normalize(query).split()]
    # A lone letter is an elided article (l'huile), unless it is all there is; a lone digit means something.
    telling = [word for word in words if len(word) > 1 or word.isdigit()] or words
    return list(dict.fromkeys(telling))[:WORDS_MAX]


def texts_of(localized: LocalizedText) -> list[str]:
    """Returns the text in every language it has, the platform's first language first."""
    return [text for text in (localized.fr, localized.ar, localized.en) if text]


def join_normalized(texts: Iterable[str]) -> str:
    """Returns the texts normalised, each on its own line, so that no match spans two of them."""
    return "\n".join(normalize(text) for text in texts)


def _stem(word: str) -> str:
    if word.startswith(_ARABIC_ARTICLE) and len(word) >= len(_ARABIC_ARTICLE) + _STEM_LENGTH_MIN:
        return word[len(_ARABIC_ARTICLE) :]
    if word.isascii() and word.endswith(_LATIN_PLURALS) and len(word) > _STEM_LENGTH_MIN and word.isalpha():
        return word[:-1]
    return word
