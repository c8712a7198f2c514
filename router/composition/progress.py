"""How composition tells of its progress to whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable

# Told the name of a stage, how much of it is done and how much there is; a total of 0 means unknown.
Progress = Callable[[str, int, int], None]


def silent(_stage: str, _done: int, _total: int) -> None:
    """Reports nothing."""
