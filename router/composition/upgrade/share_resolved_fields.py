"""Marks as @shareable what Federation 1 let several subgraphs resolve."""

from __future__ import annotations

from collections.abc import Sequence

from router.composition.subgraph.model import Applied, Element, Kind, Subgraph, TypeDefinition


def share_resolved_fields(subgraph: Subgraph, subgraphs: Sequence[Subgraph]) -> None:
    """Share value types as a whole, and the fields of entities and roots that another subgraph resolves
    too.
    """
    others = [other for other in subgraphs if other is not subgraph]
    for definition in subgraph.types.values():
        if definition.kind is not Kind.OBJECT or definition.name == "Subscription":
            continue
        if definition.has("key") or definition.name in ("Query", "Mutation"):
            _share_fields(definition, others)
        elif any(definition.name in other.types for other in others):
            _share(definition)


def _share_fields(definition: TypeDefinition, others: Sequence[Subgraph]) -> None:
    for field in definition.fields.values():
        if any(_resolves(other, definition.name, field.name) for other in others):
            _share(field)


def _resolves(subgraph: Subgraph, type_name: str, field_name: str) -> bool:
    definition = subgraph.types.get(type_name)
    return (
        definition is not None
        and definition.kind is Kind.OBJECT
        and field_name in definition.fields
        and f"{type_name}.{field_name}" not in subgraph.external
    )


def _share(element: Element) -> None:
    if not element.has("shareable"):
        element.directives.append(Applied("shareable", {}, element.node))
