"""Whether the router is about to end: it says so, and lets clients go elsewhere, before it closes."""

from __future__ import annotations

from collections.abc import Callable


class Drain:
    """Begun once; there is no way back."""

    __slots__ = ("_listeners", "is_begun")

    def __init__(self) -> None:
        self.is_begun = False
        self._listeners: list[Callable[[], None]] = []

    def tell(self, listener: Callable[[], None]) -> None:
        """Calls `listener` when the drain begins."""
        self._listeners.append(listener)

    def begin(self) -> None:
        """From now on the router is not ready, and each response closes its connection."""
        self.is_begun = True
        for listener in self._listeners:
            listener()
