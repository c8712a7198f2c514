"""A subgraph in the same process answers and fails as one behind HTTP does."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from router.errors import SubgraphError
from router.executor.transport.client import RequestScope, SubgraphRequest, SubgraphResponse
from router.executor.transport.in_process import InProcessClient

REQUEST = SubgraphRequest("{ a }", {"x": 1}, "A", {"authorization": "Bearer x"})


async def code_of(client: InProcessClient) -> str:
    with pytest.raises(SubgraphError) as caught:
        await client.execute(REQUEST)
    assert caught.value.service == "shop"
    return caught.value.code


async def test_the_handler_gets_the_operation_and_its_answer_comes_back() -> None:
    seen: list[Any] = []

    async def handle(
        query: str, variables: Mapping[str, Any] | None, name: str | None, headers: Mapping[str, str]
    ) -> Mapping[str, Any]:
        seen.append((query, variables, name, headers))
        return {"data": {"a": 1}, "errors": [{"message": "half"}]}

    response = await InProcessClient("shop", handle).execute(REQUEST)
    assert response == SubgraphResponse({"a": 1}, ({"message": "half"},))
    assert seen == [("{ a }", {"x": 1}, "A", {"authorization": "Bearer x"})]


async def test_a_fault_of_the_handler_costs_its_own_fetch_and_is_not_told() -> None:
    async def handle(*_given: Any) -> Mapping[str, Any]:
        raise KeyError("secret")

    client = InProcessClient("shop", handle)
    with pytest.raises(SubgraphError) as caught:
        await client.execute(REQUEST)
    assert caught.value.code == "SUBGRAPH_HTTP_ERROR"
    assert "secret" not in caught.value.message


async def test_a_slow_handler_is_cancelled() -> None:
    cancelled = asyncio.Event()

    async def handle(*_given: Any) -> Mapping[str, Any]:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return {}

    assert await code_of(InProcessClient("shop", handle, timeout_s=0.01)) == "SUBGRAPH_TIMEOUT"
    assert cancelled.is_set()


async def test_the_clients_deadline_ends_a_call_before_its_own() -> None:
    ended = asyncio.Event()

    async def handle(*_: Any) -> Mapping[str, Any]:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return {}

    for timeout_s in (60.0, None):
        scope = RequestScope(deadline_at=asyncio.get_running_loop().time() + 0.1)
        client = InProcessClient("shop", handle, timeout_s=timeout_s)
        with pytest.raises(SubgraphError) as caught:
            await client.execute(SubgraphRequest("{ a }", scope=scope))
        assert (caught.value.code, ended.is_set()) == ("SUBGRAPH_TIMEOUT", True)
        ended.clear()


@pytest.mark.parametrize("body", [None, [], {}, {"data": 1}, {"data": {}, "errors": "x"}])
async def test_an_answer_of_the_wrong_shape_is_malformed(body: Any) -> None:
    async def handle(*_given: Any) -> Mapping[str, Any]:
        return body

    assert await code_of(InProcessClient("shop", handle)) == "SUBGRAPH_MALFORMED_RESPONSE"
