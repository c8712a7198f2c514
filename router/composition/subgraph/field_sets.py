"""Reads what each `@key`, `@requires` and `@provides` of a subgraph selects there."""

from __future__ import annotations

from collections.abc import Iterator

from graphql import FieldNode, InlineFragmentNode, SelectionSetNode

from router.composition.subgraph.model import (
    Applied,
    Field,
    FieldSetUse,
    Kind,
    SelectedField,
    Subgraph,
    TypeDefinition,
)
from router.composition.subgraph.type_ref import named_type
from router.federation.field_set import FieldSetError, parse_field_set

_COMPOSITE = (Kind.OBJECT, Kind.INTERFACE, Kind.UNION)


def read_field_sets(subgraph: Subgraph) -> tuple[FieldSetUse, ...]:
    """Resolve every field set of the subgraph, in document order."""
    return tuple(_uses(subgraph))


def _uses(subgraph: Subgraph) -> Iterator[FieldSetUse]:
    for definition in subgraph.types.values():
        for applied in definition.all("key"):
            yield _read(subgraph, "key", definition, definition, applied)
        for field in definition.fields.values():
            for directive in ("requires", "provides"):
                for applied in field.all(directive):
                    yield _read(subgraph, directive, field, definition, applied)


def _read(
    subgraph: Subgraph,
    directive: str,
    owner: TypeDefinition | Field,
    holder: TypeDefinition,
    applied: Applied,
) -> FieldSetUse:
    text = applied.text("fields")
    reader = _Reader(subgraph)
    selection = None
    if text is not None:
        target = (
            named_type(owner.type) if directive == "provides" and isinstance(owner, Field) else holder.name
        )
        try:
            selection = parse_field_set(text)
            reader.read(target, selection, None)
        except FieldSetError as failure:
            reader.problems.append(failure.message)
    return FieldSetUse(
        directive,
        owner,
        holder,
        applied,
        text,
        selection,
        tuple(reader.fields),
        tuple(reader.problems),
        reader.has_directives,
    )


class _Reader:
    """Walks one selection over the subgraph's types."""

    def __init__(self, subgraph: Subgraph) -> None:
        self.subgraph = subgraph
        self.fields: list[SelectedField] = []
        self.problems: list[str] = []
        self.has_directives = False

    def read(self, type_name: str, selection_set: SelectionSetNode, above: SelectedField | None) -> None:
        if not selection_set.selections:
            self.problems.append(f'the selection of "{type_name}" is empty')
        for selection in selection_set.selections:
            self.has_directives |= bool(selection.directives)
            if isinstance(selection, FieldNode):
                self._read_field(type_name, selection, above)
            elif isinstance(selection, InlineFragmentNode):
                self._read_fragment(type_name, selection, above)

    def _read_fragment(self, type_name: str, node: InlineFragmentNode, above: SelectedField | None) -> None:
        condition = node.type_condition.name.value if node.type_condition else type_name
        if condition not in self.subgraph.types:
            self.problems.append(f'this subgraph has no type "{condition}"')
        elif not _overlap(self.subgraph, type_name, condition):
            self.problems.append(f'a "{type_name}" can never be a "{condition}"')
        else:
            self.read(condition, node.selection_set, above)

    def _read_field(self, type_name: str, node: FieldNode, above: SelectedField | None) -> None:
        name = node.name.value
        if name == "__typename":
            return
        definition = self.subgraph.types.get(type_name)
        field = definition.fields.get(name) if definition else None
        if field is None:
            self.problems.append(f'"{type_name}" has no field "{name}" in this subgraph')
            return
        if node.alias is not None:
            self.problems.append(f'the field "{name}" has an alias, which federation does not support')
        base = self.subgraph.types.get(named_type(field.type))
        composite = base is not None and base.kind in _COMPOSITE
        selected = SelectedField(type_name, field, node, not composite, above)
        self.fields.append(selected)
        self._check_arguments(field, node)
        if composite != (node.selection_set is not None):
            wish = "needs a selection of its own fields" if composite else "is a leaf and takes no selection"
            self.problems.append(f'the field "{field.coordinate}" {wish}')
        elif node.selection_set is not None:
            self.read(named_type(field.type), node.selection_set, selected)

    def _check_arguments(self, field: Field, node: FieldNode) -> None:
        given = {argument.name.value for argument in node.arguments or ()}
        for name in sorted(given - set(field.arguments)):
            self.problems.append(f'"{field.coordinate}" has no argument "{name}"')
        # @key and @provides refuse arguments altogether, with a code of their own.
        for argument in field.arguments.values():
            if given and argument.is_mandatory and argument.name not in given:
                self.problems.append(f'"{field.coordinate}" needs its argument "{argument.name}"')


def _overlap(subgraph: Subgraph, one: str, other: str) -> bool:
    if one == other:
        return True
    kinds = {subgraph.types[name].kind for name in (one, other) if name in subgraph.types}
    if kinds == {Kind.OBJECT}:
        return False
    return bool(set(subgraph.possible_types(one)) & set(subgraph.possible_types(other))) or (
        # An entity interface may have its implementations elsewhere.
        any(subgraph.types[name].is_interface_object for name in (one, other) if name in subgraph.types)
    )
