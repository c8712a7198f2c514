"""Drops directives that Federation 1 accepted and ignored."""

from __future__ import annotations

from router.composition.subgraph.model import Kind, Subgraph
from router.composition.subgraph.type_ref import named_type


def drop_dead_directives(subgraph: Subgraph) -> None:
    """Drop @external on types and interface fields, every federation directive on interfaces, and @provides
    on leaves.
    """
    for definition in subgraph.types.values():
        definition.drop("external")
        on_interface = definition.kind is Kind.INTERFACE
        if on_interface:
            definition.drop("key")
        for field in definition.fields.values():
            base = subgraph.types.get(named_type(field.type))
            if base is None or base.kind in (Kind.SCALAR, Kind.ENUM):
                field.drop("provides")
            if on_interface:
                for name in ("external", "provides", "requires"):
                    field.drop(name)
            elif field.has("external"):
                field.drop("tag")
