"""INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE: A subgraph that gives an interface a resolvable @key defines
all its implementations.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView
from router.composition.rules.field_sets import uses_of
from router.composition.subgraph.model import Kind, Subgraph


def interface_key_missing_implementation_type(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A subgraph that gives an interface a resolvable @key defines all its implementations."""
    for subgraph in view.subgraphs:
        for use in uses_of(subgraph, "key"):
            if use.holder.kind is not Kind.INTERFACE or not use.is_resolvable:
                continue
            name = use.holder.name
            here = set(subgraph.implementations.get(name, ()))
            missing = [one for one in view.implementations.get(name, ()) if one not in here]
            if missing:
                shown = ", ".join(f'"{one}"' for one in missing)
                others = [s for s in view.subgraphs for one in missing if name in _interfaces(s, one)]
                message = f'"{name}" has a @key here, but {shown} implement(s) it only in other subgraphs.'
                places = [
                    subgraph.at(use.applied),
                    *(s.at(s.types[one]) for s in others for one in missing if one in s.types),
                ]
                yield error("INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE", message, places)


def _interfaces(subgraph: Subgraph, name: str) -> tuple[str, ...]:
    definition = subgraph.types.get(name)
    return tuple(definition.interfaces) if definition else ()
