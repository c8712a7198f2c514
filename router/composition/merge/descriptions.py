"""Merging of descriptions: the one most subgraphs give, the first of them when there is a tie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def merge_descriptions(descriptions: Iterable[str | None]) -> str | None:
    """Choose one description; empty ones do not count."""
    given = [text for text in descriptions if text]
    # Counter keeps first-seen order among equals.
    return Counter(given).most_common(1)[0][0] if given else None
