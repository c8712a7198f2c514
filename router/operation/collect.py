"""Gathers the fields of one position from selection sets with fragments, merging equal ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from graphql import (
    ArgumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    print_ast,
)
from graphql.language.ast import ValueNode

from router.errors import PlanningError
from router.operation.model import Field, Selections, Types

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})
# Ten times what the largest real documents expand to; a fragment bomb stops here.
MAX_NORMALIZED_FIELDS = 20_000


@dataclass
class _Gathered:
    """One merged field under construction: the selection sets its occurrences brought."""

    node: FieldNode
    types: Types
    arguments: str
    variables: tuple[str, ...]
    selection_sets: list[SelectionSetNode] = field(default_factory=list)


@dataclass
class Collector:
    """Turns selection sets into `Selections`.

    `possible_types` maps a composite type to its object types; `field_types` maps (type, field) to the
    named type of the field; `conditions` holds the values of the variables of @skip and @include.
    """

    possible_types: Mapping[str, frozenset[str]]
    field_types: Mapping[tuple[str, str], str]
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: Mapping[str, bool]
    fields_left: int = MAX_NORMALIZED_FIELDS

    def collect(self, selection_sets: Iterable[SelectionSetNode], type_name: str) -> Selections:
        """Returns the merged fields of one position whose static type is `type_name`."""
        everything = self.possible_types.get(type_name, frozenset())
        gathered: dict[tuple[Types, str, str, str], _Gathered] = {}
        for selection_set in selection_sets:
            self._gather(selection_set.selections, None, everything, gathered)
        return tuple(self._finish(key[1], found, type_name) for key, found in gathered.items())

    def _gather(
        self,
        selections: Iterable[SelectionNode],
        types: Types,
        everything: frozenset[str],
        gathered: dict[tuple[Types, str, str, str], _Gathered],
    ) -> None:
        for node in selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                self._gather_field(node, types, gathered)
                continue
            if isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                condition, inner = fragment.type_condition.name.value, fragment.selection_set
            else:
                assert isinstance(node, InlineFragmentNode), "a selection is a field or a fragment"
                condition = node.type_condition.name.value if node.type_condition else None
                inner = node.selection_set
            narrowed = self._narrow(types, condition, everything)
            if narrowed is None or narrowed:
                self._gather(inner.selections, narrowed, everything, gathered)

    def _narrow(self, types: Types, condition: str | None, everything: frozenset[str]) -> Types:
        if condition is None:
            return types
        current = everything if types is None else types
        narrowed = current & self.possible_types.get(condition, frozenset())
        return None if narrowed == everything else narrowed

    def _gather_field(
        self, node: FieldNode, types: Types, gathered: dict[tuple[Types, str, str, str], _Gathered]
    ) -> None:
        arguments, variables = print_arguments(node.arguments)
        key = node.alias.value if node.alias else node.name.value
        identity = (types, key, node.name.value, arguments)
        if node.selection_set is None and (None, *identity[1:]) in gathered:
            return  # the whole position has this leaf already
        found = gathered.get(identity)
        if found is None:
            self.fields_left -= 1
            if self.fields_left < 0:
                raise PlanningError(
                    f"The operation expands to more than {MAX_NORMALIZED_FIELDS} fields.",
                    "QUERY_PLAN_LIMIT_EXCEEDED",
                )
            found = gathered[identity] = _Gathered(node, types, arguments, variables)
        if node.selection_set is not None:
            found.selection_sets.append(node.selection_set)

    def _finish(self, key: str, found: _Gathered, type_name: str) -> Field:
        name = found.node.name.value
        selections: Selections | None = None
        # Introspection is answered whole, by the API schema; its selections are no business of a plan.
        if found.node.selection_set is not None and name not in INTROSPECTION_FIELDS:
            selections = self.collect(found.selection_sets, self._field_type(type_name, found.types, name))
        return Field(name, key, found.arguments, found.variables, selections, found.types)

    def _field_type(self, type_name: str, types: Types, name: str) -> str:
        named = self.field_types.get((type_name, name)) if types is None else None
        if named is not None:
            return named
        owners = sorted(types or self.possible_types.get(type_name, ()))
        found = {self.field_types[(owner, name)] for owner in owners if (owner, name) in self.field_types}
        if not found:
            raise PlanningError(f"{type_name} has no field {name}.")
        return min(found, key=lambda candidate: (-len(self.possible_types.get(candidate, ())), candidate))

    def _is_included(self, node: SelectionNode) -> bool:
        for directive in node.directives or ():
            if directive.name.value in ("skip", "include"):
                value = next(argument.value for argument in directive.arguments or ())
                if isinstance(value, VariableNode):
                    holds = self.conditions.get(value.name.value, False)
                else:
                    holds = bool(getattr(value, "value", False))
                if holds != (directive.name.value == "include"):
                    return False
        return True


def print_arguments(nodes: Iterable[ArgumentNode] | None) -> tuple[str, tuple[str, ...]]:
    """Returns the printed argument list and the names of the variables in it, sorted."""
    arguments = tuple(nodes or ())
    if not arguments:
        return "", ()
    used: set[str] = set()
    for argument in arguments:
        _note_variables(argument.value, used)
    printed = ", ".join(f"{a.name.value}: {print_ast(a.value)}" for a in arguments)
    return f"({printed})", tuple(sorted(used))


def _note_variables(value: ValueNode, used: set[str]) -> None:
    if isinstance(value, VariableNode):
        used.add(value.name.value)
    elif isinstance(value, ListValueNode):
        for item in value.values:
            _note_variables(item, used)
    elif isinstance(value, ObjectValueNode):
        for entry in value.fields:
            _note_variables(entry.value, used)
