"""DataLoaders of one request: every key asked for in one turn of the event loop goes into one statement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from strawberry.dataloader import DataLoader

if TYPE_CHECKING:
    from subgraphs.kit.context import RequestContext

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

LoadFunction = Callable[..., Awaitable[Sequence[V]]]


class LoaderRegistry:
    """Keeps one loader per load function and fixed arguments.

    A load function is `async def load_x_by_id(context, keys, *, <fixed arguments>) -> list`, and answers in
    the order of `keys`, with None where nothing is found.
    """

    def __init__(self, context: RequestContext) -> None:
        self._context = context
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}

    def get(self, load: LoadFunction[V], **fixed: Hashable) -> DataLoader[Any, V]:
        """Returns the request's loader for this function."""
        identity = (load, tuple(sorted(fixed.items()))) if fixed else load
        loader = self._loaders.get(identity)
        if loader is None:
            loader = DataLoader(load_fn=partial(load, self._context, **fixed))
            self._loaders[identity] = loader
        return loader

    def clear(self) -> None:
        """Forgets what was loaded; a mutation has changed it."""
        self._loaders.clear()


async def load_at_once(loader: DataLoader[K, V], keys: Iterable[K]) -> dict[K, V]:
    """Returns the values by key; those the loader does not have yet in one call of its load function, now.

    For many keys that are known together: the loader's own way makes a future and two callbacks for each.
    """
    known = loader.cache_map
    found: dict[K, V] = {}
    missing: list[K] = []
    for key in dict.fromkeys(keys):
        future = known.get(key)
        if future is None or future.cancelled():
            missing.append(key)
        else:
            found[key] = await future
    if missing:
        values: Sequence[Any] = await loader.load_fn(missing)
        assert len(values) == len(missing), "a load function answers every key"
        loaded = dict(zip(missing, values, strict=True))
        loader.prime_many(loaded)
        found.update(loaded)
    return found


def in_order(keys: Iterable[K], found: Mapping[K, V]) -> list[V | None]:
    """Returns the found values in the order of the keys, None for a missing one."""
    return [found.get(key) for key in keys]
