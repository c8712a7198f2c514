"""The load generator of our own: `python -m benchmarks.gateways.load.generator < PLAN > RESULT`.

One thread around epoll and one HTTP parser in C for each connection; asyncio would double its cost. It must
not be what is measured: `../ceiling.py` measures it alone.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

import httptools

from benchmarks.gateways.load.plan import LoadPlan, LoadResult

DRAIN_SECONDS_MAX = 60.0
# A gateway that compiles, on a machine with other work, may look away for as long.
CONNECT_SECONDS_MAX = 60.0
READ_BYTES = 1 << 18


def percentile(ordered: list[float], share: float) -> float:
    """Returns a percentile of sorted values, 0 of none."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def requests_of(plan: LoadPlan) -> Iterator[bytes]:
    """Yields the requests to send, one after the other, without end."""
    head = plan.head().encode()
    bodies = [line.encode() for line in plan.bodies.read_text("utf-8").splitlines()]
    tails = [b"content-length: %d\r\n\r\n%b" % (len(body), body) for body in bodies]
    if not plan.is_unique:
        whole = [head + tail for tail in tails]
        while True:
            yield from whole
    viewer = plan.first_viewer
    while True:
        for tail in tails:
            yield b"%bauthorization: Bearer viewer-%d\r\n%b" % (head, viewer, tail)
            viewer += 1


@dataclass(slots=True)
class Tally:
    """What was sent and what came back."""

    requests: Iterator[bytes]
    sent_max: int | None
    stop_at: float
    sent: int = 0
    bytes: int = 0
    failures: int = 0
    latencies: list[float] = field(default_factory=list)

    def next_request(self, now: float) -> bytes | None:
        """Returns what to send next, None when it is enough."""
        if now >= self.stop_at or (self.sent_max is not None and self.sent >= self.sent_max):
            return None
        self.sent += 1
        return next(self.requests)


class Connection:
    """One connection with at most one request under way."""

    def __init__(self, plan: LoadPlan, tally: Tally) -> None:
        self._plan = plan
        self._tally = tally
        self.is_busy = False
        self._open()

    def _open(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self._plan.port), timeout=CONNECT_SECONDS_MAX)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setblocking(False)
        self._parser = httptools.HttpResponseParser(self)

    def send_next(self) -> bool:
        """Sends the next request, if any; requests are far smaller than a socket's buffer."""
        now = time.perf_counter()
        request = self._tally.next_request(now)
        self.is_busy = request is not None
        if request is not None:
            self._started = now
            self.socket.sendall(request)
        return self.is_busy

    def read(self, buffer: memoryview) -> bool:
        """Reads what there is; False when the connection ended."""
        try:
            count = self.socket.recv_into(buffer)
        except BlockingIOError:
            return True
        except ConnectionError:
            count = 0
        if count:
            self._tally.bytes += count
            self._parser.feed_data(buffer[:count])
        return bool(count)

    def on_message_complete(self) -> None:
        """Notes the answer and goes on."""
        tally = self._tally
        tally.latencies.append(time.perf_counter() - self._started)
        if self._parser.get_status_code() != 200:
            tally.failures += 1
        self.send_next()

    def reopen(self) -> None:
        """Takes a new connection after a lost one; what was under way failed."""
        self._tally.failures += self.is_busy
        self.socket.close()
        self._open()


def run(plan: LoadPlan) -> LoadResult:
    """Sends the load and returns what came of it."""
    started = time.perf_counter()
    stop_at = started + (plan.seconds if plan.requests is None else 86_400)
    tally = Tally(requests_of(plan), plan.requests, stop_at)
    buffer = memoryview(bytearray(READ_BYTES))
    with selectors.DefaultSelector() as selector:
        busy = 0
        for _ in range(plan.connections):
            connection = Connection(plan, tally)
            if connection.send_next():
                busy += 1
                selector.register(connection.socket, selectors.EVENT_READ, connection)
        while busy and time.perf_counter() < stop_at + DRAIN_SECONDS_MAX:
            for key, _ in selector.select(timeout=1.0):
                busy -= _serve(selector, key.data, buffer)
    # A request that is still under way after all that waiting has failed.
    tally.failures += busy
    return _result(tally, time.perf_counter() - started)


def _serve(selector: selectors.BaseSelector, connection: Connection, buffer: memoryview) -> int:
    """Reads from one connection; returns 1 when it has nothing left to do."""
    if not connection.read(buffer):
        selector.unregister(connection.socket)
        connection.reopen()
        if connection.send_next():
            selector.register(connection.socket, selectors.EVENT_READ, connection)
    if connection.is_busy:
        return 0
    if connection.socket in selector.get_map():
        selector.unregister(connection.socket)
    connection.socket.close()
    return 1


def _result(tally: Tally, seconds: float) -> LoadResult:
    ordered = sorted(latency * 1000 for latency in tally.latencies)
    shares = (percentile(ordered, 0.5), percentile(ordered, 0.95), percentile(ordered, 0.99))
    longest = ordered[-1] if ordered else 0.0
    return LoadResult(len(ordered), seconds, tally.bytes, tally.failures, *shares, longest, "own")


def main() -> None:
    """Reads the plan from standard input, writes the result as JSON."""
    print(json.dumps(asdict(run(LoadPlan.from_json(sys.stdin.read())))))


if __name__ == "__main__":
    main()
