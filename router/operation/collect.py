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
from router.operation.deferred import DeferredGroups, narrowed_path
from router.operation.model import INITIAL, Field, GroupPath, Selections, Types

INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})
# Ten times what the largest real documents expand to; a fragment bomb stops here.
MAX_NORMALIZED_FIELDS = 20_000


@dataclass
class _Gathered:
    """One merged field under construction: the selection sets its occurrences brought, with their groups."""

    node: FieldNode
    types: Types
    arguments: str
    variables: tuple[str, ...]
    asked_by: set[int] = field(default_factory=set)
    selection_sets: list[_Source] = field(default_factory=list)


_Source = tuple[SelectionSetNode, int]
_Identity = tuple[Types, str, str, str]


@dataclass
class _Position:
    """One object of the response while its fields are gathered."""

    type_name: str
    everything: frozenset[str]
    path: GroupPath
    gathered: dict[_Identity, _Gathered] = field(default_factory=dict)
    opened: set[int] = field(default_factory=set)


@dataclass
class Collector:
    """Turns selection sets into `Selections`.

    `possible_types` maps a composite type to its object types; `field_types` maps (type, field) to the
    named type of the field; `conditions` holds the values of the variables of @skip, @include and @defer.
    """

    possible_types: Mapping[str, frozenset[str]]
    field_types: Mapping[tuple[str, str], str]
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: Mapping[str, bool]
    fields_left: int = MAX_NORMALIZED_FIELDS
    groups: DeferredGroups = field(default_factory=lambda: DeferredGroups({}))

    def collect(self, selection_sets: Iterable[SelectionSetNode], type_name: str) -> Selections:
        """Returns the merged fields of one position whose static type is `type_name`."""
        return self._collect([(one, INITIAL) for one in selection_sets], type_name, ())

    def _collect(self, sources: Iterable[_Source], type_name: str, path: GroupPath) -> Selections:
        position = _Position(type_name, self.possible_types.get(type_name, frozenset()), path)
        for selection_set, group in sources:
            self._gather(selection_set.selections, None, group, position)
        selections = tuple(self._finish(key, position) for key in position.gathered)
        self.groups.note_position(selections, position.opened)
        return selections

    def _gather(
        self, selections: Iterable[SelectionNode], types: Types, group: int, position: _Position
    ) -> None:
        for node in selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                self._gather_field(node, types, group, position)
                continue
            if isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                condition, inner = fragment.type_condition.name.value, fragment.selection_set
            else:
                assert isinstance(node, InlineFragmentNode), "a selection is a field or a fragment"
                condition = node.type_condition.name.value if node.type_condition else None
                inner = node.selection_set
            narrowed = self._narrow(types, condition, position.everything)
            if narrowed is None or narrowed:
                path = narrowed_path(position.path, narrowed)
                own = self.groups.group_of(node, group, path, position.type_name)
                if own != group:
                    position.opened.add(own)
                self._gather(inner.selections, narrowed, own, position)

    def _narrow(self, types: Types, condition: str | None, everything: frozenset[str]) -> Types:
        if condition is None:
            return types
        current = everything if types is None else types
        narrowed = current & self.possible_types.get(condition, frozenset())
        return None if narrowed == everything else narrowed

    def _gather_field(self, node: FieldNode, types: Types, group: int, position: _Position) -> None:
        arguments, variables = print_arguments(node.arguments)
        key = node.alias.value if node.alias else node.name.value
        identity = (types, key, node.name.value, arguments)
        if node.selection_set is None:
            everywhere = position.gathered.get((None, *identity[1:]))
            if everywhere is not None and group in everywhere.asked_by:
                return  # the whole position has this leaf already
        found = position.gathered.get(identity)
        if found is None:
            self.fields_left -= 1
            if self.fields_left < 0:
                raise PlanningError(
                    f"The operation expands to more than {MAX_NORMALIZED_FIELDS} fields.",
                    "QUERY_PLAN_LIMIT_EXCEEDED",
                )
            found = position.gathered[identity] = _Gathered(node, types, arguments, variables)
        found.asked_by.add(group)
        if node.selection_set is not None:
            found.selection_sets.append((node.selection_set, group))

    def _finish(self, identity: _Identity, position: _Position) -> Field:
        found, key, name = position.gathered[identity], identity[1], identity[2]
        selections: Selections | None = None
        # Introspection is answered whole, by the API schema; its selections are no business of a plan.
        if found.node.selection_set is not None and name not in INTROSPECTION_FIELDS:
            below = self._field_type(position.type_name, found.types, name)
            path = (*narrowed_path(position.path, found.types), (key, None))
            selections = self._collect(found.selection_sets, below, path)
        # What is asked of every type too is delivered where it is delivered for every type.
        everywhere = position.gathered.get((None, *identity[1:]), found)
        deferred = self.groups.deliverers(found.asked_by | everywhere.asked_by)
        asked_by = frozenset(found.asked_by)
        return Field(name, key, found.arguments, found.variables, selections, found.types, asked_by, deferred)

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
