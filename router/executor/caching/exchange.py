"""Sends a subgraph what is missing of a fetch, and takes its answer apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from router.cache.fetch_facts import EntitySelection
from router.executor.caching.items import Item
from router.executor.transport.client import SubgraphClient, SubgraphRequest, SubgraphResponse
from router.executor.transport.decode import decoded
from router.response.encode import encode_json

NULL = b"null"


class _EntitiesBody(msgspec.Struct):
    data: dict[str, list[msgspec.Raw]]
    errors: None = None


class _RootBody(msgspec.Struct):
    data: msgspec.Raw
    errors: None = None


_read_entities = msgspec.json.Decoder(_EntitiesBody).decode
_read_root = msgspec.json.Decoder(_RootBody).decode


@dataclass(slots=True)
class Arrived:
    """What one exchange brought. `errors` have the paths of the whole fetch.

    `response` is the answer as it came, for when it is the answer to the whole fetch.
    """

    response: SubgraphResponse
    errors: tuple[Mapping[str, Any], ...] = ()


async def fetch_items(
    client: SubgraphClient,
    service: str,
    request: SubgraphRequest,
    selections: Sequence[EntitySelection],
    items: Sequence[Item],
) -> Arrived:
    """Asks for the items and sets what they got; raises SubgraphError when no answer could be read.

    `selections` are all of the fetch: of those without a missing item, none is asked. An answer of another
    length than asked leaves all of its selection faulty.
    """
    variables = request.variables
    groups = _by_selection(items)
    if selections:
        assert variables is not None, "representations are sent in a variable"
        trimmed = {
            one.variable: [variables[one.variable][item.position] for item in groups.get(one.key, ())]
            for one in selections
        }
        variables = {**variables, **trimmed}
    response = await client.execute(replace(request, variables=variables, body=None, wants_body=True))
    if _take_bytes(response, items, groups):
        return Arrived(response)
    response = decoded(service, response)
    _take_values(response.data, items, groups)
    errors = tuple([_place_error(error, items, groups) for error in response.errors])
    return Arrived(response, errors)


def _by_selection(items: Sequence[Item]) -> dict[str, list[Item]]:
    groups: dict[str, list[Item]] = {}
    for item in items:
        if item.selection is not None:
            groups.setdefault(item.selection.key, []).append(item)
    return groups


def _take_bytes(response: SubgraphResponse, items: Sequence[Item], groups: Mapping[str, list[Item]]) -> bool:
    """Sets bodies from an undecoded answer; False when it is not a clean one."""
    if response.body is None:
        return False
    try:
        if not groups:
            data = bytes(_read_root(response.body).data)
            if data == NULL:
                return False
            items[0].body = data
            return True
        found = _read_entities(response.body).data
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    if any(len(group) != len(found.get(key, ())) for key, group in groups.items()):
        return False
    for key, group in groups.items():
        for item, value in zip(group, found[key], strict=True):
            # A copy, for what is kept must not hold the whole answer.
            item.body = bytes(value)
    return True


def _take_values(
    data: Mapping[str, Any] | None, items: Sequence[Item], groups: Mapping[str, list[Item]]
) -> None:
    """Sets bodies from decoded data."""
    if not groups:
        items[0].body = encode_json(data)
        items[0].is_faulty = data is None
        return
    for key, group in groups.items():
        values = data.get(key) if data is not None else None
        if isinstance(values, list) and len(values) == len(group):
            for item, value in zip(group, values, strict=True):
                item.body = encode_json(value)
        else:
            for item in group:
                item.body, item.is_faulty = NULL, True


def _place_error(
    error: Mapping[str, Any], items: Sequence[Item], groups: Mapping[str, list[Item]]
) -> Mapping[str, Any]:
    """Marks what an error is about as faulty; returns it with the position in the whole fetch."""
    given = error.get("path")
    path: list[Any] = list(given) if isinstance(given, list | tuple) else []
    group = groups.get(str(path[0])) if path else None
    if group is None:
        _mark(items)
        return error
    index = path[1] if len(path) > 1 else None
    if not isinstance(index, int) or not 0 <= index < len(group):
        _mark(group)
        return error
    group[index].is_faulty = True
    return {**error, "path": [path[0], group[index].position, *path[2:]]}


def _mark(items: Sequence[Item]) -> None:
    for item in items:
        item.is_faulty = True
