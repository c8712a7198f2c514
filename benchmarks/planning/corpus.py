"""What is planned: supergraphs with their operations."""

from __future__ import annotations

import random
from dataclasses import dataclass

from graphql import build_schema

from tests.support import conformance
from tests.support.random_operation import random_operation
from tests.support.random_supergraph import random_supergraph
from tests.support.run_router import compose


@dataclass(frozen=True, slots=True)
class PlanningCase:
    """One supergraph and operations without @skip and @include by variables, which planners treat apart."""

    name: str
    supergraph: str
    operations: tuple[str, ...]


def conformance_corpus() -> list[PlanningCase]:
    """Returns the conformance suites with the supergraphs given there; empty where they are not found."""
    return [
        PlanningCase(
            suite,
            (conformance.FOLDER / "cases" / suite / "supergraph.graphql").read_text("utf-8"),
            tuple(each.query for each in conformance.operations(suite) if "data" in each.expected),
        )
        for suite in conformance.suites()
    ]


def drawn_corpus(seeds: range, operations: int) -> list[PlanningCase]:
    """Returns drawn supergraphs, composed by us, with drawn operations."""
    cases = []
    for seed in seeds:
        composition = compose(random_supergraph(seed).subgraphs)
        assert composition.api_sdl is not None and composition.supergraph_sdl is not None
        schema, rng = build_schema(composition.api_sdl), random.Random(seed)
        drawn: list[str] = []
        while len(drawn) < operations:
            operation = random_operation(schema, rng)
            if not any(isinstance(value, bool) for value in operation.variables.values()):
                drawn.append(operation.query)
        cases.append(PlanningCase(f"drawn {seed}", composition.supergraph_sdl, tuple(drawn)))
    return cases
