"""In which order the parts of an answer leave the router, and what ends with them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from router.executor.transport.client import AwaitedOnly, SubgraphClient, SubgraphRequest, SubgraphResponse
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.response.incremental import Payload
from router.response.result import GraphQLResult
from router.supergraph import load_supergraph
from tests.interop.shop import RECORDS, SUBGRAPHS
from tests.support.local_subgraphs import local_federation
from tests.support.run_router import compose

DEADLINE_S = 20


@dataclass(slots=True)
class LateEntities(AwaitedOnly):
    """A subgraph that answers its root fields at once, and entities when told."""

    inner: SubgraphClient
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: int = 0

    @property
    def takes_body(self) -> bool:
        return self.inner.takes_body

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        if "_entities" in request.query:
            self.asked.set()
            try:
                await self.gate.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        return await self.inner.execute(request)

    async def close(self) -> None:
        await self.inner.close()


def shop() -> tuple[Router, LateEntities, LateEntities]:
    """Returns the router over the shop, and its two late subgraphs: products and reviews."""
    sdl = compose(SUBGRAPHS).supergraph_sdl
    assert sdl is not None
    clients = dict(local_federation(SUBGRAPHS, RECORDS).subgraph_clients())
    products, reviews = LateEntities(clients["products"]), LateEntities(clients["reviews"])
    return (
        Router(load_supergraph(sdl), {**clients, "products": products, "reviews": reviews}),
        products,
        reviews,
    )


async def begin(router: Router, query: str) -> AsyncGenerator[Payload, None]:
    """Returns the payloads of an operation that defers."""
    answer = await router.execute_in_parts(GraphQLRequest(query), RequestContext())
    assert not isinstance(answer, GraphQLResult)
    return answer


def labels(payload: Payload) -> list[str | None]:
    """Returns the labels of what a payload delivers."""
    return [one.pending.label for one in payload.delivered]


async def test_parts_come_as_they_are_ready_whatever_their_order() -> None:
    router, products, reviews = shop()
    payloads = await begin(
        router, '{ product(id: 2) { id ... @defer(label: "a") { name } ... @defer(label: "b") { rating } } }'
    )
    async with asyncio.timeout(DEADLINE_S):
        assert (await anext(payloads)).result is not None
        reviews.gate.set()
        assert labels(await anext(payloads)) == ["b"]
        products.gate.set()
        last = await anext(payloads)
    assert (labels(last), last.has_next) == (["a"], False)
    assert [payload async for payload in payloads] == []


async def test_what_is_nested_waits_for_its_parent_though_it_was_there_before() -> None:
    router, products, reviews = shop()
    payloads = await begin(
        router,
        '{ product(id: 2) { id ... @defer(label: "outer") { name ... @defer(label: "inner") { rating } } } }',
    )
    async with asyncio.timeout(DEADLINE_S):
        assert (await anext(payloads)).has_next
        reviews.gate.set()
        waiting = asyncio.ensure_future(anext(payloads))
        await products.asked.wait()
        assert not waiting.done()
        products.gate.set()
        payload = await waiting
    assert (labels(payload), payload.has_next) == (["outer", "inner"], False)


async def test_closing_the_answer_cancels_what_is_under_way() -> None:
    router, products, reviews = shop()
    payloads = await begin(router, "{ products { id ... @defer { name } ... @defer { rating } } }")
    async with asyncio.timeout(DEADLINE_S):
        await anext(payloads)
        await asyncio.gather(products.asked.wait(), reviews.asked.wait())
        await payloads.aclose()
    assert (products.cancelled, reviews.cancelled) == (1, 1)


async def test_without_parts_the_same_operation_is_answered_whole() -> None:
    router, _, _ = shop()
    result = await router.execute(GraphQLRequest("{ me { id ... @defer { name } } }"), RequestContext())
    assert result.to_map() == {"data": {"me": {"id": "1", "name": "Amel"}}}
