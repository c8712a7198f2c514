"""What `zellige compose` prints of our own domains, served by another gateway, answers as our router does.

The domains are the real ones on real databases, each served over HTTP; both routers ask the same sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from router.executor.transport.client import SubgraphRequest
from router.executor.transport.http import HttpClient
from tests.interop.node_packages import require_packages, thorough
from tests.interop.test_gateway import PROJECT, other_gateway, our_router
from tests.server.serving import listen
from tests.support.domains_oracle import NO_VALUE
from tests.support.platform import RunningPlatform, platform
from tests.support.populated_shop import PopulatedShop, populate

__all__ = ["platform"]

RENAME = """
mutation Rename($id: ID!, $name: LocalizedStringInput!) {
  productUpdate(id: $id, input: { name: $name }) {
    product { name(locale: EN) availableQuantity variants { sku stockStatus } }
    userErrors { code field }
  }
}
"""
PARTS = """
query Parts($id: ID!, $withStock: Boolean!, $bare: Boolean = false) {
  product(id: $id) { ...Named stockStatus @include(if: $withStock) variantCount @skip(if: $bare) }
  again: product(id: $id) { ...Named variants { ... on ProductVariant @include(if: $withStock) { sku } } }
}
fragment Named on Product { id name(locale: AR) ...Sold }
fragment Sold on Product { priceRange { min { formatted(locale: FR) } max { amountMinor } } }
"""
DOMAINS = """
{
  me {
    name
    orders(first: 2) {
      totalCount
      nodes {
        number status total { formatted }
        customer { email memberships { role { name } } }
        organization { name }
        lines { quantity product { name } variant { sku price { amountMinor } availableQuantity } }
      }
    }
  }
}
"""
PAGE = """
query Page($after: String) {
  products(first: 3, after: $after, orderBy: [{ field: PRICE, direction: DESC }]) {
    totalCount pageInfo { hasNextPage endCursor }
    edges { cursor node { id availableQuantity tags { name } category { breadcrumb { slug } } } }
  }
}
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One operation, and who sends it."""

    query: str
    viewer: str = "anonymous"
    variables: Mapping[str, Any] = field(default_factory=dict)


def cases(populated: PopulatedShop, cursor: str) -> dict[str, Case]:
    """Returns the operations by what they are about."""
    product, order, variant = (populated.ids[kind][0] for kind in ("product", "order", "variant"))
    staffed = "variants(ids: $ids) { sku stockLevels { onHand warehouse { code } variant { name { fr } } } }"
    return {
        "all four domains": Case(DOMAINS, "customer"),
        "the first page": Case(PAGE),
        "the next page": Case(PAGE, variables={"after": cursor}),
        "variables, fragments, conditions": Case(PARTS, variables={"id": product, "withStock": True}),
        "conditions the other way": Case(PARTS, variables={"id": product, "withStock": False, "bare": True}),
        "requirements behind permissions": Case(
            f"query($ids: [ID!]!) {{ {staffed} }}", "staff", {"ids": [variant, "no id"]}
        ),
        "levels lead to products": Case(
            "{ stockLevels(first: 4) { nodes { available variant { sku product { slug } } } } }", "staff"
        ),
        "an order by its two parties": Case(
            "query($id: ID!) { order(id: $id) { number customer { name } lines { sku product { id } } } }",
            "staff",
            {"id": order},
        ),
        "an error beside answers": Case(
            "{ wilayas { code } products(first: 1) { nodes { id } } stockDiscrepancies { onHand } }"
        ),
        "a bad cursor": Case('{ products(first: 1, after: "no cursor") { nodes { id } } }'),
        "a mutation": Case(RENAME, "staff", {"id": product, "name": {"fr": "Zarbia", "en": "Rug"}}),
        "a refused mutation": Case(RENAME, "customer", {"id": product, "name": {"fr": "Zarbia"}}),
        "a refused input": Case(RENAME, "staff", {"id": "no id", "name": {"fr": "Zarbia"}}),
        "introspection": Case('{ __type(name: "Product") { fields { name type { kind name } } } }'),
    }


async def print_supergraph(path: Path) -> str:
    """Returns what `zellige compose` writes."""
    command = [sys.executable, "-m", "zellige", "compose", "--config", "schema/supergraph.yaml"]
    process = await asyncio.create_subprocess_exec(*command, "--output", str(path))
    assert await process.wait() == 0
    return await asyncio.to_thread(path.read_text, "utf-8")


async def answer(url: str, case: Case, populated: PopulatedShop) -> tuple[Any, list[str]]:
    """Returns the data, and path and code of every error a subgraph has given."""
    caller = populated.viewer(case.viewer)
    client = HttpClient("gateway", url)
    request = SubgraphRequest(
        case.query, case.variables, None, caller.headers if caller is not None else {}, is_mutation=True
    )
    try:
        response = await client.execute(request)
    finally:
        await client.close()
    # Of a null where none may be, which no subgraph explains, the other gateway says nothing in `errors`.
    errors = [
        f"{error.get('path')} {error['extensions']['code']}"
        for error in response.errors
        if "serviceName" in error["extensions"] or error["extensions"]["code"] != NO_VALUE
    ]
    return response.data, sorted(errors)


@thorough
async def test_both_gateways_answer_alike_over_the_real_domains(
    platform: RunningPlatform, tmp_path: Path
) -> None:
    node = await asyncio.to_thread(require_packages, PROJECT)
    path = tmp_path / "supergraph.graphql"
    supergraph = await print_supergraph(path)
    populated = await populate(platform)
    cursor = (await platform.data(PAGE))["products"]["pageInfo"]["endCursor"]
    async with contextlib.AsyncExitStack() as stack:
        urls = {}
        for domain in platform.platform.domains:
            port = await stack.enter_async_context(listen(domain.asgi))
            urls[domain.name] = f"http://127.0.0.1:{port}/graphql"
        theirs = await stack.enter_async_context(other_gateway(node, path, urls))
        ours = await stack.enter_async_context(our_router(supergraph, urls))
        asked = cases(populated, cursor)
        assert len(asked) >= 10
        different = {}
        for name, case in asked.items():
            found = await answer(ours, case, populated), await answer(theirs, case, populated)
            if found[0] != found[1]:
                different[name] = found
    assert different == {}, json.dumps(different, ensure_ascii=False, indent=1)
