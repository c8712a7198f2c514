"""The answer of one operation in parts: each projected once its fetches are done, for each of its objects."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from router.executor import ArrivedParts, FetchContext, execute_in_parts
from router.executor.merge.objects import type_name
from router.pipeline.prepare import PreparedOperation
from router.plan import DeferredPart
from router.plan.model import Path
from router.response.incremental import Delivery, Payload, Pending, ResponsePath
from router.response.result import GraphQLResult, ResponseError

INITIAL = 0


async def answer_in_parts(
    prepared: PreparedOperation, context: FetchContext, introspected: dict[str, Any]
) -> AsyncGenerator[Payload, None]:
    """Yields the initial response, then what is deferred as it arrives.

    Fetches for fragments that stand at no object are cancelled when nothing else is left.
    """
    answer = _Answer(prepared)
    async with aclosing(execute_in_parts(prepared.plan, context)) as arrivals:
        async for arrived in arrivals:
            if INITIAL in arrived.parts:
                arrived.data.update(introspected)
                yield answer.begin(arrived)
            elif (payload := answer.deliver(arrived)) is not None:
                yield payload
            if not answer.waiting:
                return


@dataclass(slots=True)
class _Instance:
    """A deferred part at one object: `raw` is the object in merged data."""

    pending: Pending
    raw: dict[str, Any]


@dataclass
class _Answer:
    """What was announced and is not delivered yet, by part."""

    prepared: PreparedOperation
    waiting: dict[int, list[_Instance]] = field(default_factory=dict)
    errors: list[ResponseError] = field(default_factory=list)
    announced: int = 0

    def begin(self, arrived: ArrivedParts) -> Payload:
        """Returns the payload of the initial response."""
        errors = arrived.errors[INITIAL]
        self.errors += errors
        data, found = self.prepared.projection.project(arrived.data, errors)
        self.errors += found
        announced = self._announce(INITIAL, arrived.data, data, ())
        return Payload(GraphQLResult(data, (*errors, *found)), announced, has_next=bool(self.waiting))

    def deliver(self, arrived: ArrivedParts) -> Payload | None:
        """Returns the payload of parts that arrived, or None when they stand at no object."""
        announced: list[Pending] = []
        delivered: list[Delivery] = []
        for part in arrived.parts:
            self.errors += arrived.errors[part]
            instances = self.waiting.pop(part, [])
            for instance, own in _share_errors(instances, arrived.errors[part]):
                delivery = self._project(part, instance, own)
                delivered.append(delivery)
                announced += self._announce(part, instance.raw, delivery.data, instance.pending.path)
        if not delivered:
            return None
        return Payload(None, tuple(announced), tuple(delivered), bool(self.waiting))

    def _project(self, part: int, instance: _Instance, own: tuple[ResponseError, ...]) -> Delivery:
        path = instance.pending.path
        data, found = self.prepared.deferred[part - 1].project(instance.raw, self.errors, path)
        self.errors += found
        errors = (*own, *found)
        if data is None and not errors:
            # The null came with an earlier part, which told its error; a part that fails tells it again.
            errors = tuple(error for error in self.errors if _is_related(error, path))
        return Delivery(instance.pending, data, errors)

    def _announce(
        self, parent: int, raw: dict[str, Any], shaped: dict[str, Any] | None, at: ResponsePath
    ) -> tuple[Pending, ...]:
        """Returns what is nested in a part and stands at an object it delivered, and waits for it."""
        if shaped is None:
            return ()
        announced: list[Pending] = []
        parts = self.prepared.plan.parts
        above = len(parts[parent - 1].path) if parent != INITIAL else 0
        for part in parts:
            if part.parent != parent or not _is_of_types(raw, part, above):
                continue
            for path, one in _objects_delivered(raw, shaped, part.path[above:], at):
                pending = Pending(str(self.announced), path, part.label)
                self.announced += 1
                self.waiting.setdefault(part.id, []).append(_Instance(pending, one))
                announced.append(pending)
        return tuple(announced)


def _is_of_types(raw: dict[str, Any], part: DeferredPart, above: int) -> bool:
    """Whether the object a part is nested at is of the types that the part's path demands of it."""
    types = part.path[above - 1].types if above else None
    return types is None or type_name(raw) in types


def _objects_delivered(
    raw: Any, shaped: Any, path: Path, at: ResponsePath
) -> Iterator[tuple[ResponsePath, dict[str, Any]]]:
    """Yields the objects of merged data under `path` that the client was sent, with their response paths."""
    if isinstance(raw, list) and isinstance(shaped, list):
        for index, (one, sent) in enumerate(zip(raw, shaped, strict=False)):
            yield from _objects_delivered(one, sent, path, (*at, index))
    elif isinstance(raw, dict) and isinstance(shaped, dict):
        if not path:
            yield at, raw
            return
        step = path[0]
        for below, one in _objects_delivered(raw.get(step.key), shaped.get(step.key), (), (*at, step.key)):
            if step.types is None or type_name(one) in step.types:
                sent: Any = shaped
                for key in below[len(at) :]:
                    sent = sent[key]
                yield from _objects_delivered(one, sent, path[1:], below)


def _share_errors(
    instances: list[_Instance], errors: Iterable[ResponseError]
) -> Iterator[tuple[_Instance, tuple[ResponseError, ...]]]:
    """Yields each instance with the errors under its path; the first also gets those under none."""
    left = list(errors)
    shared: list[list[ResponseError]] = []
    for instance in instances:
        path = instance.pending.path
        shared.append([error for error in left if error.path is not None and error.path[: len(path)] == path])
    placed = {id(error) for own in shared for error in own}
    elsewhere = [error for error in left if id(error) not in placed]
    for index, (instance, own) in enumerate(zip(instances, shared, strict=True)):
        yield instance, (*(elsewhere if index == 0 else ()), *own)


def _is_related(error: ResponseError, path: ResponsePath) -> bool:
    if error.path is None:
        return True
    shorter = min(len(error.path), len(path))
    return error.path[:shorter] == path[:shorter]
