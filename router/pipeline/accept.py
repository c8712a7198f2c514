"""Text -> one operation that may run: parsed, validated against the API schema and the limits."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, get_operation_ast, validate

from router.config import LimitsConfig
from router.errors import ClientError
from router.operation import condition_variables, guards_of
from router.pipeline.limits import check_document
from router.pipeline.parse import parse_document
from router.pipeline.refuse import RefusedError, refuse_stream, response_error
from router.pipeline.variables import VariableCoercer
from router.supergraph import Requirement, Supergraph
from router.telemetry.record import OperationRecord, phase


@dataclass(slots=True, eq=False)
class AcceptedOperation:
    """One operation of a valid document, by the text and the name a client asks for it.

    `hash` is the SHA-256 of the text. `conditions` are the variables its plans depend on. A syntax tree is
    large, so `document` is kept only where every execution reads it: for introspection. `guards` are the
    requirements it can meet. `uses` counts how often the operation was asked for.
    """

    query: str
    requested_name: str | None
    name: str | None
    kind: str
    hash: str
    conditions: tuple[str, ...]
    defers: bool
    variables: VariableCoercer
    document: DocumentNode | None = None
    guards: tuple[Requirement, ...] = ()
    uses: int = 0

    @property
    def introspects(self) -> bool:
        """Whether it asks for the schema."""
        return self.document is not None


def valid_document(
    schema: GraphQLSchema,
    limits: LimitsConfig,
    query: str,
    record: OperationRecord | None = None,
    *,
    hides_suggestions: bool = False,
) -> DocumentNode:
    """Returns the parsed document; raises ClientError or RefusedError when it is not valid."""
    with phase(record, "parse"):
        document = parse_document(query, limits)
    check_document(document, limits)
    refuse_stream(document, schema)
    with phase(record, "validate"):
        errors = validate(schema, document, max_errors=limits.max_errors, hide_suggestions=hides_suggestions)
    if errors:
        raise RefusedError(*(response_error(one, "GRAPHQL_VALIDATION_FAILED") for one in errors))
    return document


def accept_operation(
    supergraph: Supergraph,
    document: DocumentNode,
    query: str,
    name: str | None,
    list_items_max: int,
    *,
    hides_suggestions: bool = False,
) -> AcceptedOperation:
    """Returns the operation of a valid document that a request names; raises ClientError."""
    operation = choose_operation(document, name)
    introspects = "__schema" in query or "__type" in query.replace("__typename", "")
    return AcceptedOperation(
        query,
        name,
        operation.name.value if operation.name is not None else None,
        operation.operation.value,
        sha256(query.encode(errors="surrogatepass")).hexdigest(),
        condition_variables(document),
        "@defer" in query,
        VariableCoercer(
            supergraph.api_schema,
            tuple(operation.variable_definitions or ()),
            list_items_max,
            hides_suggestions=hides_suggestions,
        ),
        document if introspects else None,
        guards_of(supergraph, document),
    )


def choose_operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """Returns the operation the request names, or the only one; raises ClientError."""
    found = get_operation_ast(document, name)
    if found is not None:
        return found
    if name is None:
        message = "Must provide operation name if query contains multiple operations."
    else:
        message = f'Unknown operation named "{name}".'
    raise ClientError(message, "OPERATION_NOT_FOUND")
