"""Represents entities that take values from objects around them (@fromContext)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from router.executor.merge.objects import JsonObject, type_name
from router.executor.merge.representations import MISSING, Batch, identify, represent_objects
from router.plan import ContextValue, Entities, PathStep, RepresentedField


def represent_around(data: JsonObject, entities: Entities) -> list[Batch]:
    """Returns a batch for each set of values that objects under the paths take from around them.

    An object is left out when a value it takes is missing, or is null where none may be.
    """
    by_values: dict[bytes, tuple[dict[str, Any], list[JsonObject]]] = {}
    for path in entities.paths:
        for one, around in _walk(data, path, (data,)):
            values = _values(around, entities.context)
            if values is not None:
                by_values.setdefault(identify(values), (values, []))[1].append(one)
    batches: list[Batch] = []
    for values, objects in by_values.values():
        batch = represent_objects(entities, objects)
        batch.values = values
        batches.append(batch)
    return batches


def _walk(
    value: Any, path: tuple[PathStep, ...], around: tuple[JsonObject, ...]
) -> Iterator[tuple[JsonObject, tuple[JsonObject, ...]]]:
    """Yields the objects under the path, each with the objects on the way to it, the root first."""
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, path, around)
    elif isinstance(value, dict) and not path:
        yield value, around
    elif isinstance(value, dict):
        step = path[0]
        for one, _ in _walk(value.get(step.key), (), ()):
            if step.types is None or type_name(one) in step.types:
                yield from _walk(one, path[1:], (*around, one))


def _values(around: tuple[JsonObject, ...], context: Iterable[ContextValue]) -> dict[str, Any] | None:
    values: dict[str, Any] = {}
    for wanted in context:
        value = _take(around[wanted.depth], wanted.fields)
        if value is MISSING or (value is None and wanted.is_required):
            return None
        values[wanted.variable] = value
    return values


def _take(one: Any, fields: Iterable[RepresentedField]) -> Any:
    """Returns the value the fields lead to; of fields for several types, the object's own type's."""
    for field in fields:
        if field.types is not None and type_name(one) not in field.types:
            continue
        value = one.get(field.key, MISSING)
        if field.fields is None or not isinstance(value, (dict, list)):
            return value
        if isinstance(value, dict):
            return _take(value, field.fields)
        return [_take(item, field.fields) if isinstance(item, dict) else item for item in value]
    return MISSING
