"""Response paths: cheap while nothing goes wrong, graphql-core's when a resolver or an error asks.

A light path is a tuple of the same three parts as graphql-core's `Path`, which costs a fifth of it to make:
what lies above, key, and the name of the type the field belongs to (None for an item of a list).
"""

from __future__ import annotations

from typing import Any

from graphql.pyutils import Path

LightPath = tuple[Any, "str | int", "str | None"]


def full_path(path: LightPath | None) -> Path | None:
    """Returns the path as graphql-core's; what is one already is kept."""
    if path is None or type(path) is Path:
        return path  # pyright: ignore[reportReturnType]  # narrowed by the exact type
    return Path(full_path(path[0]), path[1], path[2])


def path_keys(path: LightPath | None) -> list[str | int]:
    """Returns the keys from the root down."""
    keys: list[str | int] = []
    while path is not None:
        keys.append(path[1])
        path = path[0]
    return keys[::-1]


def field_path(path: LightPath) -> LightPath:
    """Returns the path of the field that a place in its list, or in lists within it, belongs to."""
    while path[2] is None:
        path = path[0]
    return path
