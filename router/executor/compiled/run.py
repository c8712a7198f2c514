"""Runs a compiled plan: each fetch as soon as what it comes after has arrived."""

from __future__ import annotations

import asyncio

import msgspec
from msgspec import Struct

from router.errors import SubgraphError
from router.executor.compiled.compile import CompiledFetch, CompiledPlan
from router.executor.compiled.structs import NotCleanError
from router.executor.merge.deep_merge import rename_keys
from router.executor.run.context import FetchContext
from router.executor.run.earlier import EarlierFetch
from router.executor.transport.client import Begun, SubgraphClient, SubgraphRequest, SubgraphResponse
from router.executor.transport.decode import decoded

# What an answer that is not plainly right makes of typed decoding, and of code that trusts its types.
_NOT_CLEAN = (NotCleanError, msgspec.MsgspecError, SubgraphError, TypeError, ValueError, RecursionError)
_encode = msgspec.json.Encoder().encode
# The representations of each entity group of a fetch.
Sent = tuple[list[object], ...]


class _Response(Struct):
    data: Struct


class CompiledRun(Struct):
    """What a run came to: `response` is JSON that holds the `data` alone, None when the run gave up.

    `earlier` are the fetches that were sent, for the interpreting executor to go on from.
    """

    response: bytes | None = None
    earlier: dict[int, EarlierFetch] = msgspec.field(default_factory=dict)


async def run_compiled(plan: CompiledPlan, context: FetchContext) -> CompiledRun:
    """Runs a compiled plan. Cancelling it cancels every fetch under way."""
    run = _Run(plan, context)
    try:
        await run.complete()
    except BaseException:
        await run.abandon()
        raise
    return CompiledRun(run.finish(), run.earlier)


class _Asked(Struct, eq=False):
    """A fetch under way; what its client tells of the outcome goes on to the run."""

    run: _Run
    number: int
    client: SubgraphClient
    request: SubgraphRequest
    earlier: EarlierFetch
    begun: Begun | None = None

    def arrived(self, response: SubgraphResponse) -> None:
        """Takes the response."""
        self.earlier.response = response
        self.run.go_on(self)

    def failed(self, error: Exception) -> None:
        """Takes what the client raised.

        Only a SubgraphError is an outcome; a fault of the client's own ends the run: taken for no answer, the
        fetch would be sent a second time.
        """
        if isinstance(error, SubgraphError):
            self.earlier.error = error
            self.run.go_on(self)
        else:
            self.run.end(error)


class _Run:
    """One execution: a fetch is sent when the last answer it needs is merged, wherever that happens.

    A client that can sends at once and tells the outcome later. What has to be awaited runs in the task of
    the request, and in tasks beside it when it is more than one.
    """

    __slots__ = (
        "_asked",
        "_clients",
        "_context",
        "_done",
        "_ended",
        "_fault",
        "_is_clean",
        "_parked",
        "_passed",
        "_plan",
        "_ready",
        "_state",
        "_tasks",
        "_waits",
        "earlier",
    )

    def __init__(self, plan: CompiledPlan, context: FetchContext) -> None:
        self._plan = plan
        self._context = context
        self._clients = context.clients
        self._state = plan.begin()
        self._waits = list(plan.waits)
        self._ready = list(plan.roots)
        self._done: set[int] = set()
        # Answers that came before those they add to.
        self._parked: dict[int, object] = {}
        self._asked: dict[int, _Asked] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ended: asyncio.Future[None] | None = None
        self._fault: Exception | None = None
        self._is_clean = True
        self._passed: bytes | None = None
        self.earlier: dict[int, EarlierFetch] = {}

    async def complete(self) -> None:
        """Returns when every fetch that could be sent has ended."""
        while self._fault is None and (asked := self._send_ready()) is not None:
            try:
                asked.earlier.response = await asked.client.execute(asked.request)
            except SubgraphError as error:
                asked.earlier.error = error
            del self._asked[asked.number]
            self._take(asked)
        if self._asked and self._fault is None:
            self._ended = asyncio.get_running_loop().create_future()
            await self._ended
        if self._fault is not None:
            raise self._fault

    async def abandon(self) -> None:
        """Cancels what is under way."""
        for asked in self._asked.values():
            if asked.begun is not None:
                asked.begun.cancel()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    # -- outcomes that come by themselves

    def go_on(self, asked: _Asked) -> None:
        """Takes the outcome of a fetch and sends what waited for it."""
        del self._asked[asked.number]
        asked.begun = None  # the two know each other: nobody would free them, and what they hold, for long
        try:
            self._take(asked)
            awaited = self._send_ready()
        except Exception as fault:  # noqa: BLE001 - who called is a connection; the request's task raises it
            self.end(fault)
            return
        if awaited is not None:
            self._await_beside(awaited)
        if not self._asked:
            self.end(None)

    def end(self, fault: Exception | None) -> None:
        """Ends the waiting for outcomes."""
        self._fault = self._fault or fault
        if self._ended is not None and not self._ended.done():
            self._ended.set_result(None)

    # -- sending

    def _send_ready(self) -> _Asked | None:
        """Sends the fetches whose turn it is; returns one of those that have to be awaited, if any."""
        awaited: _Asked | None = None
        while self._ready:
            asked = self._ask(self._ready.pop(0))
            if asked is None or asked.begun is not None:
                continue
            if awaited is None:
                awaited = asked
            else:
                self._await_beside(asked)
        return awaited

    def _ask(self, number: int) -> _Asked | None:
        """Begins a fetch; returns None when there is nothing to ask, or no way to."""
        one = self._plan.fetches[number]
        fetch = one.fetch
        client = self._clients[fetch.service]
        try:
            sent = one.represent(self._state)
            if sent is None:
                self._note_merged(number)
                return None
            request = self._request(one, sent, takes_body=client.takes_body)
        except _NOT_CLEAN:
            self._is_clean = False
            return None
        earlier = self.earlier[fetch.id] = EarlierFetch(fetch, sent)
        asked = self._asked[number] = _Asked(self, number, client, request, earlier)
        asked.begun = client.begin(request, asked)
        return asked

    def _await_beside(self, asked: _Asked) -> None:
        task = asyncio.get_running_loop().create_task(self._await(asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _await(self, asked: _Asked) -> None:
        try:
            response = await asked.client.execute(asked.request)
        except Exception as error:  # noqa: BLE001 - the request's task raises what is no outcome
            asked.failed(error)
        else:
            asked.arrived(response)

    def _request(self, one: CompiledFetch, sent: Sent, *, takes_body: bool) -> SubgraphRequest:
        """Returns the request of a fetch; raises ValueError when a variable has no JSON form."""
        fetch, context = one.fetch, self._context
        body = variables = None
        if takes_body:
            body = one.request.body(sent, context.variables)
        else:
            variables = one.request.variables(sent, context.variables)
        return SubgraphRequest(
            fetch.document,
            variables,
            fetch.operation_name,
            context.headers,
            fetch.kind == "mutation",
            body,
            True,
            fetch,
            context.scope,
            sum(map(len, sent)) if sent else 0,
        )

    # -- merging

    def _take(self, asked: _Asked) -> None:
        """Merges an answer, or gives the way of its fetch up when it is not clean."""
        plan, response = self._plan, asked.earlier.response
        if response is None:
            self._is_clean = False
            return
        number = asked.number
        one = plan.fetches[number]
        try:
            if plan.pass_through is not None and response.body is not None:
                self._passed = plan.pass_through(response.body)
                if self._passed is not None:
                    return
            self._merge(one, number, _data_of(one, response))
        except _NOT_CLEAN:
            self._is_clean = False

    def _merge(self, one: CompiledFetch, number: int, answer: object) -> None:
        """Merges typed data after those it adds to; raises when it is not clean."""
        if one.merged_after and not self._done.issuperset(one.merged_after):
            self._parked[number] = answer
            return
        one.merge(self._state, answer)
        self._note_merged(number)

    def _note_merged(self, number: int) -> None:
        waits, fetches = self._waits, self._plan.fetches
        for waiting in fetches[number].next:
            left = waits[waiting] = waits[waiting] - 1
            if not left:
                self._ready.append(waiting)
        self._done.add(number)
        if self._parked:
            self._merge_parked(number)

    def _merge_parked(self, number: int) -> None:
        fetches = self._plan.fetches
        for parked in tuple(self._parked):
            if number in fetches[parked].merged_after and parked in self._parked:
                self._merge(fetches[parked], parked, self._parked.pop(parked))

    def finish(self) -> bytes | None:
        """Returns the encoded response, None when something was not clean."""
        if not self._is_clean:
            return None
        if self._passed is not None:
            return self._passed
        try:
            return _encode(_Response(self._plan.finish(self._state)))
        except _NOT_CLEAN:
            return None


def _data_of(one: CompiledFetch, response: SubgraphResponse) -> object:
    """Returns the typed data of a response without errors; raises NotCleanError or what msgspec raises."""
    if response.body is not None and not one.fetch.renames:
        read = one.decode(response.body)
    else:
        response = decoded(one.fetch.service, response)
        if response.errors or response.data is None:
            raise NotCleanError("errors")
        renames = dict(one.fetch.renames)
        read = one.convert({"data": rename_keys(response.data, renames) if renames else response.data})
    if read.errors or read.data is None:
        raise NotCleanError("errors")
    return read.data
