"""The ASGI applications of the floors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from benchmarks.gateways.floors.client import Upstream
from benchmarks.gateways.floors.public_plan import PublicPlan

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Connect = Callable[[str], Upstream]
Execute = Callable[[bytes, str], Awaitable[bytes]]


class GraphQLBody(msgspec.Struct):
    """What a floor reads of a request."""

    query: str


_read = msgspec.json.Decoder(GraphQLBody).decode
ONE_FIELD = b'{"query":"{me{name}}"}'


class FloorApplication:
    """Reads the body, executes, responds; it does nothing for any other kind of scope."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return
        message = await receive()
        body: bytes = message["body"]
        while message["more_body"]:
            message = await receive()
            body += message["body"]
        response = await self._execute(body, _authorization(scope["headers"]))
        length = b"%d" % len(response)
        headers = [(b"content-type", b"application/json"), (b"content-length", length)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": response})


def _authorization(headers: list[tuple[bytes, bytes]]) -> str:
    """Returns the header line that goes on to the subgraphs."""
    for name, value in headers:
        if name == b"authorization":
            return f"authorization: {value.decode('latin-1')}\r\n"
    return ""


def structs(connect: Connect) -> FloorApplication:
    """The public plan over Structs."""
    plan = PublicPlan(connect)

    async def execute(body: bytes, authorization: str) -> bytes:
        _read(body)
        return await plan.execute(authorization)

    return FloorApplication(execute)


def deduplicated(connect: Connect) -> FloorApplication:
    """The same, executed once for all who ask the same at the same time."""
    plan = PublicPlan(connect)
    under_way: dict[tuple[bytes, str], asyncio.Task[bytes]] = {}

    async def execute(body: bytes, authorization: str) -> bytes:
        _read(body)
        key = (body, authorization)
        task = under_way.get(key)
        if task is None:
            task = under_way[key] = asyncio.create_task(plan.execute(authorization))
            task.add_done_callback(lambda _: under_way.pop(key))
        return await asyncio.shield(task)

    return FloorApplication(execute)


def fetches(connect: Connect) -> FloorApplication:
    """The fetches of the public plan and of the one-field query, without any work on what they bring.

    The first public request is executed by the plan; its fetches and its response are repeated for others.
    """
    recorded: list[tuple[Upstream, bytes]] = []
    accounts = connect("accounts")
    response = b""

    async def execute(body: bytes, authorization: str) -> bytes:
        nonlocal recorded, response
        if len(_read(body).query) < len(ONE_FIELD):
            return await accounts.post(ONE_FIELD, authorization)
        if response:
            await _repeat(recorded, authorization)
            return response
        found: list[tuple[Upstream, bytes]] = []
        made = await PublicPlan(lambda name: Recorder(connect(name), found)).execute(authorization)
        recorded, response = found, made
        return response

    return FloorApplication(execute)


class Recorder:
    """Sends by an upstream and keeps what was sent."""

    def __init__(self, upstream: Upstream, sent: list[tuple[Upstream, bytes]]) -> None:
        self._upstream = upstream
        self._sent = sent

    def post(self, body: bytes, authorization: str) -> asyncio.Future[bytes]:
        """Sends one request."""
        self._sent.append((self._upstream, body))
        return self._upstream.post(body, authorization)


async def _repeat(recorded: list[tuple[Upstream, bytes]], authorization: str) -> None:
    """Sends the six fetches in the four steps of the plan."""
    for step in ((0, 1), (2,), (3, 4), (5,)):
        sent = [recorded[number][0].post(recorded[number][1], authorization) for number in step]
        for each in sent:
            await each


FLOORS = {"structs": structs, "deduplicated": deduplicated, "fetches": fetches}
