"""What composition is given: one subgraph's name, SDL and address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SubgraphSource:
    """One subgraph as it was handed in; `file` and `origins` are only for messages.

    `origins` says by schema coordinate where in the subgraph's code an element is written, in the words a
    diagnostic shall print.
    """

    name: str
    sdl: str
    url: str = ""
    file: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict, compare=False)
