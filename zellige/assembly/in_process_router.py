"""How a domain reaches the router when both are one process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from router.pipeline.executes import Executes
from router.pipeline.request import GraphQLRequest, RequestContext
from subgraphs.kit.router_client import RouterUnreachableError


class InProcessRouterClient:
    """A `RouterClient` over the router of this process.

    Domains are made before the router, which needs their schemas; hence `connect`.
    """

    def __init__(self) -> None:
        self._router: Executes | None = None

    def connect(self, router: Executes) -> None:
        """Names the router; calls before that are refused as an unreachable router."""
        self._router = router

    async def execute(self, query: str, variables: Mapping[str, Any], *, token: str) -> Mapping[str, Any]:
        """Returns the GraphQL response as a map; raises RouterUnreachableError when there is none."""
        if self._router is None:
            raise RouterUnreachableError("the router is not composed yet")
        context = RequestContext(headers={"authorization": f"Bearer {token}"}, request_id=str(uuid4()))
        result = await self._router.execute(GraphQLRequest(query, None, variables), context)
        return result.to_map()
