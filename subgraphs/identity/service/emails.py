"""E-mail addresses: written as the person likes, compared in one form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from subgraphs.kit.errors import InvalidInput

EMAIL_LENGTH_MAX = 254  # RFC 5321, section 4.5.3.1, less the angle brackets
_SHAPE = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def normalize_email(text: str) -> str:
    """Returns the form two spellings of one address share: NFKC, trimmed, case-folded, NFKC again.

    Folding can leave letters decomposed, hence the second normalisation.

    >>> normalize_email(" Ａmina@Example.DZ ")
    'amina@example.dz'
    """
    folded = unicodedata.normalize("NFKC", text).strip().casefold()
    return unicodedata.normalize("NFKC", folded)


def check_email(text: str, *, field: Sequence[str] = ("input", "email")) -> str:
    """Returns the normalised address, or raises InvalidInput when it cannot be one."""
    normalized = normalize_email(text)
    if len(normalized) > EMAIL_LENGTH_MAX or _SHAPE.fullmatch(normalized) is None:
        raise InvalidInput("This is not an e-mail address", field=field)
    return normalized
