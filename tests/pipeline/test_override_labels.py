"""Progressive overrides: which subgraph answers follows the labels that hold for the request."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.supergraph import load_supergraph
from tests.support.local_subgraphs import local_federation
from tests.support.run_router import compose

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@override"])\n'


def subgraphs(label: str) -> dict[str, str]:
    return {
        "old": LINK
        + 'type Query { product: Product } type Product @key(fields: "id") { id: ID! price: Int }',
        "new": LINK
        + 'type Product @key(fields: "id") { id: ID! price: Int @override(from: "old", label: '
        + f'"{label}") }}',
    }


async def services(label: str, drawn: Sequence[float], **options: frozenset[str]) -> list[list[str]]:
    """Returns, for one request per draw, the subgraphs that were asked."""
    federation = local_federation(subgraphs(label), None)
    supergraph = load_supergraph(compose(subgraphs(label)).supergraph_sdl or "")
    draws = iter(drawn)
    clients = federation.subgraph_clients()
    router = Router(supergraph, clients, override_labels=options.get("always", ()), draw=lambda: next(draws))
    asked: list[list[str]] = []
    for _ in drawn:
        federation.log.clear()
        context = RequestContext(override_labels=options.get("requested", frozenset()))
        result = await router.execute(GraphQLRequest("{ product { price } }"), context)
        assert not result.errors
        asked.append([fetch.subgraph for fetch in federation.log.fetches])
    return asked


async def test_a_percentage_follows_the_draw_of_each_request() -> None:
    assert await services("percent(25)", [0.0, 0.2499, 0.25, 0.99]) == [
        ["old", "new"],
        ["old", "new"],
        ["old"],
        ["old"],
    ]


async def test_zero_percent_never_holds_and_a_hundred_always() -> None:
    assert await services("percent(0)", [0.0]) == [["old"]]
    assert await services("percent(100)", [0.999999]) == [["old", "new"]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["old"]),
        ({"always": frozenset({"rollout"})}, ["old", "new"]),
        ({"requested": frozenset({"rollout"})}, ["old", "new"]),
        ({"requested": frozenset({"another"})}, ["old"]),
    ],
)
async def test_a_named_label_holds_when_it_is_named(
    options: dict[str, frozenset[str]], expected: list[str]
) -> None:
    assert await services("rollout", [0.5], **options) == [expected]
