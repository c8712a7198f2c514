"""Which fields a request asks below the one that is being resolved, so that a resolver can load for them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from graphql import FieldNode, FragmentSpreadNode, GraphQLResolveInfo, InlineFragmentNode, SelectionSetNode

from subgraphs.kit.execution.collecting import Fragments
from subgraphs.kit.execution.resolve_info import LazyInfo

DEPTH_MAX = 3


def asked_paths(info: GraphQLResolveInfo) -> frozenset[str]:
    """Returns the names of the fields asked of the field's value, of whatever type, whatever @skip says.

    Fields further down are told as `nodes.author`, three levels deep at most. Compiled operations find them
    once.
    """
    if type(info) is GraphQLResolveInfo or not isinstance(info, LazyInfo):
        return find_asked(info.field_nodes, info.fragments)
    plan = info.plan
    if plan.asked is None:
        plan.asked = find_asked(plan.nodes, info.fragments)
    return plan.asked


def find_asked(nodes: Iterable[FieldNode], fragments: Fragments) -> frozenset[str]:
    """Returns the dotted names of what the nodes' selections ask for."""
    found: set[str] = set()
    visited: set[tuple[str, str]] = set()
    waiting: list[tuple[str, SelectionSetNode, int]] = [
        ("", node.selection_set, 1) for node in nodes if node.selection_set
    ]
    while waiting:
        prefix, selection_set, depth = waiting.pop()
        for selection in selection_set.selections:
            inner: Any = None
            below, deeper = prefix, depth
            if isinstance(selection, FieldNode):
                name = prefix + selection.name.value
                found.add(name)
                below, deeper = f"{name}.", depth + 1
                inner = selection.selection_set if deeper <= DEPTH_MAX else None
            elif isinstance(selection, InlineFragmentNode):
                inner = selection.selection_set
            elif isinstance(selection, FragmentSpreadNode):
                spread = (prefix, selection.name.value)
                fragment = fragments.get(selection.name.value) if spread not in visited else None
                visited.add(spread)
                inner = fragment.selection_set if fragment is not None else None
            if inner is not None:
                waiting.append((below, inner, deeper))
    return frozenset(found)
