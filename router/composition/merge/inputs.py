"""Merging of arguments and input objects: by intersection, each as narrow as the narrowest."""

from __future__ import annotations

from collections.abc import Sequence

from graphql import print_ast

from router.composition.merge.descriptions import merge_descriptions
from router.composition.merge.directives import merge_directives
from router.composition.merge.model import JoinField, MergedInput
from router.composition.merge.references import merge_input_type
from router.composition.merge.view import InputSource, SubgraphsView, TypeSource
from router.composition.subgraph.model import Element, InputValue, Subgraph


def merge_input_fields(view: SubgraphsView, sources: Sequence[TypeSource]) -> dict[str, MergedInput]:
    """Merge the fields every definition of an input type has."""
    groups = [(source.subgraph, source.definition.input_fields) for source in sources]
    return {
        name: merge_input_value(view, values, with_joins=True)
        for name, values in shared_inputs(groups).items()
    }


def shared_inputs(
    groups: Sequence[tuple[Subgraph, dict[str, InputValue]]],
) -> dict[str, tuple[InputSource, ...]]:
    """The inputs that all groups define, in the order of the first."""
    if not groups:
        return {}
    return {
        name: tuple(InputSource(subgraph, values[name]) for subgraph, values in groups)
        for name in groups[0][1]
        if all(name in values for _, values in groups)
    }


def all_inputs(
    groups: Sequence[tuple[Subgraph, dict[str, InputValue]]],
) -> dict[str, tuple[InputSource, ...]]:
    """The inputs that any group defines."""
    found: dict[str, list[InputSource]] = {}
    for subgraph, values in groups:
        for value in values.values():
            found.setdefault(value.name, []).append(InputSource(subgraph, value))
    return {name: tuple(sources) for name, sources in found.items()}


def merge_input_value(
    view: SubgraphsView, sources: Sequence[InputSource], *, with_joins: bool = False
) -> MergedInput:
    """Merge the definitions of one argument or input field."""
    values = [source.value for source in sources]
    types = [value.type for value in values]
    # A default value that some subgraph does not know would be used there for nothing, so it is dropped;
    # default values that differ are reported by a rule of their own.
    default = values[0].default if all(value.default is not None for value in values) else None
    joins = ()
    if with_joins and len(set(types)) > 1:
        joins = tuple(JoinField(source.subgraph.graph, type=source.value.type) for source in sources)
    elements: list[tuple[Subgraph, Element]] = [(source.subgraph, source.value) for source in sources]
    return MergedInput(
        values[0].name,
        values[0].coordinate,
        merge_descriptions(value.description for value in values),
        merge_directives(view, elements),
        merge_input_type(view, types) or types[0],
        print_ast(default) if default is not None else None,
        joins,
    )
