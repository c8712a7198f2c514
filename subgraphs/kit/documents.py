"""Operations parsed, validated, bounded and compiled once, then remembered by their text.

Parsing and validating a cold operation costs more than running it (2 and 9 ms for 60 fields), and a router
sends the same few texts over and over.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

import structlog
from graphql import DocumentNode, GraphQLError, GraphQLSchema, GraphQLSyntaxError, parse, validate

from subgraphs.kit.execution import Binding, CompiledOperation, compile_operation
from subgraphs.kit.limits import find_excess
from subgraphs.kit.settings import KitSettings

log = structlog.get_logger(__name__)

VALIDATION_ERRORS_MAX = 10
REMEMBERED_LENGTH_MAX = 20_000
"""Longer texts are rare and would let a stranger fill the memory."""


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A parsed document, or the errors that keep it from running; `operations` are those compiled so far.

    One that is not kept is not worth compiling either.
    """

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()
    is_kept: bool = True
    operations: dict[str | None, CompiledOperation] = field(default_factory=dict)


class DocumentCache:
    """Prepares operations for one schema; least recently used texts are forgotten first."""

    def __init__(self, schema: GraphQLSchema, settings: KitSettings, binding: Binding | None = None) -> None:
        self._schema = schema
        self._settings = settings
        self._binding = binding
        self.compiled = 0
        """How many operations have been compiled; grows with every text that is new, or new again."""
        self.fallbacks: dict[str, str] = {}
        """Which fields were not compiled, by their coordinates, and why; no more than the schema has."""
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

    def operation(self, prepared: PreparedDocument, name: str | None) -> CompiledOperation:
        """Returns the operation of a valid document, compiled for as long as the document is remembered."""
        operation = prepared.operations.get(name)
        if operation is None:
            assert prepared.document is not None, "what was refused has no operations"
            operation = compile_operation(
                self._schema, prepared.document, name, binding=self._binding, hide_suggestions=True
            )
            if not self._settings.compiled_execution:
                operation.uncompilable = "compiled_execution is switched off"
            elif not prepared.is_kept:
                operation.uncompilable = operation.uncompilable or "a text too long to be kept"
            prepared.operations[name] = operation
            self.compiled += 1
        return operation

    def note_fallbacks(self, operation: CompiledOperation) -> None:
        """Counts what of an operation that ran is left to Strawberry's resolvers or to graphql-core."""
        found = dict(operation.fallbacks)
        if operation.uncompilable is not None:
            found["whole operations"] = operation.uncompilable
        for coordinate, reason in found.items():
            if coordinate not in self.fallbacks:
                self.fallbacks[coordinate] = reason
                log.warning("execution_fallback", field=coordinate, reason=reason)

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
        return PreparedDocument(document, coded, is_kept=len(query) <= REMEMBERED_LENGTH_MAX)


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
