"""Which fields a selection asks of an object type, and which variables that hangs on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
    get_directive_values,
    is_abstract_type,
    type_from_ast,
)

CONDITIONS = frozenset({GraphQLSkipDirective.name, GraphQLIncludeDirective.name})

Fragments = Mapping[str, FragmentDefinitionNode]
Collected = dict[str, list[FieldNode]]


class FieldCollector:
    """Collects the fields of one object type over selection sets, in the order of the response."""

    def __init__(self, schema: GraphQLSchema, fragments: Fragments, variables: Any, hide: bool) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._hide_suggestions = hide

    def collect(self, object_type: GraphQLObjectType, sets: Iterable[SelectionSetNode]) -> Collected:
        """Returns the field nodes by response key; raises a GraphQLError when a condition has no value."""
        collected: Collected = {}
        visited: set[str] = set()
        for selection_set in sets:
            self._visit(object_type, selection_set, collected, visited)
        return collected

    def _visit(
        self,
        object_type: GraphQLObjectType,
        selection_set: SelectionSetNode,
        collected: Collected,
        visited: set[str],
    ) -> None:
        for selection in selection_set.selections:
            if selection.directives and not self._is_included(selection):
                continue
            if isinstance(selection, FieldNode):
                key = selection.alias.value if selection.alias else selection.name.value
                collected.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                if self._applies(selection, object_type):
                    self._visit(object_type, selection.selection_set, collected, visited)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                fragment = self._fragments.get(name)
                if fragment is None or name in visited or not self._applies(fragment, object_type):
                    continue
                visited.add(name)
                self._visit(object_type, fragment.selection_set, collected, visited)

    def _is_included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(
            GraphQLSkipDirective, node, self._variables, hide_suggestions=self._hide_suggestions
        )
        if skip and skip["if"]:
            return False
        include = get_directive_values(
            GraphQLIncludeDirective, node, self._variables, hide_suggestions=self._hide_suggestions
        )
        return not (include and not include["if"])

    def _applies(
        self, fragment: FragmentDefinitionNode | InlineFragmentNode, object_type: GraphQLObjectType
    ) -> bool:
        if not fragment.type_condition:
            return True
        condition = type_from_ast(self._schema, fragment.type_condition)
        if condition is object_type:
            return True
        return is_abstract_type(condition) and self._schema.is_sub_type(condition, object_type)


def find_conditions(sets: Iterable[SelectionSetNode], fragments: Fragments) -> tuple[str, ...]:
    """Returns the variables on which it hangs what the selection sets ask for at their own level."""
    names: dict[str, None] = {}
    visited: set[str] = set()
    open_sets = list(sets)
    while open_sets:
        for selection in open_sets.pop().selections:
            for directive in selection.directives or ():
                if directive.name.value in CONDITIONS:
                    for argument in directive.arguments or ():
                        if isinstance(argument.value, VariableNode):
                            names[argument.value.name.value] = None
            if isinstance(selection, InlineFragmentNode):
                open_sets.append(selection.selection_set)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in visited:
                visited.add(selection.name.value)
                fragment = fragments.get(selection.name.value)
                if fragment is not None:
                    open_sets.append(fragment.selection_set)
    return tuple(names)
