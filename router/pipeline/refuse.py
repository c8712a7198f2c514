"""GraphQL library errors as ours."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import GraphQLError

from router.errors import ClientError
from router.response.result import ResponseError


def client_error(error: GraphQLError, code: str) -> ClientError:
    """Returns the error as the client's fault, with its locations."""
    return ClientError(error.message, code, locations=_locations(error))


def response_error(error: GraphQLError, code: str) -> ResponseError:
    """Returns the error as an entry of `errors`, with its locations."""
    return ResponseError(error.message, code, None, _locations(error))


def _locations(error: GraphQLError) -> tuple[Mapping[str, int], ...]:
    return tuple({"line": at.line, "column": at.column} for at in error.locations or ())
