"""What the edge needs from the pipeline."""

from __future__ import annotations

from typing import Protocol

from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.result import GraphQLResult


class Executes(Protocol):
    """Runs operations; `router.pipeline.router.Router` is the one the product serves."""

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        """Returns the outcome of one operation; request errors are results too, not exceptions."""
        ...
