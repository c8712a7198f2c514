"""Merges all subgraphs into one schema."""

from __future__ import annotations

from router.composition.merge.directive_definitions import merge_directive_definitions
from router.composition.merge.directives import merge_directives
from router.composition.merge.interface_authorization import add_interface_authorization
from router.composition.merge.interface_objects import add_interface_object_fields
from router.composition.merge.model import MergedSchema
from router.composition.merge.types import merge_type
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import Element, Subgraph

ROOTS = ("Query", "Mutation", "Subscription")


def merge_subgraphs(view: SubgraphsView) -> MergedSchema:
    """Merge types, then what interfaces and implementations give each other, then directives.

    Differences that cannot be merged are the rules' business: here the first definition stands in for them.
    """
    types = {name: merge_type(view, name, sources) for name, sources in view.types.items()}
    for root in ROOTS[1:]:
        if root in types and not types[root].fields:
            del types[root]
    add_interface_object_fields(view, types)
    add_interface_authorization(view, types)
    schemas: list[tuple[Subgraph, Element]] = [
        (
            subgraph,
            Element("schema", "schema", subgraph.schema_directives, None, subgraph.types["Query"].node),
        )
        for subgraph in view.subgraphs
    ]
    return MergedSchema(
        view,
        types,
        merge_directive_definitions(view),
        merge_directives(view, schemas),
        view.composed.feature_names,
    )
