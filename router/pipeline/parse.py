"""Text -> document."""

from __future__ import annotations

from graphql import DocumentNode, GraphQLError, parse

from router.config import LimitsConfig
from router.errors import ClientError
from router.pipeline.limits import check_nesting
from router.pipeline.refuse import client_error


def parse_document(query: str, limits: LimitsConfig) -> DocumentNode:
    """Returns the parsed document; raises ClientError when it breaks the grammar or the limits."""
    if not query.strip():
        raise ClientError("The document is empty.", "GRAPHQL_PARSE_FAILED")
    check_nesting(query, limits)
    try:
        return parse(query, max_tokens=limits.max_tokens)
    except GraphQLError as error:
        code = "DOCUMENT_LIMIT_EXCEEDED" if "tokens" in error.message else "GRAPHQL_PARSE_FAILED"
        raise client_error(error, code) from error
