"""Rewrites the errors of a subgraph's answer to what the client asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from router.executor.merge.objects import JsonObject, ResponsePath, paths_of
from router.executor.merge.representations import Batch
from router.plan import Fetch
from router.response.result import ResponseError

# One error of a popular entity stands at every place that shows it; more than these help nobody.
POSITIONS_PER_ERROR_MAX = 50


def rewrite_errors(
    data: JsonObject, fetch: Fetch, batches: Iterable[Batch], errors: Iterable[Mapping[str, Any]]
) -> Iterator[ResponseError]:
    """Yields the errors with the client's paths, the subgraph's code and its name.

    An error of an entity is repeated at each place that shows the entity; one that names no entity is told
    once, at the place the fetch is about.
    """
    by_key = {batch.entities.key: batch for batch in batches}
    for error in errors:
        message = error.get("message")
        given = error.get("extensions")
        extensions = dict(given) if isinstance(given, Mapping) else {}
        code = extensions.pop("code", None)
        extensions["serviceName"] = fetch.service
        for path in _client_paths(data, fetch, by_key, error.get("path")):
            yield ResponseError(
                message if isinstance(message, str) else "The subgraph reported an error.",
                code if isinstance(code, str) else "DOWNSTREAM_SERVICE_ERROR",
                path,
                (),
                extensions,
            )


def failure_errors(
    data: JsonObject, fetch: Fetch, message: str, code: str, http_status: int | None
) -> Iterator[ResponseError]:
    """Yields the one error of a fetch that failed as a whole."""
    extensions: dict[str, Any] = {"serviceName": fetch.service}
    if http_status is not None:
        extensions["http"] = {"status": http_status}
    yield ResponseError(message, code, _fetch_path(data, fetch), (), extensions)


def _client_paths(
    data: JsonObject, fetch: Fetch, by_key: Mapping[str, Batch], path: Any
) -> list[ResponsePath | None]:
    if not isinstance(path, (list, tuple)) or not path:
        return [_fetch_path(data, fetch)]
    renamed = tuple(fetch.renames.get(key, key) if isinstance(key, str) else key for key in path)
    if not fetch.entities:
        starts = list(paths_of(data, fetch.path).values()) if fetch.path else [()]
        return [(*start, *renamed) for start in starts[:POSITIONS_PER_ERROR_MAX]]
    batch = by_key.get(str(path[0]))
    index = path[1] if len(path) > 1 else None
    if batch is None or not isinstance(index, int) or not 0 <= index < len(batch.targets):
        return [_fetch_path(data, fetch)]
    places: dict[int, ResponsePath] = {}
    for one in batch.entities.paths:
        places.update(paths_of(data, one))
    found = [places[id(target)] for target in batch.targets[index] if id(target) in places]
    return [(*place, *renamed[2:]) for place in found[:POSITIONS_PER_ERROR_MAX]]


def _fetch_path(data: JsonObject, fetch: Fetch) -> ResponsePath | None:
    """Returns the place a fetch is about, as far as it is one place: up to the first list."""
    path = fetch.entities[0].paths[0] if fetch.entities else fetch.path
    if not path:
        return None
    first = next(iter(paths_of(data, path).values()), None)
    if first is None:
        return tuple(step.key for step in path[:1])
    for index, key in enumerate(first):
        if isinstance(key, int):
            return first[:index]
    return first
