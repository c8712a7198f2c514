"""The places in a run's state: lists of objects and positions, and maps of what is known already."""

from __future__ import annotations

from collections.abc import Hashable


class Slots:
    """Numbers the places of one plan's state; asking again for the same purpose gives the same place."""

    def __init__(self, cohorts: int) -> None:
        self._taken = ["[]"] * cohorts
        self._by_purpose: dict[tuple[Hashable, ...], int] = {}

    def a_list(self, *purpose: Hashable) -> str:
        """Returns the expression of a place that begins as an empty list."""
        return self._take("[]", purpose)

    def a_map(self, *purpose: Hashable) -> str:
        """Returns the expression of a place that begins as an empty dict."""
        return self._take("{}", purpose)

    def of(self, *purpose: Hashable) -> list[tuple[Hashable, str]]:
        """Returns the places whose purposes begin so, each after the last word of its purpose."""
        return [
            (found[-1], f"s[{number}]") for found, number in self._by_purpose.items() if found[:-1] == purpose
        ]

    def begin(self) -> str:
        """Returns the expression of a fresh state, but for its first place."""
        return ", ".join(self._taken[1:])

    def _take(self, empty: str, purpose: tuple[Hashable, ...]) -> str:
        if purpose not in self._by_purpose:
            self._by_purpose[purpose] = len(self._taken)
            self._taken.append(empty)
        return f"s[{self._by_purpose[purpose]}]"
