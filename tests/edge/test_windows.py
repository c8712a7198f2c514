"""Counters over sliding windows: exact in memory, the same in Redis, one winner for the last place."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import pytest_asyncio

from router.config import CountersConfig
from router.pipeline.windows import Hit, Standing, Windows, WindowsUnavailableError, open_windows
from router.pipeline.windows.memory import MemoryWindows
from tests.support.engines import redis_url

MINUTE_MS = 60_000


class Clock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.now = 6_000.0  # the beginning of a minute

    def __call__(self) -> float:
        return self.now


def hit(cost: int = 1, key: bytes = b"k", limit: int = 10) -> Hit:
    return Hit(key, limit, MINUTE_MS, cost)


def test_the_window_before_slides_out_little_by_little() -> None:
    clock = Clock()
    windows = MemoryWindows(100, clock)
    assert windows.take_now([hit(10)]).is_taken
    clock.now += 60  # all of it still counts
    assert not windows.take_now([hit()]).is_taken
    clock.now += 30  # half of it does
    assert windows.take_now([hit(5)]).is_taken
    refused = windows.take_now([hit()])
    assert (refused.is_taken, refused.standings) == (False, [Standing(5, 10, 30_000)])
    assert refused.standings[0].used(MINUTE_MS) == 10
    clock.now += 91
    assert windows.take_now([hit(10)]).is_taken


@pytest.mark.parametrize(
    ("standing", "cost", "wait_ms"),
    [
        (Standing(0, 0, 0), 1, 0),
        (Standing(10, 0, 0), 1, 66_000),  # until the next window, and a tenth of this one has to slide out
        (Standing(0, 10, 0), 1, 6_000),
        (Standing(5, 10, 30_000), 1, 6_000),
        (Standing(0, 0, 0), 11, 60_000),  # never: a window is as good as any answer
    ],
)
def test_the_wait_is_what_has_to_slide_out(standing: Standing, cost: int, wait_ms: int) -> None:
    assert standing.wait_ms(hit(cost)) == wait_ms


def test_all_hits_are_taken_or_none() -> None:
    windows = MemoryWindows(100, Clock())
    narrow, wide = hit(key=b"narrow", limit=1), hit(key=b"wide", limit=100)
    assert windows.take_now([narrow, wide]).is_taken
    refused = windows.take_now([wide, narrow])
    assert not refused.is_taken
    assert windows.take_now([wide]).standings[0].current == 1


def test_memory_is_bounded() -> None:
    windows = MemoryWindows(100, Clock())
    for number in range(1_000):
        windows.take_now([hit(key=b"%d" % number)])
    assert len(windows._counters) == 100


def in_redis(**settings: object) -> CountersConfig:
    values = {"redis_url": redis_url(), "key_prefix": f"zellige:test:{uuid4()}:", "timeout_ms": 10_000}
    return CountersConfig.model_validate({"store": "redis", **values, **settings})


@pytest_asyncio.fixture
async def shared() -> AsyncIterator[Windows]:
    windows = open_windows(in_redis())
    yield windows
    await windows.close()


async def test_redis_counts_as_memory_does(shared: Windows) -> None:
    assert (await shared.take([hit(4), hit(1, b"other", 100)])).is_taken
    taken = await shared.take([hit(6), hit(1, b"other", 100)])
    assert taken.is_taken
    assert [(one.current + one.previous) for one in taken.standings] == [4, 1]
    refused = await shared.take([hit(1, b"other", 100), hit(1)])
    assert not refused.is_taken
    assert (await shared.take([hit(1, b"other", 100)])).standings[0].used(MINUTE_MS) == pytest.approx(
        2, abs=1
    )


async def test_of_many_at_once_exactly_as_many_win_as_there_are_places() -> None:
    config = in_redis()
    processes = [open_windows(config) for _ in range(4)]
    try:
        hour = Hit(b"race", 7, 3_600_000)
        found = await asyncio.gather(*(processes[n % 4].take([hour]) for n in range(60)))
    finally:
        for windows in processes:
            await windows.close()
    assert sum(one.is_taken for one in found) == 7


@pytest.mark.parametrize(("policy", "let_in"), [("local", 10), ("open", 15)])
async def test_without_redis_the_policy_decides(policy: str, let_in: int) -> None:
    windows = open_windows(in_redis(redis_url="redis://127.0.0.1:1/0", when_unavailable=policy))
    found = [await windows.take([hit()]) for _ in range(15)]
    assert sum(one.is_taken for one in found) == let_in
    assert [reading.value for reading in windows.readings()] == [0]
    await windows.close()


async def test_without_redis_nobody_is_let_in_where_that_is_the_policy() -> None:
    windows = open_windows(in_redis(redis_url="redis://127.0.0.1:1/0", when_unavailable="closed"))
    for _ in range(5):
        with pytest.raises(WindowsUnavailableError):
            await windows.take([hit()])
    await windows.close()
