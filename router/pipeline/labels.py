"""Which labels of progressive overrides hold for a request (federation 2.7, `@override(label:)`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from router.supergraph import Supergraph

_PERCENT = re.compile(r"^percent\((\d{1,3}(?:\.\d{1,8})?)\)$")


class OverrideLabels:
    """Draws the active labels of each request.

    A `percent(n)` label holds for n of 100 requests; every label of one request meets the same draw, so that
    whoever is in the first ten percent is in the first twenty too. A named label holds when the configuration
    or the request names it.
    """

    def __init__(self, supergraph: Supergraph, active: Iterable[str], draw: Callable[[], float]) -> None:
        labels = supergraph.override_labels
        self._percents = {
            label: float(match.group(1)) for label in labels if (match := _PERCENT.match(label)) is not None
        }
        self._named = labels - self._percents.keys()
        self._always = frozenset(active) & self._named
        self._draw = draw

    def active(self, requested: frozenset[str]) -> frozenset[str]:
        """Returns the labels that hold for one request that asks for `requested` itself."""
        if not requested and not self._percents:
            return self._always
        if not self._percents:
            return self._always | (requested & self._named)
        drawn = self._draw() * 100
        by_chance = {label for label, percent in self._percents.items() if drawn < percent}
        return self._always | (requested & self._named) | by_chance
