"""Merging of types: one function per kind, output kinds by union, input kinds by intersection."""

from __future__ import annotations

from collections.abc import Sequence

from router.composition.merge.descriptions import merge_descriptions
from router.composition.merge.directives import merge_directives
from router.composition.merge.enums import merge_enum_values
from router.composition.merge.fields import merge_fields
from router.composition.merge.inputs import merge_input_fields
from router.composition.merge.model import JoinType, MergedDirective, MergedType
from router.composition.merge.view import SubgraphsView, TypeSource
from router.composition.subgraph.model import Element, Kind, Subgraph


def merge_type(view: SubgraphsView, name: str, sources: Sequence[TypeSource]) -> MergedType:
    """Merge all definitions of one type name."""
    elements: list[tuple[Subgraph, Element]] = [(source.subgraph, source.definition) for source in sources]
    kind = sources[0].definition.merged_kind
    merged = MergedType(
        name,
        name,
        merge_descriptions(source.definition.description for source in sources),
        merge_directives(view, elements) + _contexts(sources),
        kind,
        tuple(join for source in sources for join in _type_joins(source)),
    )
    match kind:
        case Kind.OBJECT | Kind.INTERFACE:
            merged.fields = merge_fields(view, sources)
            merged.implements = _implements(sources)
        case Kind.UNION:
            merged.members = _members(sources)
        case Kind.ENUM:
            merged.values = merge_enum_values(view, name, sources)
        case Kind.INPUT:
            merged.input_fields = merge_input_fields(view, sources)
        case Kind.SCALAR:
            pass
    return merged


def _type_joins(source: TypeSource) -> list[JoinType]:
    definition, graph = source.definition, source.subgraph.graph
    keys = [use for use in source.subgraph.field_sets if use.directive == "key" and use.owner is definition]
    if not keys:
        return [JoinType(graph, is_interface_object=definition.is_interface_object)]
    return [
        JoinType(
            graph,
            use.text,
            definition.extends_another,
            use.is_resolvable,
            definition.is_interface_object,
        )
        for use in keys
    ]


def _implements(sources: Sequence[TypeSource]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for source in sources:
        for interface in source.definition.interfaces:
            found.setdefault(interface, []).append(source.subgraph.graph)
    return {interface: tuple(graphs) for interface, graphs in found.items()}


def _members(sources: Sequence[TypeSource]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for source in sources:
        for member in source.definition.members:
            found.setdefault(member, []).append(source.subgraph.graph)
    return {member: tuple(graphs) for member, graphs in found.items()}


def _contexts(sources: Sequence[TypeSource]) -> tuple[MergedDirective, ...]:
    # Contexts of different subgraphs never meet, so each carries its subgraph's name.
    return tuple(
        MergedDirective("context", (("name", f'"{source.subgraph.name}__{applied.text("name")}"'),))
        for source in sources
        for applied in source.definition.all("context")
    )
