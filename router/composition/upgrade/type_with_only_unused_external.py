"""TYPE_WITH_ONLY_UNUSED_EXTERNAL: a type a Federation 1 subgraph refers to has a field it resolves or uses.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph, TypeDefinition
from router.composition.subgraph.type_ref import named_type


def type_with_only_unused_external(subgraph: Subgraph, emptied: TypeDefinition) -> Iterator[Diagnostic]:
    """A type left without fields, since all were @external and unused, is not referred to."""
    if _is_referenced(subgraph, emptied.name):
        message = f'"{emptied.name}" has only @external fields that nothing in this subgraph uses.'
        yield error("TYPE_WITH_ONLY_UNUSED_EXTERNAL", message, [subgraph.at(emptied)])


def _is_referenced(subgraph: Subgraph, name: str) -> bool:
    return any(named_type(field.type) == name for _, field in subgraph.fields()) or any(
        name in definition.members for definition in subgraph.types.values()
    )
