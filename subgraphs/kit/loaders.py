"""Loaders of one request: every key asked for in one turn of the event loop goes into one statement."""

from __future__ import annotations

from asyncio import AbstractEventLoop, Future, Task, gather, get_running_loop
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from subgraphs.kit.context import RequestContext

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

LoadFunction = Callable[..., Awaitable[Sequence[V]]]


class BatchLoader(Generic[K, V]):
    """Loads values by key, each key once.

    `load` collects keys until the turn of the loop is over; `load_now` is for many keys that are known
    together, and spares the fields that `load` one of them later a turn of the loop each.
    """

    def __init__(self, load_values: Callable[[list[K]], Awaitable[Sequence[V]]]) -> None:
        self._load_values = load_values
        self._known: dict[K, V] = {}
        self._futures: dict[K, Future[V]] = {}
        self._asked: list[K] | None = None
        self._loop: AbstractEventLoop | None = None
        self._tasks: set[Task[None]] = set()

    def load(self, key: K) -> Awaitable[V]:
        """Returns what becomes the key's value; one that is known already makes nobody wait."""
        future = self._futures.get(key)
        if future is not None and not future.cancelled():
            return future
        loop = self._loop = self._loop or get_running_loop()
        future = self._futures[key] = loop.create_future()
        if key in self._known:
            future.set_result(self._known[key])
            return future
        if self._asked is None:
            self._asked = []
            # Two turns: what is asked by whoever this turn wakes belongs to the batch as well.
            loop.call_soon(self._begin, self._asked)
        self._asked.append(key)
        return future

    def load_many(self, keys: Iterable[K]) -> Awaitable[list[V]]:
        """Returns what becomes the values, in the order of the keys."""
        return gather(*map(self.load, keys))

    async def load_now(self, keys: Iterable[K]) -> Mapping[K, V]:
        """Returns the values by key (and others'), those not known yet in one call of the load function."""
        known, futures = self._known, self._futures
        wanted = list(dict.fromkeys(keys))
        missing = [key for key in wanted if key not in known and key not in futures]
        if missing:
            known.update(zip(missing, await self._values_of(missing), strict=True))
        for key in wanted:
            if key not in known:
                known[key] = await futures[key]
        return known

    def close(self) -> None:
        """Forgets what was loaded, and stops what is being loaded, and who waits for it."""
        for waiting in (*self._tasks, *self._futures.values()):
            waiting.cancel()
        self._known.clear()
        self._futures.clear()

    def _begin(self, asked: list[K]) -> None:
        task = get_running_loop().create_task(self._answer(asked))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, keys: list[K]) -> None:
        self._asked = None
        futures = [self._futures.get(key) for key in keys]
        if all(future is None or future.cancelled() for future in futures):
            return
        try:
            values: Sequence[Any] = await self._values_of(keys)
        except Exception as error:  # noqa: BLE001 - whoever asked is told
            values = [error] * len(keys)
        for future, value in zip(futures, values, strict=True):
            if future is None or future.done():
                continue
            if isinstance(value, Exception):
                future.set_exception(value)
            else:
                future.set_result(value)

    async def _values_of(self, keys: list[K]) -> Sequence[V]:
        values = await self._load_values(keys)
        assert len(values) == len(keys), "a load function answers every key"
        return values


class LoaderRegistry:
    """Keeps one loader per load function and fixed arguments.

    A load function is `async def load_x_by_id(context, keys, *, <fixed arguments>) -> list`, and answers in
    the order of `keys`, with None where nothing is found.
    """

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._loaders: dict[Hashable, BatchLoader[Any, Any]] = {}

    def get(self, load: LoadFunction[V], **fixed: Hashable) -> BatchLoader[Any, V]:
        """Returns the request's loader for this function."""
        identity = (load, tuple(sorted(fixed.items()))) if fixed else load
        loader = self._loaders.get(identity)
        if loader is None:
            loader = BatchLoader(partial(load, self._context, **fixed))
            self._loaders[identity] = loader
        return loader

    def clear(self) -> None:
        """Forgets what was loaded; a mutation has changed it."""
        for loader in self._loaders.values():
            loader.close()
        self._loaders.clear()


def in_order(keys: Iterable[K], found: Mapping[K, V]) -> list[V | None]:
    """Returns the found values in the order of the keys, None for a missing one."""
    return [found.get(key) for key in keys]
