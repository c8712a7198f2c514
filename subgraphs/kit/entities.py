"""Reading the representations the router sends to `_entities`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from subgraphs.kit.ids import read_id
from subgraphs.kit.loaders import BatchLoader

Representation = Mapping[str, Any]
R = TypeVar("R")
E = TypeVar("E")


def ids_of(representations: Sequence[Representation]) -> list[UUID | None]:
    """Returns the `id` of each representation; None where it is missing or malformed, which finds nothing."""
    return [read_id(representation.get("id", "")) for representation in representations]


async def load_entities(
    loader: BatchLoader[UUID, R | None],
    representations: Sequence[Representation],
    convert: Callable[[R], E],
) -> list[E | None]:
    """Returns the entities by id in one batch; None where the loader, which knows the tenant, finds none."""
    ids = ids_of(representations)
    rows = await loader.load_now([each for each in ids if each is not None])
    return [convert(row) if each is not None and (row := rows[each]) is not None else None for each in ids]
