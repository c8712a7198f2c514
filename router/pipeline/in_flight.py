"""Identical queries that are in flight at the same time share one execution and one result.

Identical are queries of the same text, operation name, variables and extensions, whose headers that may
change the answer are the same. Whoever comes while such a query runs waits for its result. The first of them
executes it in its own task, which costs nothing when nobody follows; if its client leaves, the next one
executes anew. After anything but a query has run, queries begin anew: a client that changed something never
gets an answer that was begun before.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable, Iterable

import orjson

from router.pipeline.executes import ExecutesInParts
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.encode import encode_json
from router.response.incremental import Payload
from router.response.result import GraphQLResult
from router.telemetry.catalogue import SHARED, SHARED_WAITING, Reading

# The execution ends with the deadline of the first client; who comes much later would be cut short by it.
JOINING_S_MAX = 2.0


class _Flight:
    """One execution by whoever leads it, and those who follow: each waits for a result, or for the lead."""

    __slots__ = ("context", "followers", "joinable_until")

    def __init__(self, context: RequestContext, joinable_until: float) -> None:
        self.context = context
        self.joinable_until = joinable_until
        self.followers: list[asyncio.Future[GraphQLResult | None]] = []

    def land(self, result: GraphQLResult) -> None:
        """Gives everybody the result."""
        for one in self.followers:
            if not one.done():
                one.set_result(result)

    def fail(self, fault: Exception) -> None:
        """Gives everybody the fault."""
        for one in self.followers:
            if not one.done():
                one.set_exception(fault)

    def pass_lead_on(self) -> bool:
        """Lets the first who still waits execute anew; returns False when nobody waits."""
        while self.followers:
            one = self.followers.pop(0)
            if not one.done():
                one.set_result(None)
                return True
        return False


class QueriesInFlight:
    """Executes over another router; `headers` are those that may change an answer, in lower case.

    When `epoch` gives another value than before, queries begin anew.
    """

    def __init__(
        self,
        router: ExecutesInParts,
        headers: Iterable[str],
        epoch: Callable[[], Hashable] = lambda: None,
    ) -> None:
        self._router = router
        self._epoch = epoch
        self._headers = tuple(dict.fromkeys(headers))
        self._flights: dict[Hashable, _Flight] = {}
        self._known_loop: asyncio.AbstractEventLoop | None = None
        self._writes = 0
        self._waiting = 0
        self._joined_total = 0

    def readings(self) -> Iterable[Reading]:
        """Returns how many wait and how many were answered by another's execution, for metrics."""
        yield Reading(SHARED_WAITING, self._waiting)
        yield Reading(SHARED, self._joined_total)

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        """Returns the outcome of the operation, which other requests may share: it is not to be changed."""
        if not is_surely_query(request.query):
            try:
                return await self._router.execute(request, context)
            finally:
                self._writes += 1
        key = self._key(request, context)
        if key is None:
            return await self._router.execute(request, context)
        return await self._join(key, request, context)

    async def execute_in_parts(
        self, request: GraphQLRequest, context: RequestContext
    ) -> GraphQLResult | AsyncGenerator[Payload, None]:
        """Returns the payloads of an operation that may defer something; any other is shared."""
        if "@defer" not in request.query and is_surely_query(request.query):
            return await self.execute(request, context)
        try:
            return await self._router.execute_in_parts(request, context)
        finally:
            self._writes += not is_surely_query(request.query)

    def _key(self, request: GraphQLRequest, context: RequestContext) -> Hashable | None:
        """Returns what tells the request from others; None when it must run by itself."""
        record = context.scope.record
        if context.plan_only or (record is not None and record.is_inspected):
            return None  # it asks what happens to itself
        try:
            values = orjson.dumps((request.variables, request.extensions))
        except TypeError:
            return None  # beyond orjson's limits
        headers = context.headers
        return (
            request.query,
            request.operation_name,
            values,
            tuple([headers.get(name) for name in self._headers]),
            context.scope.caller.key if context.scope.caller is not None else None,
            context.override_labels,
            context.allow_mutations,
            self._writes,
            self._epoch(),
        )

    async def _join(self, key: Hashable, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        self._waiting += 1
        try:
            flight = self._flights.get(key)
            if flight is not None and self._loop.time() <= flight.joinable_until:
                return await self._follow(key, flight, request, context)
            flight = self._flights[key] = _Flight(context, self._loop.time() + JOINING_S_MAX)
            return await self._lead(key, flight, request)
        finally:
            self._waiting -= 1

    async def _lead(self, key: Hashable, flight: _Flight, request: GraphQLRequest) -> GraphQLResult:
        try:
            result = await self._router.execute(request, flight.context)
        except Exception as fault:
            self._forget(key, flight)
            flight.fail(fault)
            raise
        except BaseException:
            # The leader's client left, or its time is over; those of the others may not be.
            if not flight.pass_lead_on():
                self._forget(key, flight)
            raise
        self._forget(key, flight)
        if flight.followers:
            _make_shareable(result)
            flight.land(result)
        return result

    async def _follow(
        self, key: Hashable, flight: _Flight, request: GraphQLRequest, context: RequestContext
    ) -> GraphQLResult:
        landing: asyncio.Future[GraphQLResult | None] = self._loop.create_future()
        flight.followers.append(landing)
        try:
            result = await landing
        except asyncio.CancelledError:
            if landing in flight.followers:
                flight.followers.remove(landing)
            if _gives_lead(landing) and not flight.pass_lead_on():
                self._forget(key, flight)
            raise
        if result is None:
            flight.context = context
            flight.joinable_until = self._loop.time() + JOINING_S_MAX
            return await self._lead(key, flight, request)
        self._joined_total += 1
        _share_notes(flight.context, context)
        return result

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        # Asking for the running loop costs a system call in Python 3.11.
        if self._known_loop is None:
            self._known_loop = asyncio.get_running_loop()
        return self._known_loop

    def _forget(self, key: Hashable, flight: _Flight) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


def _gives_lead(landing: asyncio.Future[GraphQLResult | None]) -> bool:
    if not landing.done() or landing.cancelled() or landing.exception() is not None:
        return False
    return landing.result() is None


def is_surely_query(query: str) -> bool:
    """Whether no operation of the document can be anything but a query.

    It looks for two words; a query that has them somewhere is merely executed by itself.
    """
    return "mutation" not in query and "subscription" not in query


def _make_shareable(result: GraphQLResult) -> None:
    """Lets the server write the result once for all who share it."""
    if result.forms is None:
        result.forms = {}
    if result.encoded is None and result.executed:
        try:
            result.encoded = encode_json(result.data)
        except ValueError:
            return  # it has no JSON form: the server says so to each client


def _share_notes(first: RequestContext, other: RequestContext) -> None:
    """Tells a request that joined what was noted of the execution; its fetches are counted once."""
    other.scope.response_headers.extend(first.scope.response_headers)
    source, record = first.scope.record, other.scope.record
    if source is None or record is None:
        return
    record.name, record.kind = source.name, source.kind
    record.document_hash, record.cost, record.cache = source.document_hash, source.cost, source.cache
