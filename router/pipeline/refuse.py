"""GraphQL library errors as ours, and what is refused by name."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import DirectiveNode, DocumentNode, GraphQLError, GraphQLSchema, Visitor, visit

from router.errors import ClientError
from router.response.result import ResponseError


class RefusedError(Exception):
    """A document or its variables were refused; `errors` go to the client."""

    def __init__(self, *errors: ResponseError) -> None:
        super().__init__(errors[0].message)
        self.errors = errors


def client_error(error: GraphQLError, code: str) -> ClientError:
    """Returns the error as the client's fault, with its locations."""
    return ClientError(error.message, code, locations=_locations(error))


def response_error(error: GraphQLError, code: str) -> ResponseError:
    """Returns the error as an entry of `errors`, with its locations."""
    return ResponseError(error.message, code, None, _locations(error))


def _locations(error: GraphQLError) -> tuple[Mapping[str, int], ...]:
    return tuple({"line": at.line, "column": at.column} for at in error.locations or ())


def refuse_stream(document: DocumentNode, schema: GraphQLSchema) -> None:
    """Raises ClientError when the document uses @stream, which is not served; a schema may define its own."""
    if schema.get_directive("stream") is not None:
        return

    class _Streams(Visitor):
        def enter_directive(self, node: DirectiveNode, *_: object) -> None:
            if node.name.value == "stream":
                error = GraphQLError("The directive @stream is not supported; @defer is.", node)
                raise client_error(error, "OPERATION_NOT_SUPPORTED")

    visit(document, _Streams())
