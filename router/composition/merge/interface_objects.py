"""Gives implementations the fields that other subgraphs resolve for their whole interface."""

from __future__ import annotations

from dataclasses import replace

from router.composition.merge.model import JoinField, MergedField, MergedType
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import Kind


def add_interface_object_fields(view: SubgraphsView, types: dict[str, MergedType]) -> None:
    """Add to each implementation of an entity interface the fields its interface objects bring.

    Before: `interface Media { id views }` (`views` by @interfaceObject), `type Book implements Media { id }`
    After:  `type Book implements Media { id views @join__field }`
    """
    for interface in types.values():
        if interface.kind is not Kind.INTERFACE or not view.interface_object_sources(interface.name):
            continue
        brought = [field for field in interface.fields.values() if _is_brought(field)]
        for implementation in types.values():
            if interface.name in implementation.implements:
                _add(implementation, brought)


def _is_brought(field: MergedField) -> bool:
    return any(
        source.subgraph.types[source.field.parent].is_interface_object and not source.is_external
        for source in field.sources
    )


def _add(implementation: MergedType, brought: list[MergedField]) -> None:
    for field in brought:
        if field.name not in implementation.fields:
            implementation.fields[field.name] = replace(
                field,
                coordinate=f"{implementation.name}.{field.name}",
                joins=(JoinField(None),),
                sources=(),
            )
