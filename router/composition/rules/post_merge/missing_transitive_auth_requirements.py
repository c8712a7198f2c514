"""MISSING_TRANSITIVE_AUTH_REQUIREMENTS: A field that reads protected data by @requires or @fromContext
carries the same authorization.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.model import MergedSchema
from router.composition.rules.authorization import Authorization, authorization_of, missing_part
from router.composition.subgraph.contexts import context_coordinates, context_uses
from router.composition.subgraph.model import Applied, Field, Subgraph


def missing_transitive_auth_requirements(schema: MergedSchema) -> Iterator[Diagnostic]:
    """A field that reads protected data by @requires or @fromContext carries the same authorization."""
    for subgraph in schema.view.subgraphs:
        for use in subgraph.field_sets:
            if use.directive == "requires" and isinstance(use.owner, Field):
                read = [selected.field.coordinate for selected in use.fields]
                yield from _check(schema, subgraph, use.owner, use.applied, read)
        for context in context_uses(subgraph):
            read = sorted(context_coordinates(subgraph, context))
            yield from _check(schema, subgraph, context.field, context.applied, read)


def _check(
    schema: MergedSchema, subgraph: Subgraph, field: Field, applied: Applied, read: list[str]
) -> Iterator[Diagnostic]:
    own: Authorization = authorization_of(schema, field.coordinate)
    for coordinate in read:
        missing = missing_part(authorization_of(schema, coordinate), own)
        if missing is not None:
            message = f'"{field.coordinate}" reads "{coordinate}" without carrying its {missing}.'
            yield error("MISSING_TRANSITIVE_AUTH_REQUIREMENTS", message, [subgraph.at(applied)])
