"""What a plan's only fetch brings is sent on as it came, unless it is not just what the client asked."""

from __future__ import annotations

import pytest

from router.executor.transport.client import AwaitedOnly, SubgraphRequest, SubgraphResponse
from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.supergraph import load_supergraph
from tests.support.run_router import compose

SDL = "type Query { shop: Shop } type Shop { id: ID! open: Boolean tags: [String!] parent: Shop }"


class SaidBytes(AwaitedOnly):
    """A subgraph that answers the same bytes to everything."""

    takes_body = True

    def __init__(self, body: bytes) -> None:
        self.body = body

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        assert request.wants_body and request.body is not None
        return SubgraphResponse(None, body=self.body)

    async def close(self) -> None:
        pass


async def answer(query: str, body: bytes) -> bytes | None:
    sdl = compose({"shops": SDL}).supergraph_sdl
    assert sdl is not None
    router = Router(load_supergraph(sdl), {"shops": SaidBytes(body)}, compile_after=0)
    result = await router.execute(GraphQLRequest(query), RequestContext())
    await router.close()
    return result.encoded if not result.errors else None


async def test_data_is_sent_on_byte_by_byte() -> None:
    data = b'{ "shop" : {"id":"1",  "tags":["a","\\u00e9"]} }'
    assert await answer("{ shop { id tags } }", b'{"data":' + data + b',"extensions":{"cost":1}}') == data


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("{ shop { id } }", b'{"data":{"shop":{"id":"1","secret":2}}}', b'{"shop":{"id":"1"}}'),
        ("{ shop { id } }", b'{"data":{"shop":{"id":"1"},"other":2}}', b'{"shop":{"id":"1"}}'),
        ("{ shop { id open } }", b'{"data": {"shop": null}, "errors": []}', b'{"shop": null}'),
        (
            "{ shop { kind: __typename id } }",
            b'{"data":{"shop":{"id":"1"}}}',
            b'{"shop":{"kind":"Shop","id":"1"}}',
        ),
    ],
    ids=["field", "root field", "null", "constant"],
)
async def test_what_was_not_asked_does_not_reach_the_client(query: str, body: bytes, expected: bytes) -> None:
    assert await answer(query, body) == expected


@pytest.mark.parametrize(
    "body",
    [
        b'{"data":{"shop":{"id":null}}}',
        b'{"data":{"shop":{"id":{}}}}',
        b'{"data":{"shop":null},"errors":[{"message":"no"}]}',
        b'{"data":null}',
        b'{"shop":{"id":"1"}}',
        b'{"data":{"shop":{"id":"1"}}',
        b"<html>",
        b'{"data":{"shop":{"id":"1"}},"errors":"none"}',
    ],
)
async def test_what_is_not_right_is_left_to_the_interpreter(body: bytes) -> None:
    assert await answer("{ shop { id } }", body) is None
