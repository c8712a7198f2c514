"""What the subgraphs under a test were asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request as a subgraph received it."""

    subgraph: str
    query: str
    variables: Mapping[str, Any] | None = None

    def text(self) -> str:
        """Returns the request as a case file shows it."""
        variables = f"\n{json.dumps(self.variables, ensure_ascii=False)}" if self.variables else ""
        return f"# {self.subgraph}\n{self.query.strip()}{variables}"


@dataclass(slots=True)
class FetchLog:
    """What the subgraphs of one router saw; a complaint is a request no correct router sends."""

    fetches: list[Fetch] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def clear(self) -> None:
        """Forgets everything, before the next operation."""
        self.fetches.clear()
        self.complaints.clear()
