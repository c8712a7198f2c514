"""Parses and validates, once for every text and schema: the runs over random operations repeat both often."""

from __future__ import annotations

import functools

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate


@functools.lru_cache(maxsize=2048)
def checked_document(
    schema: GraphQLSchema, query: str
) -> tuple[DocumentNode | None, tuple[GraphQLError, ...]]:
    """Parses and validates an operation."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return None, (error,)
    return document, tuple(validate(schema, document))
