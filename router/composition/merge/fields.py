"""Merging of object and interface fields, with the join facts that say who resolves what."""

from __future__ import annotations

from collections.abc import Sequence

from router.composition.merge.descriptions import merge_descriptions
from router.composition.merge.directives import merge_directives
from router.composition.merge.inputs import merge_input_value, shared_inputs
from router.composition.merge.model import ContextArgument, JoinField, MergedField, MergedInput
from router.composition.merge.references import merge_output_type
from router.composition.merge.view import FieldSource, SubgraphsView, TypeSource
from router.composition.subgraph.contexts import context_setters, selected_argument_type
from router.composition.subgraph.contexts import context_uses as uses_of
from router.composition.subgraph.model import Element, Field, InputValue, Subgraph


def merge_fields(view: SubgraphsView, sources: Sequence[TypeSource]) -> dict[str, MergedField]:
    """Merge the fields of all definitions of one type, in the order they are first seen."""
    names = dict.fromkeys(name for source in sources for name in source.definition.fields)
    merged = {}
    for name in names:
        field_sources = tuple(
            FieldSource(source.subgraph, source.definition.fields[name])
            for source in sources
            if name in source.definition.fields
        )
        merged[name] = _merge_field(view, field_sources, sources)
    return merged


def _merge_field(
    view: SubgraphsView, sources: tuple[FieldSource, ...], parents: Sequence[TypeSource]
) -> MergedField:
    resolving = [source for source in sources if not source.is_external] or list(sources)
    types = [source.field.type for source in resolving]
    elements: list[tuple[Subgraph, Element]] = [(source.subgraph, source.field) for source in resolving]
    first = sources[0].field
    return MergedField(
        first.name,
        first.coordinate,
        merge_descriptions(source.field.description for source in resolving),
        merge_directives(view, elements),
        merge_output_type(view, types) or types[0],
        merge_arguments(view, resolving),
        _joins(view, sources, parents),
        sources,
    )


def merge_arguments(view: SubgraphsView, sources: Sequence[FieldSource]) -> dict[str, MergedInput]:
    """Merge the arguments all definitions share; an argument filled from a context is no argument of the
    supergraph.
    """
    if not any(source.field.arguments for source in sources):
        return {}
    groups = [(source.subgraph, source.field.arguments) for source in sources]
    contextual = {
        argument.name
        for source in sources
        for argument in source.field.arguments.values()
        if is_contextual(argument)
    }
    return {
        name: merge_input_value(view, values)
        for name, values in shared_inputs(groups).items()
        if name not in contextual
    }


def is_contextual(argument: InputValue) -> bool:
    """Whether the router fills the argument from a context."""
    return argument.has("fromContext")


def _joins(
    view: SubgraphsView, sources: Sequence[FieldSource], parents: Sequence[TypeSource]
) -> tuple[JoinField, ...]:
    same_type = len({source.field.type for source in sources}) == 1
    kept = [s for s in sources if not view.overrides.is_unused_leftover(s.subgraph, s.field.coordinate)]
    joins = tuple(_join(view, source, same_type) for source in kept)
    plain = all(join == JoinField(join.graph, override=join.override) for join in joins)
    # The short form means "every subgraph that has the type resolves the field, and nothing more".
    return () if plain and len(kept) == len(parents) else joins


def _join(view: SubgraphsView, source: FieldSource, same_type: bool) -> JoinField:
    field, subgraph = source.field, source.subgraph
    place = (subgraph.name, field.coordinate)
    requires, provides, override = (field.first(name) for name in ("requires", "provides", "override"))
    return JoinField(
        graph=subgraph.graph,
        requires=requires.text("fields") if requires else None,
        provides=provides.text("fields") if provides else None,
        type=None if same_type else field.type,
        external=source.is_external,
        override=override.text("from") if override else None,
        used_overridden=place in view.overrides.used,
        override_label=view.overrides.labels.get(place),
        context_arguments=_context_arguments(subgraph, field),
    )


def _context_arguments(subgraph: Subgraph, field: Field) -> tuple[ContextArgument, ...]:
    if not any(is_contextual(argument) for argument in field.arguments.values()):
        return ()
    return tuple(
        ContextArgument(
            use.argument.name,
            selected_argument_type(subgraph, use, context_setters(subgraph, use.context)),
            f"{subgraph.name}__{use.context}",
            use.selection_text,
        )
        for use in uses_of(subgraph)
        if use.field is field and use.context is not None
    )
