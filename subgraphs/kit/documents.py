"""Operations parsed, validated and bounded once, then remembered by their text.

Parsing and validating a cold operation costs more than running it (2 and 9 ms for 60 fields), and a router
sends the same few texts over and over.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, parse, validate

from subgraphs.kit.limits import find_excess
from subgraphs.kit.settings import KitSettings

VALIDATION_ERRORS_MAX = 10
REMEMBERED_LENGTH_MAX = 20_000
"""Longer texts are rare and would let a stranger fill the memory."""


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A parsed document, or the errors that keep it from running."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()


class DocumentCache:
    """Prepares operations for one schema; least recently used texts are forgotten first."""

    def __init__(self, schema: GraphQLSchema, settings: KitSettings) -> None:
        self._schema = schema
        self._settings = settings
        self._prepared: OrderedDict[str, PreparedDocument] = OrderedDict()

    def prepare(self, query: str) -> PreparedDocument:
        """Returns the document; refused ones are remembered as well, since clients repeat their mistakes."""
        prepared = self._prepared.get(query)
        if prepared is not None:
            self._prepared.move_to_end(query)
            return prepared
        prepared = self._prepare(query)
        if len(query) <= REMEMBERED_LENGTH_MAX:
            self._prepared[query] = prepared
        if len(self._prepared) > self._settings.document_cache_entries_max:
            self._prepared.popitem(last=False)
        return prepared

    def _prepare(self, query: str) -> PreparedDocument:
        try:
            document = parse(query, max_tokens=self._settings.query_tokens_max, no_location=False)
        except GraphQLSyntaxError as error:
            return PreparedDocument(None, (_coded(error, "GRAPHQL_PARSE_FAILED"),))
        # Before validation, whose cost grows faster than the document.
        excess = find_excess(document, self._settings)
        if excess is not None:
            return PreparedDocument(None, (_refused(excess),))
        errors = validate(self._schema, document, max_errors=VALIDATION_ERRORS_MAX, hide_suggestions=True)
        coded = tuple(_coded(error, "GRAPHQL_VALIDATION_FAILED") for error in errors)
        return PreparedDocument(document, coded)


def _coded(error: GraphQLError, code: str) -> GraphQLError:
    return GraphQLError(
        error.message,
        error.nodes,
        error.source,
        error.positions,
        extensions={"code": code},
    )


def _refused(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "QUERY_TOO_COMPLEX"})
