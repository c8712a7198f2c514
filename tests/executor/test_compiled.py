"""The compiled executor answers what the interpreting one does: same data in the same order, same errors."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping

import pytest

from router.executor.transport.client import SubgraphClient
from tests.support import conformance
from tests.support.differential import DRAWN_LIMITS, federation_of
from tests.support.disturbed_client import DisturbedClient
from tests.support.random_operation import random_operation
from tests.support.random_supergraph import RandomSupergraph, random_supergraph
from tests.support.run_router import Answer, Request, RouterUnderTest, compose

FIRST_SEED = int(os.environ.get("ZELLIGE_SEED", "500"))
SUPERGRAPHS = 12
OPERATIONS = 12
SHARES = (0.0, 0.4, 0.8)


def told(answer: Answer) -> str:
    """Returns the whole response as text; errors in an order of their own, since fetches race."""
    errors = sorted(json.dumps(error, sort_keys=True) for error in answer.errors)
    return json.dumps({"data": answer.data, "errors": errors}, ensure_ascii=False, indent=1)


def router_of(
    drawn: RandomSupergraph, seed: int, share: float, compile_after: int | None, *, takes_body: bool
) -> RouterUnderTest:
    federation = federation_of(drawn.subgraphs, drawn.records)
    clients: Mapping[str, SubgraphClient] = {
        name: DisturbedClient(client, seed, share, takes_body=takes_body)
        for name, client in federation.subgraph_clients().items()
    }
    sdl = compose(drawn.subgraphs).supergraph_sdl
    assert sdl is not None
    return RouterUnderTest(sdl, clients, federation.log, DRAWN_LIMITS, compile_after=compile_after)


@pytest.mark.parametrize("takes_body", [True, False], ids=["bytes", "objects"])
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SUPERGRAPHS))
async def test_both_executors_answer_the_same_whatever_subgraphs_say(seed: int, takes_body: bool) -> None:
    drawn, rng = random_supergraph(seed), random.Random(seed)
    share = SHARES[seed % len(SHARES)]
    compiled, interpreted = (
        router_of(drawn, seed, share, after, takes_body=takes_body) for after in (0, None)
    )
    for _ in range(OPERATIONS):
        drawn_operation = random_operation(compiled.supergraph.api_schema, rng)
        request = Request(drawn_operation.query, drawn_operation.variables)
        expected = await interpreted.execute(request)
        answer = await compiled.execute(request)
        message = f"ZELLIGE_SEED={seed} share={share}\n{request.query}\n{json.dumps(request.variables)}"
        assert told(answer) == told(expected), message
        # Of subgraphs that contradict each other, whoever answers first is believed and asked about further.
        assert share or len(answer.fetches) == len(expected.fetches), f"asked twice\n{message}"


@pytest.mark.parametrize("suite", conformance.suites())
def test_both_executors_answer_the_same_in_conformance_cases(suite: str) -> None:
    compiled = conformance.router_of(suite, "given")
    interpreted = RouterUnderTest(compiled.supergraph_sdl, compiled.clients, compiled.log, compile_after=None)
    for operation in conformance.operations(suite):
        request = Request(operation.query)
        expected = interpreted.run(request)
        assert told(compiled.run(request)) == told(expected), operation.query
