"""`@context` and `@fromContext`: who sets which context, and what an argument selects from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from router.composition.subgraph.model import Applied, Field, InputValue, Kind, Subgraph, TypeDefinition
from router.composition.subgraph.type_ref import named_type
from router.federation.field_set import FieldSetError, parse_field_set

_VALUE = re.compile(r"\s*\$\s*(?P<name>[A-Za-z_]\w*)?\s*(?P<selection>.*)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True, eq=False)
class ContextUse:
    """One argument that takes its value from a context."""

    holder: TypeDefinition
    field: Field
    argument: InputValue
    applied: Applied
    context: str | None
    selection_text: str

    @property
    def selection(self) -> SelectionSetNode | None:
        """The parsed selection, or None when it is no selection."""
        try:
            return parse_field_set(self.selection_text)
        except FieldSetError:
            return None


def context_uses(subgraph: Subgraph) -> Iterator[ContextUse]:
    """Every `@fromContext` of the subgraph."""
    for definition, field in subgraph.fields():
        for argument in field.arguments.values():
            applied = argument.first("fromContext")
            if applied is not None:
                match = _VALUE.match(applied.text("field") or "")
                name = match.group("name") if match else None
                selection = match.group("selection") if match else ""
                yield ContextUse(definition, field, argument, applied, name, selection.strip())


def context_setters(subgraph: Subgraph, context: str) -> tuple[TypeDefinition, ...]:
    """The types that set a context."""
    return tuple(
        definition
        for definition in subgraph.types.values()
        if any(applied.text("name") == context for applied in definition.all("context"))
    )


def selected_types(
    subgraph: Subgraph, setter: TypeDefinition, selection_set: SelectionSetNode
) -> dict[str, str | None]:
    """For each object type that can set the context, the type of the one field selected there (None: no
    such field).
    """
    found: dict[str, str | None] = {}
    for name in subgraph.possible_types(setter.name):
        chosen = list(_leaves(subgraph, name, selection_set))
        found[name] = chosen[0].type if len(chosen) == 1 else None
    return found


def context_fields(subgraph: Subgraph) -> Iterator[str]:
    """The coordinates of the fields contexts select."""
    for use in context_uses(subgraph):
        yield from context_coordinates(subgraph, use)


def context_coordinates(subgraph: Subgraph, use: ContextUse) -> Iterator[str]:
    """The coordinates of the fields one context value is read from."""
    selection = use.selection
    if use.context is None or selection is None:
        return
    for setter in context_setters(subgraph, use.context):
        for name in subgraph.possible_types(setter.name):
            for field in _selected(subgraph, name, selection):
                yield field.coordinate


def _leaves(subgraph: Subgraph, type_name: str, selection_set: SelectionSetNode) -> Iterator[Field]:
    for field in _selected(subgraph, type_name, selection_set):
        base = subgraph.types.get(named_type(field.type))
        if base is None or base.kind in (Kind.SCALAR, Kind.ENUM):
            yield field


def _selected(subgraph: Subgraph, type_name: str, selection_set: SelectionSetNode) -> Iterator[Field]:
    definition = subgraph.types.get(type_name)
    for selection in selection_set.selections:
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else type_name
            if type_name in (condition, *subgraph.possible_types(condition)):
                yield from _selected(subgraph, type_name, selection.selection_set)
        elif isinstance(selection, FieldNode) and definition is not None:
            field = definition.fields.get(selection.name.value)
            if field is not None:
                yield field
                if selection.selection_set is not None:
                    yield from _selected(subgraph, named_type(field.type), selection.selection_set)


def selected_argument_type(subgraph: Subgraph, use: ContextUse, setters: tuple[TypeDefinition, ...]) -> str:
    """The type of the value the context gives; the argument's own type when it cannot be told."""
    selection = use.selection
    if selection is None:
        return use.argument.type
    for setter in setters:
        for found in selected_types(subgraph, setter, selection).values():
            if found is not None:
                return found
    return use.argument.type
