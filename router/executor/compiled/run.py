"""Runs a compiled plan: each fetch as soon as what it comes after has arrived."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import msgspec

from router.errors import SubgraphError
from router.executor.compiled.compile import CompiledFetch, CompiledPlan
from router.executor.compiled.pass_through import PassThrough
from router.executor.compiled.structs import NotCleanError
from router.executor.merge.deep_merge import rename_keys
from router.executor.run.context import FetchContext
from router.executor.run.earlier import EarlierFetch
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.executor.transport.decode import decoded

# What an answer that is not plainly right makes of typed decoding, and of code that trusts its types.
_NOT_CLEAN = (NotCleanError, msgspec.MsgspecError, SubgraphError, TypeError, ValueError, RecursionError)
_encode = msgspec.json.Encoder().encode
# The representations of each entity group of a fetch.
Sent = tuple[list[object], ...]


@dataclass(slots=True)
class CompiledRun:
    """What a run came to: `encoded` is the `data` of the response as JSON, None when the run gave up.

    `earlier` are the fetches that were sent, for the interpreting executor to go on from.
    """

    encoded: bytes | None = None
    earlier: dict[int, EarlierFetch] = field(default_factory=dict)


async def run_compiled(plan: CompiledPlan, context: FetchContext) -> CompiledRun:
    """Runs a compiled plan. Cancelling it cancels every fetch under way."""
    run = _Run(plan, context)
    if plan.pass_through is not None:
        await run.pass_on(plan.pass_through)
    elif len(plan.fetches) == 1:
        await run.fetch(0)
    else:
        first, *others = plan.roots
        async with asyncio.TaskGroup() as group:
            run.group = group
            for number in others:
                group.create_task(run.follow(number))
            await run.follow(first)
    return CompiledRun(run.finish(), run.earlier)


class _Run:
    __slots__ = (
        "_context",
        "_done",
        "_is_clean",
        "_passed",
        "_plan",
        "_state",
        "_waiters",
        "_waits",
        "earlier",
        "group",
    )

    def __init__(self, plan: CompiledPlan, context: FetchContext) -> None:
        self._plan = plan
        self._context = context
        self._state = plan.begin()
        self._waits = list(plan.waits)
        self._is_clean = True
        self._passed: bytes | None = None
        self._done: set[int] = set()
        self._waiters: dict[int, asyncio.Future[None]] = {}
        self.earlier: dict[int, EarlierFetch] = {}
        self.group: asyncio.TaskGroup | None = None

    async def follow(self, number: int) -> None:
        """Runs a fetch, then those that waited for it last: one here, further ones beside it."""
        current: int | None = number
        while current is not None and await self.fetch(current):
            following: int | None = None
            for waiting in self._plan.fetches[current].next:
                self._waits[waiting] -= 1
                if self._waits[waiting]:
                    continue
                if following is None:
                    following = waiting
                else:
                    assert self.group is not None, "a plan of several fetches runs in a group"
                    self.group.create_task(self.follow(waiting))
            current = following

    async def fetch(self, number: int) -> bool:
        """Sends a fetch and merges its answer; returns False when that is not clean."""
        one = self._plan.fetches[number]
        try:
            sent = one.represent(self._state)
            request = self._request(one, sent) if sent is not None else None
        except _NOT_CLEAN:
            return self._give_up()
        if request is not None and sent is not None:
            response = await self._ask(one, sent, request)
            if response is None or not await self._merge(one, response):
                return self._give_up()
        self._note_merged(number)
        return True

    async def _merge(self, one: CompiledFetch, response: SubgraphResponse) -> bool:
        """Merges an answer, after those it adds to; returns False when it is not clean."""
        try:
            data = _data_of(one, response)
            for before in one.merged_after:
                await self._merged(before)
            one.merge(self._state, data)
        except _NOT_CLEAN:
            return False
        return True

    async def _merged(self, number: int) -> None:
        """Waits until a fetch is merged; raises NotCleanError when it may never be."""
        if not self._is_clean:
            raise NotCleanError("another fetch gave up")
        if number not in self._done:
            waiter = self._waiters.setdefault(number, asyncio.get_running_loop().create_future())
            await asyncio.shield(waiter)
            if number not in self._done:
                raise NotCleanError("another fetch gave up")

    def _note_merged(self, number: int) -> None:
        self._done.add(number)
        waiter = self._waiters.pop(number, None)
        if waiter is not None:
            waiter.set_result(None)

    def _give_up(self) -> bool:
        """Ends the waiting for merges that will not be; returns False, as whoever gives up does."""
        self._is_clean = False
        for waiter in self._waiters.values():
            waiter.set_result(None)
        self._waiters.clear()
        return False

    async def pass_on(self, pass_through: PassThrough) -> None:
        """Sends the only fetch; its data is kept as it came where that can be passed on."""
        one = self._plan.fetches[0]
        try:
            request = self._request(one, ())
        except _NOT_CLEAN:
            self._give_up()
            return
        response = await self._ask(one, (), request)
        try:
            if response is not None and response.body is not None:
                self._passed = pass_through(response.body)
        except _NOT_CLEAN:
            response = None
        if self._passed is None and (response is None or not await self._merge(one, response)):
            self._give_up()

    def _request(self, one: CompiledFetch, sent: Sent) -> SubgraphRequest:
        """Returns the request of a fetch; raises ValueError when a variable has no JSON form."""
        fetch, context = one.fetch, self._context
        body = variables = None
        if context.clients[fetch.service].takes_body:
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
            sum(map(len, sent)),
        )

    async def _ask(self, one: CompiledFetch, sent: Sent, request: SubgraphRequest) -> SubgraphResponse | None:
        """Returns the answer, None when there is none.

        A fault of the client's own is raised: taken for no answer, it would be asked a second time.
        """
        fetch = one.fetch
        earlier = self.earlier[fetch.id] = EarlierFetch(fetch, sent)
        try:
            earlier.response = await self._context.clients[fetch.service].execute(request)
        except SubgraphError as error:
            earlier.error = error
        return earlier.response

    def finish(self) -> bytes | None:
        """Returns the encoded data, None when something was not clean."""
        if not self._is_clean:
            return None
        if self._passed is not None:
            return self._passed
        try:
            return _encode(self._plan.finish(self._state))
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
