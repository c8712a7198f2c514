"""Load at a fixed rate: `python -m benchmarks.gateways.load.paced < PLAN > RESULT`.

Requests leave when their time has come, whether or not those before were answered, and latency counts from
the time they were due. A gateway that stalls is seen to stall, which closed-loop load hides.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httptools

from benchmarks.gateways.load.generator import percentile

WAIT_SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of request and its rate."""

    name: str
    body: str
    rate: float


@dataclass(frozen=True, slots=True)
class PacedPlan:
    """Streams to one gateway for so many seconds; every request has an `authorization` of its own."""

    port: int
    seconds: float
    streams: tuple[Stream, ...]
    first_viewer: int

    @classmethod
    def from_json(cls, text: str) -> PacedPlan:
        """Returns what was written as JSON."""
        values = json.loads(text)
        streams = tuple(Stream(**each) for each in values.pop("streams"))
        return cls(**values, streams=streams)


@dataclass(frozen=True, slots=True)
class StreamResult:
    """What came back of one stream; `answers` counts them by status, presence of data, and error codes."""

    name: str
    requests: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    answers: dict[str, int]


class _Exchange(asyncio.Protocol):
    """One connection with one request under way at a time; a lost one answers status 0."""

    def __init__(self) -> None:
        self._waiter: asyncio.Future[tuple[int, bytes]] | None = None
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "streams only"
        self._transport = transport

    def ask(self, payload: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Sends a request."""
        self._waiter = asyncio.get_running_loop().create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._body.clear()
        self._transport.write(payload)
        return self._waiter

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result((self._parser.get_status_code(), b"".join(self._body)))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result((0, b""))


class _Sender:
    """Sends the requests of one plan."""

    def __init__(self, plan: PacedPlan) -> None:
        self._plan = plan
        self._idle: list[_Exchange] = []
        self._viewer = plan.first_viewer
        self.latencies: dict[str, list[float]] = {stream.name: [] for stream in plan.streams}
        self.answers: dict[str, Counter[str]] = {stream.name: Counter() for stream in plan.streams}

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for stream in self._plan.streams:
                group.create_task(self._send(stream, group))

    async def _send(self, stream: Stream, group: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        for number in range(int(stream.rate * self._plan.seconds)):
            due_at = started + number / stream.rate
            delay = due_at - loop.time()
            if delay > 0:
                await asyncio.sleep(delay)
            group.create_task(self._ask(stream, due_at))

    async def _ask(self, stream: Stream, due_at: float) -> None:
        loop = asyncio.get_running_loop()
        exchange = await self._connection()
        self._viewer += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS_MAX):
                status, body = await exchange.ask(self._payload(stream))
        except TimeoutError:
            status, body = 0, b""
        self.latencies[stream.name].append((loop.time() - due_at) * 1000)
        self.answers[stream.name][describe(status, body)] += 1
        if status and exchange.is_open:
            self._idle.append(exchange)

    async def _connection(self) -> _Exchange:
        while self._idle:
            exchange = self._idle.pop()
            if exchange.is_open:
                return exchange
        loop = asyncio.get_running_loop()
        return (await loop.create_connection(_Exchange, "127.0.0.1", self._plan.port))[1]

    def _payload(self, stream: Stream) -> bytes:
        body = stream.body.encode()
        head = (
            f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{self._plan.port}\r\naccept: application/json\r\n"
            f"content-type: application/json\r\nauthorization: Bearer viewer-{self._viewer}\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def describe(status: int, body: bytes) -> str:
    """Returns what an answer is, in a few words."""
    if not status:
        return "no answer"
    try:
        answer: Mapping[str, Any] = json.loads(body)
    except ValueError:
        return f"{status} not JSON"
    data, errors = answer.get("data"), answer.get("errors") or ()
    codes = sorted({str(error.get("extensions", {}).get("code", "no code")) for error in errors})
    has_data = isinstance(data, dict) and any(value is not None for value in data.values())
    return " ".join([str(status), "data" if has_data else "no data", *codes])


def _result(stream: Stream, latencies: Sequence[float], answers: Mapping[str, int]) -> StreamResult:
    ordered = sorted(latencies)
    shares = (percentile(ordered, 0.5), percentile(ordered, 0.99), ordered[-1] if ordered else 0.0)
    return StreamResult(stream.name, len(ordered), *shares, dict(answers))


async def run(plan: PacedPlan) -> list[StreamResult]:
    """Sends the load and returns what came of each stream."""
    sender = _Sender(plan)
    await sender.run()
    return [
        _result(stream, sender.latencies[stream.name], sender.answers[stream.name]) for stream in plan.streams
    ]


def main() -> None:
    """Reads the plan from standard input, writes the results as JSON."""
    results = asyncio.run(run(PacedPlan.from_json(sys.stdin.read())))
    print(json.dumps([asdict(result) for result in results]))


if __name__ == "__main__":
    main()
