"""What every operation passes before anything is parsed: its document is found, and it is counted.

The gate stands in front of the router. Of a request that names no document, where every request needs
neither documents nor limits, it asks one question.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from typing import Any

from router.errors import ClientError
from router.pipeline.documents import Documents
from router.pipeline.executes import ExecutesInParts
from router.pipeline.rate_limits import RateLimiter
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.incremental import Payload
from router.response.result import GraphQLResult, ResponseError
from router.telemetry.catalogue import Reading


class Gate:
    """Executes over another router what is let in; `may_introspect` says who may ask for the schema."""

    def __init__(
        self,
        router: ExecutesInParts,
        documents: Documents,
        limiter: RateLimiter | None = None,
        may_introspect: Callable[[RequestContext], bool] = lambda _context: False,
    ) -> None:
        self._router = router
        self._documents = documents
        self._limiter = limiter
        self._may_introspect = may_introspect
        self._asks_every_request = limiter is not None or documents.checks_every_request

    def execute(self, request: GraphQLRequest, context: RequestContext) -> Coroutine[Any, Any, GraphQLResult]:
        """Returns the outcome of the operation, or the refusal."""
        if request.is_plain and not self._asks_every_request:
            return self._router.execute(request, context)
        return self._execute(request, context)

    async def _execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        admitted = await self.admit(request, context)
        if isinstance(admitted, GraphQLResult):
            return admitted
        return await self._router.execute(admitted, context)

    async def execute_in_parts(
        self, request: GraphQLRequest, context: RequestContext
    ) -> GraphQLResult | AsyncGenerator[Payload, None]:
        """Returns the payloads of an operation that defers something, the result of any other."""
        admitted = await self.admit(request, context)
        if isinstance(admitted, GraphQLResult):
            return admitted
        return await self._router.execute_in_parts(admitted, context)

    async def admit(self, request: GraphQLRequest, context: RequestContext) -> GraphQLRequest | GraphQLResult:
        """Returns the request with its text, counted; or the refusal, whose headers stand in the scope."""
        try:
            try:
                found = await self.find(request, context)
            except ClientError:
                await self.count(request, context)  # guesses at ids are counted, too
                raise
            await self.count(found, context)
        except ClientError as error:
            return GraphQLResult.refused(ResponseError.of(error))
        return found

    async def count(self, request: GraphQLRequest, context: RequestContext) -> None:
        """Counts a request that was found; raises ClientError when it is one too many."""
        if self._limiter is not None:
            verdict = await self._limiter.check(request, context)
            context.scope.response_headers += verdict.headers
            if verdict.refusal is not None:
                raise verdict.refusal

    async def find(self, request: GraphQLRequest, context: RequestContext) -> GraphQLRequest:
        """Returns the request with its text, uncounted; raises ClientError."""
        if request.is_plain and not self._documents.checks_every_request:
            return request
        may_introspect = self._documents.checks_every_request and self._may_introspect(context)
        return await self._documents.resolve(request, may_introspect=may_introspect)

    def readings(self) -> Iterable[Reading]:
        """Returns what documents and limits count, for metrics."""
        yield from self._documents.readings()
        if self._limiter is not None:
            yield from self._limiter.readings()
