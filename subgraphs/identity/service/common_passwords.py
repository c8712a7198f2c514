"""Whether a password is among those that are tried first.

`common_words.txt` holds the words most leaked passwords are made of, here and elsewhere. With up to six
figures and signs around them, letters written as figures, and words said twice, they stand for some millions.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

COMMON_WORDS = frozenset(Path(__file__).with_name("common_words.txt").read_text("utf-8").split())
_DECORATION = re.compile(r"[^a-z]{0,6}$")
_LEADING = re.compile(r"^[\W\d_]{0,6}")
_AS_LETTERS = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_WALKS = (
    "1234567890",
    "0987654321",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
)
_REPEATS = re.compile(r"(.{1,5}?)\1+.?$", re.DOTALL)
DIFFERENT_LETTERS_MIN = 4


def is_common(password: str, *personal: str) -> bool:
    """Whether the password is well known, or one of the person's own words, or those with a few signs around.

    >>> is_common("Azertyuiop2024!"), is_common("M0tDePa$$e"), is_common("1234567890")
    (True, True, True)
    >>> is_common("Zellige-58-wilayas"), is_common("amina.b1990", "amina.b")
    (False, True)
    """
    folded = password.casefold()
    # Figures alone are telephone numbers and dates.
    if folded.isdigit() or len(set(folded)) < DIFFERENT_LETTERS_MIN:
        return True
    if _is_walk(folded) or _REPEATS.fullmatch(folded):
        return True
    words = {each.casefold() for each in personal if len(each) >= 3}
    return any(_is_known(form, words) for form in _forms(folded))


def _forms(folded: str) -> set[str]:
    """Returns the password without what people put around it, as written and with figures read as letters."""
    bare = {folded, _DECORATION.sub("", folded), _LEADING.sub("", folded)}
    bare |= {_DECORATION.sub("", form) for form in tuple(bare)}
    return bare | {form.translate(_AS_LETTERS) for form in bare}


def _is_known(form: str, personal: set[str]) -> bool:
    if form in COMMON_WORDS or form in personal:
        return True
    half, rest = divmod(len(form), 2)
    return rest == 0 and form[:half] == form[half:] and form[:half] in COMMON_WORDS


def _is_walk(text: str) -> bool:
    """Whether every step goes to the next key of a row or the next letter: 12345..., abcdef..., azerty..."""
    if len({ord(after) - ord(before) for before, after in pairwise(text)} - {1, -1}) == 0:
        return True
    return any(text in row * 3 or text in row[::-1] * 3 for row in _WALKS)
