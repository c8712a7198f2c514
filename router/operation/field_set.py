"""Field sets of @key, @requires and @provides as `Selections`."""

from __future__ import annotations

from graphql import InlineFragmentNode, SelectionSetNode

from router.federation.field_set import parse_field_set
from router.operation.collect import Collector
from router.operation.model import Selections
from router.supergraph import Supergraph


def read_field_set(supergraph: Supergraph, type_name: str, text: str) -> Selections:
    """Returns the selections of a field set on `type_name`."""
    return read_selection_set(supergraph, type_name, parse_field_set(text))


def read_selection_set(supergraph: Supergraph, type_name: str, node: SelectionSetNode) -> Selections:
    """Returns the selections of a selection set on `type_name` that has no variables and no spreads."""
    assert not any(isinstance(n, InlineFragmentNode) and n.selection_set is None for n in node.selections)
    return Collector(supergraph.possible_types, supergraph.field_types, {}, {}).collect([node], type_name)
