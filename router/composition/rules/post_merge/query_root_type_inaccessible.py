"""QUERY_ROOT_TYPE_INACCESSIBLE: The query root is visible.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.model import MergedSchema
from router.composition.rules.hidden import where


def query_root_type_inaccessible(schema: MergedSchema) -> Iterator[Diagnostic]:
    """The query root is visible."""
    query = schema.types["Query"]
    if schema.hides(query):
        message = f"The query root {schema.why_hidden(query)}."
        yield error("QUERY_ROOT_TYPE_INACCESSIBLE", message, where(schema, query))
