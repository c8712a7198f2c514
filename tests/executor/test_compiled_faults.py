"""What a compiled run cannot finish: faults of ours surface once, odd values are left to the interpreter."""

from __future__ import annotations

from typing import Any

import pytest

from router.executor.transport.client import AwaitedOnly, SubgraphRequest, SubgraphResponse
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.supergraph import load_supergraph
from tests.support.run_router import compose

SDL = """
    scalar Anything
    type Query { any: Anything shop: Shop }
    type Mutation { open: Shop }
    type Shop { id: ID! }
"""


class Answers(AwaitedOnly):
    """A subgraph that answers the same data to everything, or raises."""

    takes_body = False

    def __init__(self, data: dict[str, Any] | Exception) -> None:
        self.data = data
        self.asked = 0

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        self.asked += 1
        if isinstance(self.data, Exception):
            raise self.data
        return SubgraphResponse(self.data)

    async def close(self) -> None:
        pass


def router_over(subgraph: Answers) -> Router:
    sdl = compose({"shops": SDL}).supergraph_sdl
    assert sdl is not None
    return Router(load_supergraph(sdl), {"shops": subgraph}, compile_after=0)


@pytest.mark.parametrize("fault", [TypeError("ours"), ValueError("ours"), RecursionError("ours")])
async def test_a_mutation_whose_client_has_a_fault_is_sent_once(fault: Exception) -> None:
    subgraph = Answers(fault)
    router = router_over(subgraph)
    with pytest.raises(type(fault), match="ours"):
        await router.execute(GraphQLRequest("mutation { open { id } }"), RequestContext())
    assert subgraph.asked == 1
    await router.close()


VALUES = [2**70, -(2**70), 2**64 - 1, "\u00e9", [1, [2.5, None]], {"a": {"b": True}}]


@pytest.mark.parametrize("value", VALUES)
async def test_a_scalar_of_any_type_keeps_its_value(value: Any) -> None:
    router = router_over(Answers({"any": value}))
    result = await router.execute(GraphQLRequest("{ any }"), RequestContext())
    assert (result.data, list(result.errors)) == ({"any": value}, [])
    await router.close()
