"""Random operations with @defer over random supergraphs: their parts make what a monolith answers at once.

ZELLIGE_SEED begins the run at another seed, ZELLIGE_FUZZ_DEFERRED makes it longer or shorter.
"""

from __future__ import annotations

import os
import random

import pytest

from router.errors import ClientError
from tests.support.differential import Differential
from tests.support.incremental import assemble_current, assemble_previous, differences_of_parts, without_defer
from tests.support.random_defer import sprinkle_defer
from tests.support.random_operation import random_operation
from tests.support.random_supergraph import random_supergraph
from tests.support.run_router import Request
from tests.support.shrink import as_case, shrink

FIRST_SEED = int(os.environ.get("ZELLIGE_SEED", "700"))
OPERATIONS = int(os.environ.get("ZELLIGE_FUZZ_DEFERRED", "160"))
OPERATIONS_PER_SUPERGRAPH = 16
SEEDS = range(FIRST_SEED, FIRST_SEED + -(-OPERATIONS // OPERATIONS_PER_SUPERGRAPH))


@pytest.mark.parametrize("seed", SEEDS)
async def test_parts_together_are_what_the_monolith_answers(seed: int) -> None:
    differential = Differential(random_supergraph(seed))
    schema, rng = differential.monolith.schema, random.Random(seed)
    for _ in range(OPERATIONS_PER_SUPERGRAPH):
        drawn = random_operation(schema, rng)
        request = Request(sprinkle_defer(drawn.query, schema, rng), drawn.variables)
        if await faults_of(differential, request):
            pytest.fail(await failure(differential, request))


async def faults_of(differential: Differential, request: Request) -> list[str]:
    """Returns in what the parts differ from the monolith's answer, and what the plan does wrong."""
    expected = differential.monolith.execute(without_defer(request.query), request.variables)
    try:
        faults = list(differential.router.router.inspect(request.query, None, request.variables).problems)
        answer = await differential.router.execute_in_parts(request)
        for found in (assemble_previous(answer.previous), assemble_current(answer.current)):
            faults += differences_of_parts(expected, found)
    except ClientError as refusal:
        # Fragments in fragments may come to more directives than one operation may use.
        return [] if refusal.code == "DOCUMENT_LIMIT_EXCEEDED" else [f"refused: {refusal}"]
    except Exception as error:  # noqa: BLE001 - a router that raises is a finding like any other
        return [f"{type(error).__name__}: {error}"]
    finally:
        differential.federation.store.journal.clear()
        differential.monolith.store.journal.clear()
    return faults + [f"complaint: {each}" for each in answer.complaints]


async def failure(differential: Differential, request: Request) -> str:
    """Returns the message of a failing operation: its faults and a case, after shrinking."""

    async def fails(attempt: Request) -> bool:
        return bool(await faults_of(differential, attempt))

    smallest = await shrink(request, differential.router.supergraph.api_schema, fails)
    faults = tuple(await faults_of(differential, smallest))
    case = as_case(differential.drawn, smallest, faults)
    return "\n".join([f"ZELLIGE_SEED={differential.drawn.seed}", *faults, "as a case:", case])
