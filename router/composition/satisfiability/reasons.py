"""Says, per subgraph, why it cannot answer a field of an object that stands somewhere else."""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.merge.model import JoinField, MergedField, MergedSchema, MergedType
from router.composition.satisfiability.reach import Nodes, Reach
from router.composition.subgraph.model import Subgraph


def explain(
    schema: MergedSchema, reach: Reach, type_name: str, field: MergedField, reached: Nodes
) -> Iterator[str]:
    """One sentence for each subgraph that knows the type, in order of name."""
    merged = schema.types[type_name]
    here = {node.graph for node in reached}
    for subgraph in schema.view.subgraphs:
        if not _knows(schema, merged, subgraph):
            continue
        join = _join(schema, merged, field, subgraph.graph)
        name = f'subgraph "{subgraph.name}"'
        if join is None:
            yield f'{name} does not define "{field.coordinate}".'
        elif join.external and join.graph in here:
            yield f'{name} declares "{field.coordinate}" as @external and does not provide it on this path.'
        elif join.external:
            yield f'{name} declares "{field.coordinate}" only as @external.'
        elif join.used_overridden:
            yield f'{name} has handed "{field.coordinate}" over by @override.'
        elif join.override_label is not None and not _is_active(join, reach.graph.labels):
            state = "while" if join.override is None else "unless"
            yield f'{name} does not resolve the field {state} the label "{join.override_label}" is active.'
        elif join.requires is not None and _can_enter(reach, type_name, reached, subgraph.graph):
            yield f'{name} needs @requires(fields: "{join.requires}") first, which cannot be fetched.'
        else:
            yield _no_way_in(merged, subgraph, name, sorted(here), schema)


def _knows(schema: MergedSchema, merged: MergedType, subgraph: Subgraph) -> bool:
    names = [merged.name, *merged.implements]
    return any(
        join.graph == subgraph.graph and (name == merged.name or join.is_interface_object)
        for name in names
        if name in schema.types
        for join in schema.types[name].joins
    )


def _join(schema: MergedSchema, merged: MergedType, field: MergedField, graph: str) -> JoinField | None:
    own = [join for join in field.joins if join.graph == graph]
    if own:
        return own[0]
    if not field.joins and any(join.graph == graph for join in merged.joins):
        return JoinField(graph)
    for name in merged.implements:
        interface = schema.types.get(name)
        stands_in = interface and any(j.graph == graph and j.is_interface_object for j in interface.joins)
        declared = interface.fields.get(field.name) if interface and stands_in else None
        if declared is not None:
            return next((j for j in declared.joins if j.graph == graph), JoinField(graph))
    return None


def _is_active(join: JoinField, labels: frozenset[str]) -> bool:
    return (join.override_label in labels) == (join.override is not None)


def _can_enter(reach: Reach, type_name: str, reached: Nodes, graph: str) -> bool:
    return any(True for _ in reach.entering(type_name, reached, graph))


def _no_way_in(
    merged: MergedType, subgraph: Subgraph, name: str, here: list[str], schema: MergedSchema
) -> str:
    keys = [j.key for j in merged.joins if j.graph == subgraph.graph and j.key and j.resolvable]
    names = {s.graph: s.name for s in schema.view.subgraphs}
    at = " or ".join(f'"{names[graph]}"' for graph in here) or "no subgraph"
    if not keys:
        return f'{name} resolves the field, but "{merged.name}" has no resolvable @key there to move by.'
    shown = " or ".join(f'"{key}"' for key in keys)
    return (
        f'{name} resolves the field, but finds a "{merged.name}" only by @key {shown}, which cannot be '
        f"fetched from {at}."
    )
