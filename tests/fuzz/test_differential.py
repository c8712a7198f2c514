"""Random operations over random supergraphs: the router answers what a monolith on the same data answers.

ZELLIGE_SEED begins the run at another seed, ZELLIGE_FUZZ_OPERATIONS makes it longer or shorter; the seed of a
failing supergraph stands in the message, with the operation shrunk to a case.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.support.differential import Differential
from tests.support.random_operation import random_operation
from tests.support.random_supergraph import random_supergraph
from tests.support.run_router import CompositionRefusedError, Request
from tests.support.shrink import as_case, shrink

FIRST_SEED = int(os.environ.get("ZELLIGE_SEED", "20"))
OPERATIONS = int(os.environ.get("ZELLIGE_FUZZ_OPERATIONS", "520"))
OPERATIONS_PER_SUPERGRAPH = 13
SEEDS = range(FIRST_SEED, FIRST_SEED + -(-OPERATIONS // OPERATIONS_PER_SUPERGRAPH))


def test_drawing_is_repeatable() -> None:
    assert random_supergraph(FIRST_SEED) == random_supergraph(FIRST_SEED)


@pytest.mark.parametrize("seed", SEEDS)
async def test_router_answers_as_the_monolith(seed: int) -> None:
    drawn = random_supergraph(seed)
    try:
        differential = Differential(drawn)
    except CompositionRefusedError as refusal:
        pytest.fail(f"ZELLIGE_SEED={seed}: our composer refuses the drawn subgraphs\n{refusal}")
    schema, rng = differential.monolith.schema, random.Random(seed)
    for _ in range(OPERATIONS_PER_SUPERGRAPH):
        operation = random_operation(schema, rng)
        request = Request(operation.query, operation.variables)
        if (await differential.compare(request)).faults:
            pytest.fail(await failure(differential, request))


async def failure(differential: Differential, request: Request) -> str:
    """Returns the message of a failing operation: its faults and a case, after shrinking."""

    async def fails(attempt: Request) -> bool:
        return bool((await differential.compare(attempt)).faults)

    smallest = await shrink(request, differential.monolith.schema, fails)
    verdict = await differential.compare(smallest)
    seed = differential.drawn.seed
    case = as_case(differential.drawn, smallest, verdict.faults)
    plan = plan_or_reason(differential, smallest)
    fetches = "\n".join(each.text() for each in verdict.answer.fetches) if verdict.answer else ""
    return "\n".join([f"ZELLIGE_SEED={seed}", *verdict.faults, plan, fetches, "as a case:", case])


def plan_or_reason(differential: Differential, request: Request) -> str:
    """Returns the printed plan, or why there is none."""
    try:
        return differential.router.plan_text(request)
    except Exception as error:  # noqa: BLE001 - the report of a failure must not fail on a broken planner
        return f"no plan: {error!r}"
