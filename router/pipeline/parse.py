"""Text -> document."""

from __future__ import annotations

from graphql import DocumentNode, GraphQLError, parse

from router.config import LimitsConfig
from router.errors import ClientError
from router.pipeline.limits import check_text, limit_error
from router.pipeline.refuse import client_error


def parse_document(query: str, limits: LimitsConfig) -> DocumentNode:
    """Returns the parsed document; raises ClientError when it breaks the grammar or the limits."""
    if not query.strip():
        raise ClientError("The document is empty.", "GRAPHQL_PARSE_FAILED")
    check_text(query, limits)
    try:
        return parse(query, max_tokens=limits.max_tokens)
    except GraphQLError as error:
        # graphql-core has no other error of parsing with this word in it.
        if "tokens" in error.message:
            raise limit_error(error.message, "max_tokens") from error
        raise client_error(error, "GRAPHQL_PARSE_FAILED") from error
