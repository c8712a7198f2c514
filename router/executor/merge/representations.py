"""Represents entities for `_entities`: each distinct one once, with the objects it stands for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from router.executor.merge.objects import JsonObject, objects_at, type_name
from router.plan import Entities, Representation, RepresentedField

MISSING = object()


@dataclass
class Batch:
    """The representations of one `_entities` selection; `targets[i]` are the objects of the i-th.

    `is_complete` tells that every object could be represented. `values` are variables that hold for all of
    them.
    """

    entities: Entities
    representations: list[dict[str, Any]] = field(default_factory=list)
    targets: list[list[JsonObject]] = field(default_factory=list)
    is_complete: bool = True
    values: dict[str, Any] = field(default_factory=dict)


def represent(data: JsonObject, entities: Entities) -> Batch:
    """Returns the representations of the objects under the paths."""
    return represent_objects(entities, (one for path in entities.paths for one in objects_at(data, path)))


def represent_objects(entities: Entities, objects: Iterable[JsonObject]) -> Batch:
    """Returns the representations of the objects, equal ones once, in order of appearance.

    An object without the value of a key, or without a required field, is left out: half a representation
    would be answered with somebody else's data or with a guess.
    """
    batch = Batch(entities)
    positions: dict[bytes, int] = {}
    for one in objects:
        representation = _represent_object(one, entities.representations)
        if representation is None:
            batch.is_complete = False
            continue
        if not representation:
            continue
        position = positions.setdefault(identify(representation), len(batch.representations))
        if position == len(batch.representations):
            batch.representations.append(representation)
            batch.targets.append([])
        batch.targets[position].append(one)
    return batch


def identify(representation: Any) -> bytes:
    """Returns what is equal for equal representations, whatever the order of their fields."""
    return orjson.dumps(representation, option=orjson.OPT_SORT_KEYS)


def _represent_object(one: JsonObject, ways: Iterable[Representation]) -> dict[str, Any] | None:
    """Returns the representation; empty for an object of another type, None when something is missing."""
    own_type = type_name(one)
    found: dict[str, Any] = {}
    for way in ways:
        if way.types is not None and own_type is not None and own_type not in way.types:
            continue
        typename = way.typename or own_type
        if typename is None:
            continue
        fields = _represent_fields(one, way.fields, own_type)
        if fields is None:
            return None
        found = _join({"__typename": typename, **found}, fields)
    return found


def _represent_fields(
    one: JsonObject, fields: Iterable[RepresentedField], own_type: str | None
) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for wanted in fields:
        if wanted.types is not None and own_type is not None and own_type not in wanted.types:
            continue
        value = one.get(wanted.key, MISSING)
        if value is MISSING or (value is None and wanted.is_required):
            return None
        if wanted.fields is not None and value is not None:
            value = represent_value(value, wanted.fields)
            if value is MISSING:
                return None
        known = found.get(wanted.name, MISSING)
        found[wanted.name] = value if known is MISSING else _join(known, value)
    return found


def _join(known: Any, value: Any) -> Any:
    """Returns what two ways say of one value: objects are joined at every depth, also within lists."""
    if isinstance(known, dict) and isinstance(value, dict):
        new = {key: _join(known[key], each) if key in known else each for key, each in value.items()}
        return {**known, **new}
    if isinstance(known, list) and isinstance(value, list):
        return [_join(one, other) for one, other in zip(known, value, strict=True)]
    return value


def represent_value(value: Any, fields: tuple[RepresentedField, ...]) -> Any:
    if isinstance(value, list):
        items = [represent_value(item, fields) for item in value]
        return MISSING if any(item is MISSING for item in items) else items
    if not isinstance(value, dict):
        return value
    own_type = type_name(value)
    found = _represent_fields(value, fields, own_type)
    if found is None:
        return MISSING
    if own_type is not None:
        found["__typename"] = own_type
    return found
