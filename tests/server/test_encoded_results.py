"""Results whose data is JSON already: what is sent is the same as if it had been a map."""

from __future__ import annotations

import json
from typing import Any

import pytest

from router.config import BatchingConfig, ServerConfig
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.result import GraphQLResult, ResponseError
from router.server.app import create_app
from tests.server.serving import Served, listen

DATA = {"tile": {"name": 'Khatim "8" — ⵣ', "stock": 40}}
ENCODED = json.dumps(DATA, ensure_ascii=False).encode()
LATE = ResponseError("stock is away", "SUBGRAPH_UNREACHABLE", ("tile", "stock"))
RESULTS = {
    "plain": ((), {}),
    "with errors": ((LATE,), {}),
    "with extensions": ((), {"cache": "hit"}),
    "with both": ((LATE, LATE), {"cache": {"hit": True}}),
}


class Prepared:
    """A router whose answers are known; the name of the operation picks one."""

    def __init__(self, *, encoded: bool) -> None:
        self._encoded = encoded

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        errors, extensions = RESULTS[request.variables["result"]]
        if self._encoded:
            return GraphQLResult(None, errors, extensions, encoded=ENCODED)
        return GraphQLResult(DATA, errors, extensions)

    async def execute_in_parts(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        return await self.execute(request, context)


async def ask(encoded: bool, payload: Any) -> Any:
    config = ServerConfig(batching=BatchingConfig(enabled=True))
    app = create_app(Prepared(encoded=encoded), config, is_ready=lambda: True)
    async with listen(app) as port:
        answer = await Served(port).post(payload, x_request_id="r1")
        assert int(answer.headers["content-length"]) == len(answer.body)
        return answer.json


@pytest.mark.parametrize("name", RESULTS)
async def test_encoded_data_is_sent_as_the_map_would_be(name: str) -> None:
    payload = {"query": "{ tile { name stock } }", "variables": {"result": name}}
    assert await ask(True, payload) == await ask(False, payload)


async def test_a_batch_of_encoded_results_is_one_array() -> None:
    payload = [{"query": "{ tile { name } }", "variables": {"result": name}} for name in RESULTS]
    answers = await ask(True, payload)
    assert answers == await ask(False, payload)
    assert [list(answer) for answer in answers] == [
        ["data"],
        ["errors", "data"],
        ["data", "extensions"],
        ["errors", "data", "extensions"],
    ]
    assert {error["extensions"]["requestId"] for error in answers[3]["errors"]} == {"r1"}
