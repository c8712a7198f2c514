"""Runs the introspection fields of an operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphql import (
    REMOVE,
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    Visitor,
    VisitorAction,
    execute_sync,
    visit,
)


def introspect(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> dict[str, Any]:
    """Returns the answers of `__schema` and `__type` by response key; the document passed validation."""
    fragments = {n.name.value: n for n in document.definitions if isinstance(n, FragmentDefinitionNode)}
    kept = tuple(_introspection_fields(operation.selection_set, fragments))
    if not kept:
        return {}
    definitions = (
        replace(
            operation,
            operation=OperationType.QUERY,
            selection_set=SelectionSetNode(selections=kept),
            directives=(),
        ),
        *fragments.values(),
    )
    at_once = visit(DocumentNode(definitions=definitions), _WithoutDefer())
    result = execute_sync(schema, at_once, variable_values=dict(variables))
    assert isinstance(result, ExecutionResult), "introspection is neither deferred nor streamed"
    return dict(result.data or {})


class _WithoutDefer(Visitor):
    """Takes @defer away: the schema is at hand, and whoever delivers in parts decides what goes where."""

    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction:
        return REMOVE if node.name.value == "defer" else None


def _introspection_fields(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> list[SelectionNode]:
    """Returns the selections with only introspection fields left, fragments written out."""
    kept: list[SelectionNode] = []
    for node in selection_set.selections:
        if isinstance(node, FieldNode):
            if node.name.value in ("__schema", "__type"):
                kept.append(node)
        elif isinstance(node, FragmentSpreadNode):
            inner = _introspection_fields(fragments[node.name.value].selection_set, fragments)
            if inner:
                selections = SelectionSetNode(selections=tuple(inner))
                kept.append(InlineFragmentNode(selection_set=selections, directives=node.directives))
        elif isinstance(node, InlineFragmentNode):
            inner = _introspection_fields(node.selection_set, fragments)
            if inner:
                kept.append(replace(node, selection_set=SelectionSetNode(selections=tuple(inner))))
    return kept
