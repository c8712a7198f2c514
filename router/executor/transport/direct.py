"""The way of a query when nothing stands in it: one step there and one back, for all layers of the chain.

A coroutine for each layer costs more than most answers do. So where nobody has to wait for anything (a
connection is idle, the breaker is closed, no equal query is under way), the query is sent at once, and when
its answer comes, each layer notes it in turn. Whatever else happens, before or after, is left to the layers:
they are asked from the beginning, or go on from the outcome.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from time import monotonic

from msgspec import Struct

from router.errors import SubgraphError
from router.executor.transport.breaker import BreakingClient
from router.executor.transport.client import Receiver, SubgraphClient, SubgraphRequest, SubgraphResponse
from router.executor.transport.connection import HttpResponse
from router.executor.transport.decode import decode_response
from router.executor.transport.dedupe import DeduplicatingClient, Key
from router.executor.transport.endpoint import PooledConnection
from router.executor.transport.events import BreakerState
from router.executor.transport.failures import ConnectionLostFault, TransportFault
from router.executor.transport.http import HttpClient
from router.executor.transport.retry import RetryingClient

_CLOSED = BreakerState.CLOSED


@dataclass(frozen=True, slots=True)
class Chain:
    """The layers of one client; those that are switched off are None."""

    http: HttpClient
    breaking: BreakingClient | None = None
    retrying: RetryingClient | None = None
    deduplicating: DeduplicatingClient | None = None

    @property
    def whole(self) -> SubgraphClient:
        """The outermost layer."""
        return self.deduplicating or self.attempts

    @property
    def attempts(self) -> SubgraphClient:
        """The outermost layer below de-duplication."""
        return self.retrying or self.breaking or self.http


class DirectClient:
    """The SubgraphClient of a chain."""

    takes_body = True

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.execute = chain.whole.execute
        self._http = chain.http
        self._breaker = chain.breaking.breaker if chain.breaking is not None else None
        self._deduplicating = chain.deduplicating

    def begin(self, request: SubgraphRequest, receiver: Receiver) -> DirectExchange | None:
        """Sends a query at once, if nothing stands in its way."""
        if request.body is None or request.is_mutation or not request.wants_body:
            return None
        breaker, deduplicating = self._breaker, self._deduplicating
        if breaker is not None and breaker.state is not _CLOSED:
            return None
        exchange = DirectExchange(self.chain, request, receiver, breaker.era if breaker is not None else 0)
        if deduplicating is not None:
            key = deduplicating.key_of(request)
            if not deduplicating.take_lead(key):
                return None
            exchange.key = key
        sent = self._http.send_at_once(request, exchange)
        if sent is None:
            if deduplicating is not None:
                deduplicating.pass_lead_on(exchange.key)
            return None
        exchange.connection, exchange.sent_at, exchange.is_clients_time = sent
        return exchange

    async def close(self) -> None:
        """Closes the layers."""
        await self.chain.whole.close()


class DirectExchange(Struct, eq=False):
    """One query that was sent at once; its connection tells it what becomes of it."""

    chain: Chain
    request: SubgraphRequest
    receiver: Receiver
    era: int
    key: Key = ()
    connection: PooledConnection | None = None
    sent_at: float = 0.0
    is_clients_time: bool = False
    is_over: bool = False
    is_handed_over: bool = False
    task: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        """Gives the query up: its subgraph sees the connection close."""
        if self.task is not None:
            self.task.cancel()
        elif self.is_over:
            return
        else:
            self._give_connection_back(asyncio.CancelledError())
            if self.chain.breaking is not None:
                self.chain.breaking.breaker.forget(self.era)
        if self.chain.deduplicating is not None and not self.is_handed_over:
            self.is_handed_over = True
            self.chain.deduplicating.pass_lead_on(self.key)

    # -- what the connection tells

    def done(self) -> bool:
        """Whether it waits no more."""
        return self.is_over

    def set_result(self, answer: HttpResponse) -> None:
        """Takes the answer."""
        self.is_over = True
        chain, connection = self.chain, self.connection
        assert connection is not None, "it was sent"
        chain.http.note_response(connection, answer.status)
        if answer.status != 200:
            self._go_on(self._read(answer))
            return
        if chain.breaking is not None:
            chain.breaking.breaker.succeeded(self.era, connection.heard_at)
        if chain.retrying is not None:
            chain.retrying.budget.note_request()
        response = SubgraphResponse(None, body=answer.body, headers=answer.headers)
        if chain.deduplicating is not None:
            chain.deduplicating.settle(self.key, response)
        self.receiver.arrived(response)

    def set_exception(self, fault: TransportFault) -> None:
        """Takes the fault that ended the exchange."""
        connection = self._give_connection_back(fault)
        http = self.chain.http
        if isinstance(fault, ConnectionLostFault) and fault.is_untouched:
            # The peer closed the connection while it was idle, and the others that were idle with it.
            http.drop_idle(connection)
            self._go_on(None)
            return
        error = http.explain(fault, is_clients_time=self.is_clients_time)
        error.__cause__ = fault
        self._go_on(self._noted(error))

    # -- what is left to the layers

    def _give_connection_back(self, error: BaseException) -> PooledConnection:
        self.is_over = True
        connection = self.connection
        assert connection is not None, "it was sent"
        self.chain.http.note_failure(connection, error, self.sent_at, is_used=True)
        return connection

    def _read(self, answer: HttpResponse) -> SubgraphResponse | SubgraphError:
        breaking = self.chain.breaking
        try:
            response = decode_response(self.chain.http.name, answer)
        except SubgraphError as error:
            return self._noted(error)
        if breaking is not None:
            breaking.breaker.record(self.era, monotonic(), is_failure=answer.status >= 500)
        return response

    def _noted(self, error: SubgraphError) -> SubgraphError:
        if self.chain.breaking is not None:
            self.chain.breaking.note_error(error, self.era, monotonic() - self.sent_at)
        return error

    def _go_on(self, outcome: SubgraphResponse | SubgraphError | None) -> None:
        """Hands over to the layers; without an outcome the query is sent once more as if it never was."""
        self.task = asyncio.get_running_loop().create_task(self._finish(outcome))

    async def _finish(self, outcome: SubgraphResponse | SubgraphError | None) -> None:
        self.is_handed_over = True
        deduplicating, rest = self.chain.deduplicating, self._rest(outcome)
        try:
            response = await (rest if deduplicating is None else deduplicating.lead(self.key, rest))
        except Exception as error:  # noqa: BLE001 - whoever receives it is the edge that deals with it
            self.receiver.failed(error)
        else:
            self.receiver.arrived(response)

    async def _rest(self, outcome: SubgraphResponse | SubgraphError | None) -> SubgraphResponse:
        chain = self.chain
        if outcome is None:
            return await chain.attempts.execute(self.request)
        if chain.retrying is not None:
            chain.retrying.budget.note_request()
            return await chain.retrying.go_on(self.request, outcome)
        if isinstance(outcome, SubgraphError):
            raise outcome
        return outcome
