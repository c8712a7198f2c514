"""Finds the objects of merged data that a fetch is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from router.plan import PathStep
from router.plan.model import Path

ResponsePath = tuple[str | int, ...]
JsonObject = dict[str, Any]


def type_name(one: JsonObject) -> str | None:
    """Returns what an object says its type is; None when it says nothing that could be one."""
    name = one.get("__typename")
    return name if isinstance(name, str) else None


def objects_at(data: JsonObject, path: Path) -> list[JsonObject]:
    """Returns the objects under `path`, lists flattened, nulls and objects of other types left out."""
    found: list[Any] = [data]
    for step in path:
        below: list[Any] = []
        for one in found:
            _flatten(one.get(step.key), below)
        if step.types is not None:
            below = [one for one in below if type_name(one) in step.types]
        found = below
    return found


def _flatten(value: Any, into: list[Any]) -> None:
    if isinstance(value, dict):
        into.append(value)
    elif isinstance(value, list):
        for item in value:
            _flatten(item, into)


def paths_of(data: JsonObject, path: Path) -> dict[int, ResponsePath]:
    """Returns the response path of each object under `path`, by the object's identity.

    Only asked for when a subgraph answered with errors: the way without errors keeps no paths.
    """
    found: dict[int, ResponsePath] = {}
    for one, at in _walk(data, path, ()):
        found.setdefault(id(one), at)
    return found


def _walk(
    value: Any, path: tuple[PathStep, ...], at: ResponsePath
) -> Iterator[tuple[JsonObject, ResponsePath]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, path, (*at, index))
    elif isinstance(value, dict):
        if not path:
            yield value, at
            return
        step = path[0]
        for one, below in _walk(value.get(step.key), (), (*at, step.key)):
            if step.types is None or type_name(one) in step.types:
                yield from _walk(one, path[1:], below)
