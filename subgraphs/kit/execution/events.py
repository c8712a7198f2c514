"""Subscriptions: the source's events, and the compiled operation run for each."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLError,
    default_field_resolver,
    get_argument_values,
    located_error,
)
from graphql.pyutils import inspect, is_async_iterable, is_awaitable

from subgraphs.kit.execution.run import Request, Run


async def open_stream(operation: Any, request: Request) -> AsyncIterator[ExecutionResult] | ExecutionResult:
    """Returns the results of the events to come, or the errors that keep the stream from opening."""
    values = operation.coerce_variables(request)
    if isinstance(values, list):
        return ExecutionResult(None, values)
    run = Run(operation, request, values)
    try:
        source = await _open_source(operation, run)
    except GraphQLError as error:
        return ExecutionResult(None, [error])
    return _results(operation, request, values, source)


async def _open_source(operation: Any, run: Run) -> Any:
    root_type = operation.root_type
    if root_type is None:
        raise GraphQLError(
            "Schema is not configured to execute subscription operation.", operation.definition
        )
    plan = operation.root_selection(run).plan_of(root_type, run)
    if not plan.fields:
        nodes = next(iter(plan.collected.values()))
        name = nodes[0].name.value
        raise GraphQLError(f"The subscription field '{name}' is not defined.", nodes)
    field = plan.fields[0]
    definition = operation.schema.get_field(root_type, field.name)
    path = (None, field.key, root_type.name)
    try:
        arguments = get_argument_values(
            definition, field.nodes[0], run.variable_values, None, operation.hide_suggestions
        )
        subscribe = definition.subscribe or default_field_resolver
        source = subscribe(run.root, field.info(run, path), **arguments)
        if is_awaitable(source):
            source = await source
        return _stream_in(source)
    except Exception as error:
        raise located_error(error, field.nodes, [field.key]) from error


def _stream_in(source: Any) -> Any:
    if isinstance(source, Exception):
        raise source
    if not is_async_iterable(source):
        raise GraphQLError(f"Subscription field must return AsyncIterable. Received: {inspect(source)}.")
    return source


async def _results(
    operation: Any, request: Request, values: Any, source: Any
) -> AsyncIterator[ExecutionResult]:
    events = source.__aiter__()
    try:
        async for event in events:
            result = operation.run_root(Run(operation, dataclasses.replace(request, root=event), values))
            yield await result if is_awaitable(result) else result
    finally:
        close = getattr(events, "aclose", None)
        if close is not None:
            await close()
