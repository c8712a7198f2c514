"""Following several topics at once, as lines for a terminal or a pipe."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, cast

import orjson

from subgraphs.kit.events.bus import LoggedEvent
from subgraphs.kit.events.event import topic_of
from subgraphs.kit.events.schemas import KIT_EVENTS, find_event_classes
from zellige.assembly.event_desk import EventDesk

WAITING_MAX = 1_000


async def follow_topics(
    desk: EventDesk, topics: Sequence[str] | None, start: str | None, event_type: str | None, *, as_json: bool
) -> AsyncIterator[str]:
    """Yields a line for each event of the topics, all known ones when None, until cancelled."""
    lines: asyncio.Queue[str | BaseException] = asyncio.Queue(WAITING_MAX)
    followed = topics or known_topics(desk)
    tasks = [
        asyncio.create_task(_follow(desk, topic, start, event_type, lines, as_json=as_json))
        for topic in followed
    ]
    try:
        while True:
            line = await lines.get()
            if isinstance(line, BaseException):
                raise line
            yield line
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def known_topics(desk: EventDesk) -> list[str]:
    """Returns the topics the desk's domains publish on."""
    kinds = [kind for package in desk.packages for kind in find_event_classes(package)]
    return sorted({topic_of(kind) for kind in (*kinds, *KIT_EVENTS)})


async def _follow(
    desk: EventDesk,
    topic: str,
    start: str | None,
    event_type: str | None,
    lines: asyncio.Queue[str | BaseException],
    *,
    as_json: bool,
) -> None:
    try:
        async with aclosing(cast(Any, desk.bus.read(topic, start))) as log:
            async for logged in log:
                if event_type is None or logged.event.type == event_type:
                    await lines.put(_json_line(logged) if as_json else _text_line(logged))
    except Exception as error:  # noqa: BLE001 - raised where the lines are read
        await lines.put(error)


def _json_line(logged: LoggedEvent) -> str:
    return orjson.dumps({"position": logged.position, **orjson.loads(logged.event.to_json())}).decode()


def _text_line(logged: LoggedEvent) -> str:
    event = logged.event
    moment = event.time.astimezone().strftime("%H:%M:%S")
    data = orjson.dumps(event.data).decode()
    return f"{logged.position}  {moment}  {event.type}  {event.subject}  {data}"
