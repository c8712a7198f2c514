"""Random operations over random supergraphs: with everything kept, the answers stay what they were."""

from __future__ import annotations

import random

import pytest

from router.cache.cache import SupergraphCache, open_cache
from router.executor.caching.client import caching_layer
from router.pipeline.caching import CachingRouter
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.supergraph import load_supergraph
from tests.cache.shop import config_of
from tests.support.differential import DRAWN_LIMITS, federation_of
from tests.support.random_operation import random_operation
from tests.support.random_supergraph import random_supergraph
from tests.support.run_router import compose

OPERATIONS = 15


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("compile_after", [0, None], ids=["compiled", "interpreted"])
async def test_keeping_changes_no_answer(number: int, compile_after: int | None, seed: int) -> None:
    """Operations share entities and root fields, so later ones are answered from parts of earlier ones."""
    drawn = random_supergraph(seed % 100_000 + number)
    composition = compose(drawn.subgraphs)
    assert composition.supergraph_sdl is not None
    supergraph = load_supergraph(composition.supergraph_sdl)
    federation = federation_of(drawn.subgraphs, drawn.records)
    cache = open_cache(config_of(defaults={"default_max_age_s": 1_000}))
    layer = caching_layer(SupergraphCache(cache, supergraph))
    plain = Router(supergraph, federation.subgraph_clients(), DRAWN_LIMITS, compile_after=compile_after)
    clients = {name: layer(name, client) for name, client in federation.subgraph_clients().items()}
    inner = Router(supergraph, clients, DRAWN_LIMITS, compile_after=compile_after)
    cached = CachingRouter(inner, cache)
    rng = random.Random(seed + number)
    for _ in range(OPERATIONS):
        operation = random_operation(supergraph.api_schema, rng)
        if operation.query.lstrip().startswith("mutation"):
            continue
        request = GraphQLRequest(operation.query, None, operation.variables)
        expected = (await plain.execute(request, RequestContext())).to_map()
        for turn in ("first", "second"):
            answer = (await cached.execute(request, RequestContext())).to_map()
            assert _sorted(answer) == _sorted(expected), (drawn.seed, turn, operation.query)
    assert not [each for each in federation.log.complaints if "invalid operation" in each]
    hits = sum(counts["hits"] for counts in cache.counters.snapshot().values())
    assert hits > 0
    await plain.close()
    await inner.close()
    await cache.close()


def _sorted(answer: dict[str, object]) -> dict[str, object]:
    """Returns the answer with its errors in an order that does not hang on which fetch was faster."""
    errors = answer.get("errors") or []
    assert isinstance(errors, list)
    return {**answer, "errors": sorted(errors, key=str)}
