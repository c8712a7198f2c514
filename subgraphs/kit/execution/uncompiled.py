"""Operations that graphql-core executes itself, because they use what is not compiled."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLSchema,
    OperationDefinitionNode,
    execute,
)
from graphql.type.directives import GraphQLDisableErrorPropagationDirective


def find_uncompilable(
    schema: GraphQLSchema, document: DocumentNode, definition: OperationDefinitionNode
) -> str | None:
    """Returns what about the operation is not compiled, or None."""
    if schema.get_directive("defer") or schema.get_directive("stream"):
        return "the schema has @defer or @stream"
    if any(
        directive.name.value == GraphQLDisableErrorPropagationDirective.name
        for directive in definition.directives or ()
    ):
        return f"@{GraphQLDisableErrorPropagationDirective.name}"
    fragments = [each for each in document.definitions if isinstance(each, FragmentDefinitionNode)]
    if any(fragment.variable_definitions for fragment in fragments):
        return "fragments with variables"
    return None


def execute_uncompiled(operation: Any, request: Any) -> ExecutionResult | Awaitable[ExecutionResult]:
    """Executes the operation by graphql-core."""
    name = operation.definition.name
    return execute(
        operation.schema,
        operation.document,
        request.root,
        request.context,
        dict(request.variables),
        name.value if name is not None else None,
        middleware=request.middleware,
        hide_suggestions=operation.hide_suggestions,
        **operation.binding.executor_options(request.extensions),
    )
