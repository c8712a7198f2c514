"""One fetch: build the request, send it, merge the answer."""

from __future__ import annotations

import asyncio
from typing import Any

from router.errors import SubgraphError
from router.executor.merge.around import represent_around
from router.executor.merge.deep_merge import copy_value, deep_merge, rename_keys
from router.executor.merge.errors import failure_errors, rewrite_errors
from router.executor.merge.objects import objects_at
from router.executor.merge.representations import Batch, represent
from router.executor.run.context import FetchContext, PlanState
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.plan import Fetch


async def run_fetch(fetch: Fetch, context: FetchContext, state: PlanState) -> None:
    """Sends one fetch and merges its answer into `state`; failures become errors there."""
    if any(entities.context for entities in fetch.entities):
        await _run_around(fetch, context, state)
        return
    batches = [represent(state.data, entities) for entities in fetch.entities]
    if fetch.apart is not None and not all(batch.is_complete for batch in batches):
        await run_fetch(fetch.apart, context, state)
        return
    if fetch.path and not objects_at(state.data, fetch.path):
        return
    await _send(fetch, batches, context, state)


async def _run_around(fetch: Fetch, context: FetchContext, state: PlanState) -> None:
    """Sends a fetch once for each set of values that its objects take from around them."""
    assert len(fetch.entities) == 1, "a step that takes values from around is merged with no other"
    async with asyncio.TaskGroup() as group:
        for batch in represent_around(state.data, fetch.entities[0]):
            group.create_task(_send(fetch, [batch], context, state))


async def _send(fetch: Fetch, batches: list[Batch], context: FetchContext, state: PlanState) -> None:
    if batches and not any(batch.representations for batch in batches):
        return
    try:
        response = await _ask(fetch, batches, context)
    except SubgraphError as error:
        found = failure_errors(state.data, fetch, error.message, error.code, error.http_status)
        state.errors += found if context.mask is None else map(context.mask.failed, found)
        return
    if response.errors:
        found = rewrite_errors(state.data, fetch, batches, response.errors)
        mask, request_id = context.mask, context.scope.request_id
        state.errors += found if mask is None else [mask.reported(one, request_id) for one in found]
    _merge(fetch, batches, response, state)


async def _ask(fetch: Fetch, batches: list[Batch], context: FetchContext) -> SubgraphResponse:
    """Returns the answer of the subgraph, or the one it gave earlier; raises SubgraphError."""
    earlier = context.earlier.get(fetch.id)
    known = earlier.answer_to(fetch, batches) if earlier is not None else None
    if known is not None:
        return known
    request = SubgraphRequest(
        fetch.document,
        _variables(fetch, batches, context),
        fetch.operation_name,
        context.headers,
        fetch.kind == "mutation",
        fetch=fetch,
        scope=context.scope,
        entities=sum(len(batch.representations) for batch in batches),
    )
    return await context.clients[fetch.service].execute(request)


def _variables(fetch: Fetch, batches: list[Batch], context: FetchContext) -> dict[str, Any] | None:
    variables: dict[str, Any] = {batch.entities.variable: batch.representations for batch in batches}
    for batch in batches:
        variables.update(batch.values)
    for name in fetch.variables:
        if name in context.variables:
            variables[name] = context.variables[name]
    return variables or None


def _merge(fetch: Fetch, batches: list[Batch], response: SubgraphResponse, state: PlanState) -> None:
    if response.data is None:
        return
    data = dict(response.data)
    if fetch.renames:
        data = rename_keys(data, dict(fetch.renames))
    if not fetch.entities:
        _merge_into(objects_at(state.data, fetch.path), data)
        return
    for batch in batches:
        found = data.get(batch.entities.key)
        if not isinstance(found, list):
            continue
        for entity, targets in zip(found, batch.targets, strict=False):
            if isinstance(entity, dict):
                _merge_into(targets, entity)


def _merge_into(targets: list[dict[str, Any]], source: dict[str, Any]) -> None:
    for index, target in enumerate(targets):
        deep_merge(target, source if index == 0 and len(targets) == 1 else copy_value(source))
