"""One operation from text to response, the same over HTTP and in process.

Steps: who asks, the prepared document, which operation, execution in a fresh context, errors masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType
from strawberry.types import ExecutionResult

from subgraphs.kit.auth.authentication import Authenticator
from subgraphs.kit.clock import Clock
from subgraphs.kit.context import RequestContext
from subgraphs.kit.database import Database
from subgraphs.kit.documents import DocumentCache
from subgraphs.kit.errors import ClientError
from subgraphs.kit.ids import new_id
from subgraphs.kit.masking import client_error_to_map, error_to_map
from subgraphs.kit.schema import KitSchema
from subgraphs.kit.settings import KitSettings

REQUEST_ID_LENGTH_MAX = 100


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
    ) -> None:
        self._schema = schema
        self._settings = settings
        self._database = database
        self._clock = clock
        self._ports = ports
        self._authenticator = Authenticator(settings, clock)
        self._documents = DocumentCache(schema._schema, settings)  # noqa: SLF001 - Strawberry offers no other way to the core schema

    async def run(self, request: SubgraphRequest) -> dict[str, Any]:
        """Returns the response map; never raises for anything the request contains."""
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
            viewer, self._database, self._clock, self._settings, request_id, prepared.document, self._ports
        )
        try:
            result = await self._schema.execute(
                request.query,
                variable_values=dict(request.variables),
                context_value=context,
                operation_name=request.operation_name,
            )
        finally:
            await context.close()
        return _response_of(result, request_id)


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
