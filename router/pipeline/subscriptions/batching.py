"""Entity requests of many subscriptions, put into one.

Problem: an event means work for many subscriptions, and a burst of events means work for one many times;
each alone asks a subgraph for one entity. Steps: requests of the same text, for the same viewer, made in one
turn of the event loop become one request for the different representations among them; each gets its own
answers back, errors included. Bound: a request never asks for more than `representations_max` entities.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from msgspec.structs import replace

from router.executor.merge.deep_merge import copy_value
from router.executor.merge.representations import identify
from router.executor.transport.client import AwaitedOnly, SubgraphClient, SubgraphRequest, SubgraphResponse
from router.executor.transport.decode import decoded
from router.pipeline.subscriptions.viewer import OF_ONE_REQUEST

_Key = tuple[str, str | None, tuple[tuple[str, str], ...], str | None, bytes]


@dataclass(slots=True)
class _Asker:
    """One request in a batch: where its representations are, and who waits for the answer."""

    places: list[int]
    answer: asyncio.Future[SubgraphResponse]


@dataclass(slots=True)
class _Batch:
    """What will be one request."""

    request: SubgraphRequest
    variable: str
    key: str
    known: dict[bytes, int] = field(default_factory=dict)
    representations: list[Any] = field(default_factory=list)
    askers: list[_Asker] = field(default_factory=list)

    def add(self, representations: Sequence[Any], answer: asyncio.Future[SubgraphResponse]) -> None:
        places: list[int] = []
        for one in representations:
            place = self.known.setdefault(identify(one), len(self.representations))
            if place == len(self.representations):
                self.representations.append(one)
            places.append(place)
        self.askers.append(_Asker(places, answer))


class BatchingClient(AwaitedOnly):
    """A SubgraphClient around another; what is no plain request for entities passes through."""

    takes_body = False

    def __init__(self, service: str, inner: SubgraphClient, representations_max: int) -> None:
        self._service = service
        self._inner = inner
        self._max = representations_max
        self._open: dict[_Key, _Batch] = {}
        self._sending: set[asyncio.Task[None]] = set()

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Runs one operation, together with others of the same turn."""
        fetch = request.fetch
        if fetch is None or len(fetch.entities) != 1 or request.variables is None:
            return await self._inner.execute(request)
        entities = fetch.entities[0]
        variables = dict(request.variables)
        representations = variables.pop(entities.variable, ())
        if len(representations) >= self._max:
            return await self._inner.execute(request)
        rest = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
        shown = tuple(header for header in request.headers.items() if header[0] not in OF_ONE_REQUEST)
        caller = request.scope.caller.key if request.scope.caller is not None else None
        key = (request.query, request.operation_name, shown, caller, rest)
        batch = self._open.get(key)
        if batch is not None and len(batch.representations) + len(representations) > self._max:
            self._flush(key, batch)
            batch = None
        loop = asyncio.get_running_loop()
        if batch is None:
            batch = self._open[key] = _Batch(request, entities.variable, entities.key)
            loop.call_soon(self._flush, key, batch)
        answer: asyncio.Future[SubgraphResponse] = loop.create_future()
        batch.add(representations, answer)
        return await answer

    async def close(self) -> None:
        """Closes nothing: the client inside belongs to the router."""

    def _flush(self, key: _Key, batch: _Batch) -> None:
        if self._open.get(key) is not batch:
            return  # it was full before its turn came
        del self._open[key]
        task = asyncio.create_task(self._send(batch))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, batch: _Batch) -> None:
        variables = {**(batch.request.variables or {}), batch.variable: batch.representations}
        request = replace(batch.request, variables=variables, entities=len(batch.representations))
        try:
            response = decoded(self._service, await self._inner.execute(request))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is each asker's, and raised there
            for asker in batch.askers:
                if not asker.answer.done():
                    asker.answer.set_exception(error)
            return
        taken: set[int] = set()
        for asker in batch.askers:
            if not asker.answer.done():
                asker.answer.set_result(_share(response, batch.key, asker.places, taken))


def _share(response: SubgraphResponse, key: str, places: list[int], taken: set[int]) -> SubgraphResponse:
    """Returns the part of the response that one asker asked for; nothing in it is shared with another."""
    data = response.data
    rows = data.get(key) if data is not None else None
    if data is not None and isinstance(rows, list):
        own: list[Any] = []
        for place in places:
            row = rows[place] if place < len(rows) else None
            own.append(copy_value(row) if place in taken else row)
            taken.add(place)
        data = {**data, key: own}
    errors = tuple(moved for error in response.errors for moved in _move(error, key, places))
    return replace(response, data=data, errors=errors)


def _move(error: Mapping[str, Any], key: str, places: list[int]) -> list[Mapping[str, Any]]:
    path = error.get("path")
    if not isinstance(path, list) or len(path) < 2 or path[0] != key or not isinstance(path[1], int):
        return [error]
    return [
        {**error, "path": [key, index, *path[2:]]} for index, place in enumerate(places) if place == path[1]
    ]
