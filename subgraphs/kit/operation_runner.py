"""One operation from text to response, the same over HTTP and in process.

Steps: who asks, the prepared document, which operation, execution in a fresh context, errors masked.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType

from subgraphs.kit.auth.authentication import Authenticator
from subgraphs.kit.auth.passport import PASSPORT_HEADER
from subgraphs.kit.client_origin import ClientOrigin
from subgraphs.kit.clock import Clock
from subgraphs.kit.context import RequestContext
from subgraphs.kit.database import Database
from subgraphs.kit.documents import DocumentCache
from subgraphs.kit.errors import ClientError
from subgraphs.kit.execution import DeadlineExceededError
from subgraphs.kit.execution.strawberry_binding import StrawberryBinding
from subgraphs.kit.ids import new_id
from subgraphs.kit.masking import client_error_to_map, error_to_map
from subgraphs.kit.schema import KitSchema
from subgraphs.kit.settings import KitSettings
from subgraphs.kit.subgraph_request import SubgraphRequest
from subgraphs.kit.trace_context import read_trace, tracing

REQUEST_ID_LENGTH_MAX = 100
_TOO_MANY = {
    "message": "The subgraph runs as many subscriptions as it may",
    "extensions": {"code": "OVERLOADED"},
}
_DEADLINE_EXCEEDED = {
    "message": "The operation took too long and was stopped",
    "extensions": {"code": "DEADLINE_EXCEEDED"},
}


@dataclass(frozen=True, slots=True)
class _Begun:
    """An operation that may run, and what surrounds it."""

    operation: Any
    context: RequestContext


class OperationRunner:
    """Runs the operations of one subgraph."""

    def __init__(
        self,
        schema: KitSchema,
        settings: KitSettings,
        database: Database,
        clock: Clock,
        ports: Mapping[type[Any], Any],
        name: str = "",
    ) -> None:
        self._schema = schema
        self._settings = settings
        self._database = database
        self._clock = clock
        self._ports = ports
        self._authenticator = Authenticator(settings, clock, name)
        self._documents = DocumentCache(schema.core, settings, StrawberryBinding(schema))
        self._subscriptions = 0

    def is_from_router(self, headers: Mapping[str, str]) -> bool:
        """Whether a request over the network may be looked at: it has a passport, if that is demanded."""
        return not self._settings.router_only or PASSPORT_HEADER in headers

    async def run(self, request: SubgraphRequest) -> dict[str, Any]:
        """Returns the response map; never raises for anything the request contains."""
        with tracing(read_trace(request.headers)):
            return await self._run(request)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[dict[str, Any], None]:
        """Yields a response map for each event of a subscription, or the one of a query or mutation.

        A refusal is yielded, too; never raises for anything the request contains.
        """
        if self._subscriptions >= self._settings.subscriptions_max:
            yield {"errors": [_TOO_MANY]}
            return
        self._subscriptions += 1
        try:
            async with aclosing(self._responses(request)) as responses:
                async for response in responses:
                    yield response
        finally:
            self._subscriptions -= 1

    async def _run(self, request: SubgraphRequest) -> dict[str, Any]:
        begun = await self._begin(request, takes_subscriptions=False)
        if isinstance(begun, dict):
            return begun
        operation, context = begun.operation, begun.context
        try:
            result = operation.execute(
                None, context, request.variables, timeout_s=self._settings.operation_timeout_s
            )
            if not isinstance(result, ExecutionResult):
                result = await result
        except DeadlineExceededError:
            return {"errors": [_DEADLINE_EXCEEDED]}
        finally:
            await context.close()
        if operation.fallbacks or operation.uncompilable:
            self._documents.note_fallbacks(operation)
        return _response_of(result, context.request_id)

    async def _responses(self, request: SubgraphRequest) -> AsyncGenerator[dict[str, Any], None]:
        begun = await self._begin(request, takes_subscriptions=True)
        if isinstance(begun, dict):
            yield begun
            return
        if begun.operation.definition.operation is not OperationType.SUBSCRIPTION:
            yield await self.run(request)
            return
        context = begun.context
        try:
            async with aclosing(self._results(begun, request)) as results:
                async for result in results:
                    # What was read for this event is of the past when the next one comes.
                    await context.close()
                    if PASSPORT_HEADER not in request.headers:  # else the router sees to it
                        await self._authenticator.viewer_of(request.headers)
                    yield _response_of(result, context.request_id)
        except DeadlineExceededError:
            yield {"errors": [_DEADLINE_EXCEEDED]}
        except ClientError as error:
            yield {"errors": [client_error_to_map(error)]}
        except Exception as fault:  # noqa: BLE001 - the subscription's edge: a source may raise anything
            masked = GraphQLError(str(fault), path=[], original_error=fault)
            yield {"errors": [error_to_map(masked, context.request_id)]}
        finally:
            await context.close()

    async def _results(
        self, begun: _Begun, request: SubgraphRequest
    ) -> AsyncGenerator[ExecutionResult, None]:
        timeout_s = self._settings.operation_timeout_s
        results = await begun.operation.subscribe(None, begun.context, request.variables, timeout_s=timeout_s)
        if isinstance(results, ExecutionResult):
            yield results
            return
        async with aclosing(results):
            async for result in results:
                yield result

    async def _begin(self, request: SubgraphRequest, *, takes_subscriptions: bool) -> _Begun | dict[str, Any]:
        """Returns the operation in a fresh context, or the response that refuses it."""
        request_id = request.headers.get("x-request-id", "")[:REQUEST_ID_LENGTH_MAX] or str(new_id())
        try:
            viewer = await self._authenticator.viewer_of(request.headers)
            prepared = self._documents.prepare(request.query)
            if prepared.errors or prepared.document is None:
                return {"errors": [error_to_map(error, request_id) for error in prepared.errors]}
            _check_operation(
                prepared.document, request.operation_name, takes_subscriptions=takes_subscriptions
            )
        except ClientError as error:
            return {"errors": [client_error_to_map(error)]}
        context = RequestContext(
            viewer,
            self._database,
            self._clock,
            self._settings,
            request_id,
            self._ports,
            ClientOrigin.of(request.headers),
        )
        return _Begun(self._documents.operation(prepared, request.operation_name), context)

    def execution_figures(self) -> dict[str, Any]:
        """Returns how many operations were compiled since the start, and which fields were not, and why."""
        return {"compiled": self._documents.compiled, "fallbacks": dict(self._documents.fallbacks)}


class OperationNotFound(ClientError):  # noqa: N818 - a refusal reads as a sentence
    """The document has no such operation, or several and no name to choose by."""

    code = "OPERATION_NOT_FOUND"


def _check_operation(document: DocumentNode, name: str | None, *, takes_subscriptions: bool) -> None:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name is not None:
        operations = [each for each in operations if each.name is not None and each.name.value == name]
    if len(operations) != 1:
        raise OperationNotFound("The document has no such operation" if name else "Name the operation to run")
    if operations[0].operation is OperationType.SUBSCRIPTION and not takes_subscriptions:
        raise OperationNotFound("A subscription cannot be run as a single request")


def _response_of(result: ExecutionResult, request_id: str) -> dict[str, Any]:
    errors: list[GraphQLError] = result.errors or []
    response: dict[str, Any] = {}
    if errors:
        response["errors"] = [error_to_map(error, request_id) for error in errors]
    # Errors that all lack a path come from before execution (a wrong variable): no `data` then.
    if result.data is not None or not errors or any(error.path for error in errors):
        response["data"] = result.data
    return response
