"""The merged schema as the facts of a supergraph, without a detour over its text."""

from __future__ import annotations

from collections.abc import Mapping

from graphql import GraphQLSchema

from router.composition.merge.merge import ROOTS
from router.composition.merge.model import JoinField, MergedField, MergedSchema, MergedType
from router.composition.subgraph.type_ref import is_list, named_type, nullable
from router.supergraph.model import (
    ContextArgument,
    FieldFacts,
    FieldJoin,
    Kind,
    Subgraph,
    Supergraph,
    TypeFacts,
    TypeJoin,
)


def supergraph_facts(schema: MergedSchema) -> Supergraph:
    """The facts the graph of moves reads. There is no text and no API schema: moves need neither."""
    return Supergraph(
        sdl="",
        subgraphs={s.graph: Subgraph(s.graph, s.name, s.source.url) for s in schema.view.subgraphs},
        types={merged.name: _type_facts(merged) for merged in schema.types.values()},
        root_types={root.lower(): root for root in ROOTS if root in schema.types},
        api_schema=GraphQLSchema(),
    )


def _type_facts(merged: MergedType) -> TypeFacts:
    joins: dict[str, tuple[TypeJoin, ...]] = {}
    for join in merged.joins:
        found = TypeJoin(join.key, join.extension, join.resolvable, join.is_interface_object)
        joins[join.graph] = (*joins.get(join.graph, ()), found)
    return TypeFacts(
        merged.name,
        Kind[merged.kind.name if merged.kind.name != "INPUT" else "INPUT_OBJECT"],
        joins,
        {field.name: _field_facts(field, tuple(joins)) for field in merged.fields.values()},
        _by_graph(merged.implements),
        _by_graph(merged.members),
    )


def _field_facts(field: MergedField, graphs: tuple[str, ...]) -> FieldFacts:
    joins = {join.graph: _field_join(field, join) for join in field.joins if join.graph is not None}
    if not field.joins:
        joins = {graph: FieldJoin(field.type) for graph in graphs}
    return FieldFacts(field.name, field.type, named_type(field.type), joins, is_list(nullable(field.type)))


def _field_join(field: MergedField, join: JoinField) -> FieldJoin:
    return FieldJoin(
        join.type or field.type,
        join.requires,
        join.provides,
        join.external,
        join.used_overridden,
        join.override,
        join.override_label,
        tuple(ContextArgument(a.context, a.name, a.type, a.selection) for a in join.context_arguments),
    )


def _by_graph(graphs_of: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for name, graphs in graphs_of.items():
        for graph in graphs:
            found.setdefault(graph, set()).add(name)
    return {graph: frozenset(names) for graph, names in found.items()}
