"""One operation from text to response, the same over HTTP and in process.

Steps: who asks, the prepared document, which operation, execution in a fresh context, errors masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
from subgraphs.kit.trace_context import read_trace, tracing

REQUEST_ID_LENGTH_MAX = 100
_DEADLINE_EXCEEDED = {
    "message": "The operation took too long and was stopped",
    "extensions": {"code": "DEADLINE_EXCEEDED"},
}


@dataclass(frozen=True, slots=True)
class SubgraphRequest:
    """One GraphQL request; `headers` have lower-case names."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


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

    def is_from_router(self, headers: Mapping[str, str]) -> bool:
        """Whether a request over the network may be looked at: it has a passport, if that is demanded."""
        return not self._settings.router_only or PASSPORT_HEADER in headers

    async def run(self, request: SubgraphRequest) -> dict[str, Any]:
        """Returns the response map; never raises for anything the request contains."""
        with tracing(read_trace(request.headers)):
            return await self._run(request)

    async def _run(self, request: SubgraphRequest) -> dict[str, Any]:
        request_id = request.headers.get("x-request-id", "")[:REQUEST_ID_LENGTH_MAX] or str(new_id())
        try:
            viewer = await self._authenticator.viewer_of(request.headers)
            prepared = self._documents.prepare(request.query)
            if prepared.errors or prepared.document is None:
                return {"errors": [error_to_map(error, request_id) for error in prepared.errors]}
            _check_operation(prepared.document, request.operation_name)
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
        operation = self._documents.operation(prepared, request.operation_name)
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
        return _response_of(result, request_id)

    def execution_figures(self) -> dict[str, Any]:
        """Returns how many operations were compiled since the start, and which fields were not, and why."""
        return {"compiled": self._documents.compiled, "fallbacks": dict(self._documents.fallbacks)}


class OperationNotFound(ClientError):  # noqa: N818 - a refusal reads as a sentence
    """The document has no such operation, or several and no name to choose by."""

    code = "OPERATION_NOT_FOUND"


def _check_operation(document: DocumentNode, name: str | None) -> None:
    operations = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name is not None:
        operations = [each for each in operations if each.name is not None and each.name.value == name]
    if len(operations) != 1:
        raise OperationNotFound("The document has no such operation" if name else "Name the operation to run")
    if operations[0].operation is OperationType.SUBSCRIPTION:
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
