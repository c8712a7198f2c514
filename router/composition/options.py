"""The limits of composition."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompositionOptions:
    """Bounds for inputs that would otherwise run away.

    `satisfiability_states_max`: how many (type, reachable subgraphs) states are examined.
    `subgraph_paths_max`: how many ways to reach one place are followed at the same time.
    """

    satisfiability_states_max: int = 200_000
    subgraph_paths_max: int = 20_000


DEFAULT_OPTIONS = CompositionOptions()
