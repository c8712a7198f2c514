"""Bad input through the whole router: a coded error with the right status, and the process lives on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from router.config import LimitsConfig, ServerConfig
from router.pipeline.router import Router
from router.server.app import create_app
from router.supergraph import load_supergraph
from tests.interop.shop import RECORDS, SUBGRAPHS
from tests.server.local_router import LocalRouter
from tests.server.serving import Served, listen
from tests.support.local_subgraphs import local_federation
from tests.support.run_router import compose

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEW = "application/graphql-response+json"


def deep(depth: int) -> str:
    return "{ me " + "{ favourite { reviews { author " * depth + "{ id }" + " } } }" * depth + " }"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole() -> AsyncIterator[Served]:
    """The router over the shop's subgraphs, in process."""
    sdl = compose(SUBGRAPHS).supergraph_sdl
    assert sdl is not None
    limits = LimitsConfig()
    router = Router(load_supergraph(sdl), local_federation(SUBGRAPHS, RECORDS).subgraph_clients(), limits)
    app = create_app(router, ServerConfig(), is_ready=lambda: True, limits=limits)
    async with listen(app) as port:
        yield Served(port, LocalRouter())


@pytest.mark.parametrize(
    ("payload", "status", "code"),
    [
        (b'{"query": ', 400, "BAD_REQUEST"),
        ({"query": "{"}, 400, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, 400, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { me { id } }", "operationName": "B"}, 400, "OPERATION_NOT_FOUND"),
        ({"query": "query A($id: ID!) { product(id: $id) { id } }"}, 400, "BAD_USER_INPUT"),
        (
            {"query": "query A($n: Int) { products(first: $n) { id } }", "variables": {"n": "x"}},
            400,
            "BAD_USER_INPUT",
        ),
        ({"query": deep(34)}, 400, "DOCUMENT_LIMIT_EXCEEDED"),
        ({"query": "{" * 100_000}, 400, None),
        ({"query": "{ " + "me { id } " * 90_000 + "}"}, 400, None),
        ({"query": "{ products(first: " + "[" * 100_000 + "]" * 100_000 + ") { id } }"}, 400, None),
        ({"query": "{ " + " ".join(f"a{n}: me {{ id }}" for n in range(2_000)) + "}"}, 400, None),
    ],
    ids=[
        "malformed JSON",
        "unparsable",
        "unknown field",
        "unknown operation",
        "missing variable",
        "wrong variable",
        "depth over 100",
        "braces",
        "a megabyte",
        "nested lists",
        "aliases",
    ],
)
async def test_bad_input_is_coded(whole: Served, payload: object, status: int, code: str | None) -> None:
    answer = await whole.post(payload, accept=NEW)
    assert answer.status == status
    assert "data" not in answer.json
    assert answer.codes
    assert "INTERNAL_SERVER_ERROR" not in answer.codes
    if code is not None:
        assert set(answer.codes) == {code}
    alive = await whole.post({"query": "{ me { name } }"})
    assert (alive.status, alive.json) == (200, {"data": {"me": {"name": "Amel"}}})


async def test_a_mutation_by_get_is_405(whole: Served) -> None:
    query = "mutation%7Brename(id:1,name:%22x%22)%7Bid%7D%7D"
    answer = await whole.send("GET", f"/graphql?query={query}")
    assert (answer.status, answer.codes) == (405, ["METHOD_NOT_ALLOWED"])


async def test_the_page_can_introspect(whole: Served) -> None:
    query = "query IntrospectionQuery { __schema { queryType { name } types { name kind } } }"
    answer = await whole.post({"query": query, "operationName": "IntrospectionQuery"})
    assert answer.json["data"]["__schema"]["queryType"] == {"name": "Query"}
