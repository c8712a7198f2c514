"""Random queries over the four domains on real PostgreSQL: the router answers what each field alone does.

ZELLIGE_SEED draws another run, ZELLIGE_FUZZ_DOMAINS makes it longer or shorter; a failing query is shrunk.
"""

from __future__ import annotations

import os
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from router.pipeline.request import GraphQLRequest, RequestContext
from router.pipeline.router import Router
from router.plan.printer import print_plan
from tests.support.domains_operation import Known, domains_operation
from tests.support.domains_oracle import NO_VALUE, DomainsOracle
from tests.support.monolith import differences
from tests.support.platform import RunningPlatform, platform
from tests.support.populated_shop import PopulatedShop, populate
from tests.support.run_router import Request
from tests.support.shrink import shrink

__all__ = ["platform"]

FIRST_SEED = int(os.environ.get("ZELLIGE_SEED", "1"))
OPERATIONS = int(os.environ.get("ZELLIGE_FUZZ_DOMAINS", "150"))
VIEWERS = ("anonymous", "customer", "staff")
UNSTEADY = ("myProfileExport",)  # the moment it was made stands in it
LISTS = ("products", "orders", "warehouses", "stockLevels", "categories", "users")


class DomainsDifferential:
    """The router and the oracle over the same domains, for one viewer."""

    def __init__(self, running: RunningPlatform, headers: Mapping[str, str]) -> None:
        self.router: Router = running.platform.router
        self.oracle = DomainsOracle(self.router.schema_sdl, running.platform.domains)
        for name in UNSTEADY:
            del self.oracle.schema.query_type.fields[name]  # type: ignore[union-attr] - there are queries
        self.headers = headers

    async def faults(self, request: Request) -> list[str]:
        """Says in what the two answers differ."""
        expected, codes = await self.oracle.execute(request.query, request.variables, self.headers)
        context = RequestContext(headers=self.headers, request_id="fuzz")
        result = await self.router.execute(GraphQLRequest(request.query, None, request.variables), context)
        body = result.to_map()
        errors = body.get("errors") or []
        return differences(expected, body.get("data"), errors) + code_differences(codes, errors)


def code_differences(wanted: set[str], errors: Sequence[Mapping[str, Any]]) -> list[str]:
    """Says which codes only the router gives; which of several errors under one null it reports is open."""
    if wanted:
        # A refused field that must not be null takes its subgraph's whole answer with it, the fields beside
        # it included; of these the router says that there is no value.
        wanted = wanted | {NO_VALUE}
    got = {error["extensions"]["code"] for error in errors}
    return [] if got <= wanted else [f"expected codes {sorted(wanted)}\nreceived {sorted(got)}"]


async def known_of(populated: PopulatedShop) -> Known:
    """Returns the ids there are, and a few cursors of each list as staff sees it."""
    cursors = {}
    for name in LISTS:
        query = f"{{ found: {name}(first: 3) {{ edges {{ cursor }} }} }}"
        found = await populated.shop.platform.data(query, caller=populated.owner)
        cursors[name] = [edge["cursor"] for edge in found["found"]["edges"]]
    return Known(populated.ids, cursors)


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_router_answers_as_the_domains_alone(platform: RunningPlatform, viewer: str) -> None:
    populated = await populate(platform)
    caller = populated.viewer(viewer)
    differential = DomainsDifferential(platform, caller.headers if caller is not None else {})
    known = await known_of(populated)
    rng = random.Random(f"{FIRST_SEED} {viewer}")
    for number in range(-(-OPERATIONS // len(VIEWERS))):
        drawn = domains_operation(differential.oracle.schema, known, rng)
        request = Request(drawn.query, drawn.variables)
        if await differential.faults(request):
            message = await failure(differential, request)
            pytest.fail(f"ZELLIGE_SEED={FIRST_SEED}, {viewer}, operation {number}\n{message}")


async def failure(differential: DomainsDifferential, request: Request) -> str:
    """Returns the message of a failing query, after shrinking."""

    async def fails(attempt: Request) -> bool:
        return bool(await differential.faults(attempt))

    smallest = await shrink(request, differential.oracle.schema, fails)
    faults = await differential.faults(smallest)
    plan = print_plan(differential.router.plan(smallest.query, None, smallest.variables))
    return "\n".join([smallest.query, str(smallest.variables), *faults, plan])
