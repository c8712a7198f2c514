"""What composition is given: one subgraph's name, SDL and address."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SubgraphSource:
    """One subgraph as it was handed in; `file` is only for messages."""

    name: str
    sdl: str
    url: str = ""
    file: str | None = None
