"""What may be asked of a composition beside its subgraphs: limits, a contract, reports of progress."""

from __future__ import annotations

from dataclasses import dataclass

from router.composition.contract.contract import Contract
from router.composition.progress import Progress, silent


@dataclass(frozen=True, slots=True)
class CompositionOptions:
    """Bounds for inputs that would otherwise run away, and what to make of the schema.

    `satisfiability_states_max`: how many (type, reachable subgraphs) states are examined.
    `subgraph_paths_max`: how many ways to reach one place are followed at the same time.
    `contract`: which part of the schema clients see; None means all that is not @inaccessible.
    `progress`: called as stages begin and advance; it must not raise.
    """

    satisfiability_states_max: int = 200_000
    subgraph_paths_max: int = 20_000
    contract: Contract | None = None
    progress: Progress = silent


DEFAULT_OPTIONS = CompositionOptions()
