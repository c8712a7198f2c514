"""The way of a query when nothing stands in it: one step there and one back, for all layers of the chain.

A coroutine for each layer costs more than most answers do. So where nobody has to wait for anything (a
connection is idle, the breaker is closed, no equal query is under way), the query is sent at once, and when
its answer comes, each layer notes it in turn. Whatever else happens, before or after, is left to the layers:
they are asked from the beginning, or go on from the outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from time import monotonic
from typing import Any

from router.errors import SubgraphError
from router.executor.transport.breaker import BreakingClient
from router.executor.transport.client import Receiver, SubgraphClient, SubgraphRequest, SubgraphResponse
from router.executor.transport.connection import HttpResponse
from router.executor.transport.decode import decode_response
from router.executor.transport.dedupe import DeduplicatingClient, Key
from router.executor.transport.failures import ConnectionLostFault, TransportFault
from router.executor.transport.http import HttpClient, Sent
from router.executor.transport.retry import RetryingClient


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
        self._whole = chain.whole
        self._http = chain.http
        self._breaker = chain.breaking.breaker if chain.breaking is not None else None
        self._deduplicating = chain.deduplicating

    def execute(self, request: SubgraphRequest) -> Coroutine[Any, Any, SubgraphResponse]:
        """Runs one operation through the layers."""
        return self._whole.execute(request)

    def begin(self, request: SubgraphRequest, receiver: Receiver) -> DirectExchange | None:
        """Sends a query at once, if nothing stands in its way."""
        if request.is_mutation or request.body is None or not request.wants_body:
            return None
        if self._breaker is not None and not self._breaker.is_closed:
            return None
        key = None
        deduplicating = self._deduplicating
        if deduplicating is not None:
            key = deduplicating.key_of(request)
            if deduplicating.is_under_way(key):
                return None
        exchange = DirectExchange(self.chain, request, receiver, key)
        sent = self._http.send_at_once(request, exchange)
        if sent is None:
            return None
        exchange.sent = sent
        if deduplicating is not None and key is not None:
            deduplicating.take_lead(key)
        return exchange

    async def close(self) -> None:
        """Closes the layers."""
        await self._whole.close()


class DirectExchange:
    """One query that was sent at once; its connection tells it what becomes of it."""

    __slots__ = (
        "_chain",
        "_era",
        "_is_handed_over",
        "_is_over",
        "_key",
        "_receiver",
        "_request",
        "_task",
        "sent",
    )

    sent: Sent

    def __init__(self, chain: Chain, request: SubgraphRequest, receiver: Receiver, key: Key | None) -> None:
        self._chain = chain
        self._request = request
        self._receiver = receiver
        self._key = key
        self._era = chain.breaking.breaker.era if chain.breaking is not None else 0
        self._is_over = self._is_handed_over = False
        self._task: asyncio.Task[None] | None = None

    def cancel(self) -> None:
        """Gives the query up: its subgraph sees the connection close."""
        chain, sent = self._chain, self.sent
        if self._task is not None:
            self._task.cancel()
        elif self._is_over:
            return
        else:
            self._is_over = True
            chain.http.note_failure(sent.connection, asyncio.CancelledError(), sent.sent_at, is_used=True)
            if chain.breaking is not None:
                chain.breaking.breaker.forget(self._era)
        if chain.deduplicating is not None and self._key is not None and not self._is_handed_over:
            chain.deduplicating.pass_lead_on(self._key)
            self._is_handed_over = True

    # -- what the connection tells

    def done(self) -> bool:
        """Whether it waits no more."""
        return self._is_over

    def set_result(self, answer: HttpResponse) -> None:
        """Takes the answer."""
        self._is_over = True
        chain = self._chain
        chain.http.note_response(self.sent.connection, answer.status)
        if answer.status != 200:
            self._go_on(self._read(answer))
            return
        if chain.breaking is not None:
            chain.breaking.breaker.record(self._era, monotonic(), is_failure=False)
        if chain.retrying is not None:
            chain.retrying.note_request()
        response = SubgraphResponse(None, body=answer.body, headers=answer.headers)
        if chain.deduplicating is not None and self._key is not None:
            chain.deduplicating.settle(self._key, response)
        self._receiver.arrived(response)

    def set_exception(self, fault: TransportFault) -> None:
        """Takes the fault that ended the exchange."""
        self._is_over = True
        http, sent = self._chain.http, self.sent
        http.note_failure(sent.connection, fault, sent.sent_at, is_used=True)
        if isinstance(fault, ConnectionLostFault) and fault.is_untouched:
            # The peer closed the connection while it was idle, and the others that were idle with it.
            http.drop_idle(sent.connection)
            self._go_on(None)
            return
        error = http.explain(fault, is_clients_time=sent.is_clients_time)
        error.__cause__ = fault
        self._go_on(self._noted(error))

    # -- what is left to the layers

    def _read(self, answer: HttpResponse) -> SubgraphResponse | SubgraphError:
        name, breaking = self._chain.http.name, self._chain.breaking
        try:
            response = decode_response(name, answer)
        except SubgraphError as error:
            return self._noted(error)
        if breaking is not None:
            breaking.breaker.record(self._era, monotonic(), is_failure=answer.status >= 500)
        return response

    def _noted(self, error: SubgraphError) -> SubgraphError:
        if self._chain.breaking is not None:
            took_s = asyncio.get_running_loop().time() - self.sent.sent_at
            self._chain.breaking.note_error(error, self._era, took_s)
        return error

    def _go_on(self, outcome: SubgraphResponse | SubgraphError | None) -> None:
        """Hands over to the layers; without an outcome the query is sent once more as if it never was."""
        self._task = asyncio.get_running_loop().create_task(self._finish(outcome))

    async def _finish(self, outcome: SubgraphResponse | SubgraphError | None) -> None:
        self._is_handed_over = True
        rest = self._rest(outcome)
        chain = self._chain
        try:
            if chain.deduplicating is not None and self._key is not None:
                response = await chain.deduplicating.lead(self._key, rest)
            else:
                response = await rest
        except SubgraphError as error:
            self._receiver.failed(error)
        except Exception as fault:  # noqa: BLE001 - whoever receives it is the edge that deals with it
            self._receiver.failed(fault)
        else:
            self._receiver.arrived(response)

    async def _rest(self, outcome: SubgraphResponse | SubgraphError | None) -> SubgraphResponse:
        chain = self._chain
        if outcome is None:
            return await chain.attempts.execute(self._request)
        if chain.retrying is not None:
            chain.retrying.note_request()
            return await chain.retrying.go_on(self._request, outcome)
        if isinstance(outcome, SubgraphError):
            raise outcome
        return outcome
