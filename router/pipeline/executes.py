"""What whoever has requests needs from the pipeline."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Coroutine
from typing import Any, Protocol

from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.incremental import Payload
from router.response.result import GraphQLResult


class Executes(Protocol):
    """Runs operations; `router.pipeline.router.Router` is the one the product serves."""

    def execute(self, request: GraphQLRequest, context: RequestContext) -> Coroutine[Any, Any, GraphQLResult]:
        """Returns the outcome of one operation; request errors are results too, not exceptions."""
        ...


class ExecutesInParts(Executes, Protocol):
    """Runs operations for clients that take what they defer in parts, too."""

    async def execute_in_parts(
        self, request: GraphQLRequest, context: RequestContext
    ) -> GraphQLResult | AsyncGenerator[Payload, None]:
        """Returns the payloads of an operation that defers something, the result of any other.

        Whoever takes the generator closes it, which cancels what is still under way.
        """
        ...
