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
        identity = (load, tuple(sorted(fixed.items())))
        loader = self._loaders.get(identity)
        if loader is None:
            loader = DataLoader(load_fn=partial(load, self._context, **fixed))
            self._loaders[identity] = loader
        return loader

    def clear(self) -> None:
        """Forgets what was loaded; a mutation has changed it."""
        self._loaders.clear()


def in_order(keys: Iterable[K], found: Mapping[K, V]) -> list[V | None]:
    """Returns the found values in the order of the keys, None for a missing one."""
    return [found.get(key) for key in keys]
