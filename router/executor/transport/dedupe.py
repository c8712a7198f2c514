"""Lets equal queries to a subgraph that are under way at the same time share one exchange.

The first of them leads: it makes the exchange in its own task, and when nobody follows, sharing has cost it a
key and two dictionary operations. Others that come meanwhile follow: they wait for the leader's outcome,
failures included. A leader that gives up, because its client vanished or its time is over, passes the lead to
the first who still waits; that one asks anew. So no follower is hurt by another's end, and when the last one
ends, the exchange does.

What is shared is the undecoded body: each decodes for itself, because whoever gets the data may change it.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Coroutine
from typing import Any

from msgspec.structs import replace

from router.config import TransportConfig
from router.errors import SubgraphError, SubgraphFault
from router.executor.transport.client import (
    AwaitedOnly,
    RequestScope,
    SubgraphClient,
    SubgraphRequest,
    SubgraphResponse,
)
from router.executor.transport.decode import decoded
from router.executor.transport.encode import encode_body
from router.executor.transport.events import TransportEvents
from router.executor.transport.failures import DeadlineFault
from router.executor.transport.header_lines import header_lines, line_names

Key = tuple[object, ...]
Outcome = SubgraphResponse | SubgraphError | None
"""What a follower gets; None is the lead."""
Followers = list[asyncio.Future[Outcome]]


class DeduplicatingClient(AwaitedOnly):
    """A SubgraphClient that asks once what is asked several times at once; mutations pass through it."""

    takes_body = True

    def __init__(
        self, name: str, inner: SubgraphClient, config: TransportConfig, events: TransportEvents
    ) -> None:
        self._name = name
        self._inner = inner
        self._events = events
        self._waiters_max = config.deduplication.waiters_max
        self._margin_s = config.deadline_margin_ms / 1000
        ignored = [header.lower() for header in config.deduplication.ignored_headers]
        self._names = line_names(config.propagate_headers, without=ignored)
        self._under_way: dict[Key, Followers] = {}
        # Whoever asks after a mutation must not be answered by what was begun before it.
        self._writes = 0

    @property
    def under_way(self) -> int:
        """How many exchanges could be shared now."""
        return len(self._under_way)

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Runs one operation, or takes part in an equal one."""
        if request.is_mutation:
            try:
                return await self._inner.execute(request)
            finally:
                self._writes += 1
        asked = request
        if request.body is None or not request.wants_body:
            asked = replace(request, body=encode_body(request), wants_body=True)
        key = self.key_of(asked)
        followers = self._under_way.get(key)
        if followers is None:
            self._under_way[key] = []
            response = await self.lead(key, self._inner.execute(asked))
        elif len(followers) < self._waiters_max:
            self._events.shared(self._name)
            response = await self._follow(key, followers, asked)
        else:
            response = await self._inner.execute(asked)
        return response if request.wants_body else decoded(self._name, response)

    async def close(self) -> None:
        """Closes the client below; whoever shares an exchange shares its end."""
        await self._inner.close()

    def key_of(self, request: SubgraphRequest) -> Key:
        """Returns what tells a query that comes with its body from others."""
        lines = header_lines(request, self._names)
        return (request.body, lines, request.scope.viewer, request.since, self._writes)

    def take_lead(self, key: Key) -> bool:
        """Lets others take part in an exchange until `settle`, `pass_lead_on` or `lead` ends it.

        Returns False when there is one under way already.
        """
        if key in self._under_way:
            return False
        self._under_way[key] = []
        return True

    async def lead(self, key: Key, exchange: Coroutine[Any, Any, SubgraphResponse]) -> SubgraphResponse:
        """Returns the outcome of an exchange and gives it to all who take part."""
        try:
            response = await exchange
        except SubgraphError as error:
            if error.fault is SubgraphFault.DEADLINE:
                self.pass_lead_on(key)
            else:
                self.settle(key, error)
            raise
        except BaseException:
            self.pass_lead_on(key)
            raise
        self.settle(key, response)
        return response

    async def _follow(self, key: Key, followers: Followers, request: SubgraphRequest) -> SubgraphResponse:
        waiter: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        followers.append(waiter)
        try:
            outcome = await self._wait(waiter, request.scope)
        except BaseException:
            if waiter.done() and not waiter.cancelled() and waiter.result() is None:
                self.pass_lead_on(key)  # it had just been given to this one
            elif waiter in followers:
                followers.remove(waiter)
            raise
        if outcome is None:
            return await self.lead(key, self._inner.execute(request))
        if isinstance(outcome, SubgraphError):
            # An exception that is raised in several tasks would carry the traces of all of them.
            raise _again(outcome) from outcome
        return _copy(outcome)

    async def _wait(self, waiter: asyncio.Future[Outcome], scope: RequestScope) -> Outcome:
        if scope.deadline_at is None:
            return await waiter
        try:
            async with asyncio.timeout_at(scope.deadline_at - self._margin_s):
                return await waiter
        except TimeoutError as error:
            fault = DeadlineFault("the exchange it took part in outlasted its time")
            raise fault.explain(self._name) from error

    def settle(self, key: Key, outcome: SubgraphResponse | SubgraphError) -> None:
        """Ends an exchange: whoever takes part gets its outcome."""
        for waiter in self._under_way.pop(key):
            if not waiter.done():
                waiter.set_result(outcome)

    def pass_lead_on(self, key: Key) -> None:
        """Ends an exchange without an outcome: the first who waits asks anew."""
        followers = self._under_way[key]
        while followers:
            waiter = followers.pop(0)
            if not waiter.done():
                waiter.set_result(None)
                return
        del self._under_way[key]


def _copy(response: SubgraphResponse) -> SubgraphResponse:
    """Returns a response of one's own; one that came decoded was under an unusual status, and small."""
    if response.body is not None:
        return replace(response)
    data, errors, extensions = copy.deepcopy((response.data, response.errors, response.extensions))
    return replace(response, data=data, errors=errors, extensions=extensions)


def _again(error: SubgraphError) -> SubgraphError:
    return SubgraphError(
        error.message,
        error.code,
        service=error.service,
        http_status=error.http_status,
        fault=error.fault,
        headers=error.headers,
    )
