"""Telephone numbers in one form."""

from __future__ import annotations

import re
from collections.abc import Sequence

from subgraphs.kit.errors import InvalidInput

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ALGERIAN = re.compile(r"0[1-79][0-9]{7,8}")
_LAYOUT = str.maketrans("", "", " .-()/")


def read_phone(text: str, field: Sequence[str]) -> str:
    """Returns the number in E.164; one without a country is Algerian. Raises InvalidInput.

    >>> read_phone("0550 12 34 56", []), read_phone("00 33 1 23 45 67 89", [])
    ('+213550123456', '+33123456789')
    """
    digits = text.translate(_LAYOUT)
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif _ALGERIAN.fullmatch(digits):
        digits = f"+213{digits[1:]}"
    if _E164.fullmatch(digits) is None:
        raise InvalidInput("A telephone number is like +213 550 12 34 56", field=field)
    return digits
