"""The two formats of an answer in parts, and the bodies they make of payloads.

`PreviousFormat` is the one of August 2022 (`deferSpec=20220824`): each payload carries whole fragments by
path. `CurrentFormat` is the later draft (`incrementalSpec=v0.2`): fragments are announced by id, delivered
without what the client has already, and completed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from router.response.incremental import Delivery, Payload, Pending, ResponsePath
from router.response.result import ResponseError

Body = dict[str, Any]


class IncrementalFormat(Protocol):
    """Puts the payloads of one answer, in their order, into bodies."""

    def body_of(self, payload: Payload) -> Body:
        """Returns the body of the next payload."""
        ...

    def abandon(self, error: ResponseError) -> Body:
        """Returns the last body of an answer that cannot be finished: every pending fragment fails."""
        ...


class PreviousFormat:
    """`{label, path, data, errors}` for each fragment and object."""

    def __init__(self) -> None:
        self._pending: dict[str, Pending] = {}

    def body_of(self, payload: Payload) -> Body:
        """Returns the body of the next payload."""
        self._pending.update((one.id, one) for one in payload.announced)
        body: Body = payload.result.to_map() if payload.result is not None else {}
        if payload.delivered:
            body["incremental"] = [self._entry(one) for one in payload.delivered]
        body["hasNext"] = payload.has_next
        return body

    def _entry(self, delivery: Delivery) -> Body:
        self._pending.pop(delivery.pending.id, None)
        entry: Body = {"data": delivery.data, "path": list(delivery.pending.path)}
        if delivery.pending.label is not None:
            entry["label"] = delivery.pending.label
        if delivery.errors:
            entry["errors"] = [error.to_map() for error in delivery.errors]
        return entry

    def abandon(self, error: ResponseError) -> Body:
        """Returns the last body of an answer that cannot be finished."""
        failed = tuple(Delivery(one, None, (error,)) for one in self._pending.values())
        return self.body_of(Payload(delivered=failed))


class CurrentFormat:
    """`pending`, `incremental` with `subPath` and `completed`; nothing is delivered twice.

    It keeps a copy of what the client has, to know what is new.
    """

    def __init__(self) -> None:
        self._view: Body | None = None
        self._pending: dict[str, Pending] = {}

    def body_of(self, payload: Payload) -> Body:
        """Returns the body of the next payload."""
        body: Body = {}
        if payload.result is not None:
            body = payload.result.to_map()
            self._view = _copy(payload.result.data)
        announced: list[Body] = []
        incremental: list[Body] = []
        completed: list[Body] = []
        waiting = list(payload.announced)
        self._announce(waiting, announced)
        for delivery in payload.delivered:
            if self._pending.pop(delivery.pending.id, None) is not None:
                completed.append(self._complete(delivery, incremental))
                # What is nested in it may stand at an object that came just now.
                self._announce(waiting, announced)
        for name, entries in (("pending", announced), ("incremental", incremental), ("completed", completed)):
            if entries:
                body[name] = entries
        body["hasNext"] = payload.has_next
        return body

    def _announce(self, waiting: list[Pending], announced: list[Body]) -> None:
        """Moves to `announced` what stands at an object the client has; the rest may have met a null."""
        for one in tuple(waiting):
            if isinstance(_value_at(self._view, one.path), dict):
                waiting.remove(one)
                self._pending[one.id] = one
                label = {"label": one.label} if one.label is not None else {}
                announced.append({"id": one.id, "path": list(one.path), **label})

    def _complete(self, delivery: Delivery, incremental: list[Body]) -> Body:
        """Adds what is new of a delivery to `incremental`; returns its entry in `completed`."""
        known = _value_at(self._view, delivery.pending.path)
        if delivery.data is None or not isinstance(known, dict) or _contradicts(known, delivery.data):
            errors = [error.to_map() for error in delivery.errors]
            return {"id": delivery.pending.id, "errors": errors}
        items = list(_add_new(known, delivery.data, ()))
        for sub_path, data in items or [((), {})] if delivery.errors else items:
            entry: Body = {"id": delivery.pending.id, "data": data}
            if sub_path:
                entry["subPath"] = list(sub_path)
            incremental.append(entry)
        if delivery.errors:
            incremental[-max(len(items), 1)]["errors"] = [error.to_map() for error in delivery.errors]
        return {"id": delivery.pending.id}

    def abandon(self, error: ResponseError) -> Body:
        """Returns the last body of an answer that cannot be finished."""
        failed = [{"id": number, "errors": [error.to_map()]} for number in self._pending]
        self._pending.clear()
        return {"completed": failed, "hasNext": False}


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value


def _value_at(value: Any, path: ResponsePath) -> Any:
    for step in path:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def _contradicts(known: Any, value: Any) -> bool:
    """Whether a null in the delivery stands where the client has an object or a list already."""
    if value is None:
        return isinstance(known, (dict, list))
    if isinstance(known, dict) and isinstance(value, dict):
        return any(key in known and _contradicts(known[key], item) for key, item in value.items())
    if isinstance(known, list) and isinstance(value, list):
        return any(_contradicts(one, other) for one, other in zip(known, value, strict=False))
    return False


def _add_new(known: Any, value: Any, path: ResponsePath) -> Iterator[tuple[ResponsePath, Body]]:
    """Adds to `known` what `value` has more, and yields it by the path of the object it belongs to."""
    if isinstance(known, list) and isinstance(value, list):
        for index, (one, other) in enumerate(zip(known, value, strict=False)):
            yield from _add_new(one, other, (*path, index))
    elif isinstance(known, dict) and isinstance(value, dict):
        fresh = {key: item for key, item in value.items() if key not in known}
        if fresh:
            yield path, fresh
        for key, item in value.items():
            if key not in fresh:
                yield from _add_new(known[key], item, (*path, key))
        known.update(_copy(fresh))
