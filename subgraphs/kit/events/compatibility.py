"""Which changes of an event's schema break those who listen.

A listener reads what was there before: so nothing may go, change its type, become optional or null, or take
on values it could not have. Something new is passed over by those who do not know it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

KEEP = "Keep it, and say the new thing in a new field, or in a new event type beside this one."
DEPTH_MAX = 20


@dataclass(frozen=True, slots=True)
class ContractChange:
    """Something a listener relies on that is not so any more; `place` is event type and field."""

    code: str
    place: str
    message: str
    advice: str = KEEP


def contract_changes(before: Mapping[str, Schema], after: Mapping[str, Schema]) -> tuple[ContractChange, ...]:
    """Returns what breaks listeners, by event type."""
    changes: list[ContractChange] = []
    for kind, schema in before.items():
        if kind not in after:
            message = "The event is not published any more"
            changes.append(ContractChange("EVENT_REMOVED", kind, message))
        else:
            changes += _compare(kind, _Reader(schema), schema, _Reader(after[kind]), after[kind], 0)
    return tuple(changes)


def unmet_needs(
    published: Mapping[str, Schema], needs: Iterable[tuple[str, str, Schema]]
) -> tuple[ContractChange, ...]:
    """Returns what consumers read that no event has; each need is (consumer, event type, schema)."""
    changes: list[ContractChange] = []
    for consumer, kind, schema in needs:
        if kind not in published:
            message = f"{consumer} listens to it, and no domain publishes it"
            changes.append(ContractChange("EVENT_UNKNOWN", kind, message, "Name an event of the catalogue."))
            continue
        reading = _Reader(schema, has_defaults=True)
        found = _compare(kind, reading, schema, _Reader(published[kind]), published[kind], 0)
        advice = f"Change what {consumer} reads to what stands in the catalogue."
        changes += [
            ContractChange("EVENT_DIFFERS", each.place, f"{consumer} relies on it. {each.message}", advice)
            for each in found
        ]
    return tuple(changes)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Looks references up in the schema's own definitions."""

    root: Schema
    has_defaults: bool = False
    """Whether its owner falls back on defaults for what is absent: a consumer does, a contract does not."""

    def resolve(self, schema: Schema) -> Schema:
        """Returns what a schema refers to, or itself."""
        reference = schema.get("$ref")
        return schema if reference is None else self.root["$defs"][reference.rpartition("/")[2]]

    def branches(self, schema: Schema) -> Sequence[Schema]:
        """Returns the alternatives of a schema; one when it has none."""
        resolved = self.resolve(schema)
        return [self.resolve(each) for each in resolved.get("anyOf", [resolved])]


def _compare(
    place: str, old: _Reader, before: Schema, new: _Reader, after: Schema, depth: int
) -> Iterator[ContractChange]:
    """Every alternative a listener may meet now must be one it knew; the first that fits is compared."""
    assert depth < DEPTH_MAX, "payloads are trees of dataclasses, and none is that deep"
    known = old.branches(before)
    for branch in new.branches(after):
        fitting = [each for each in known if _takes(each, branch)]
        if not fitting:
            told = " or ".join(sorted(_kind(each) for each in known))
            yield ContractChange("FIELD_RETYPED", place, f"It was {told} and can be {_kind(branch)} now")
        else:
            yield from _compare_alike(place, old, fitting[0], new, branch, depth)


def _compare_alike(
    place: str, old: _Reader, before: Schema, new: _Reader, after: Schema, depth: int
) -> Iterator[ContractChange]:
    if "enum" in before:
        added = sorted(str(value) for value in set(after.get("enum", [])) - set(before["enum"]))
        if added or "enum" not in after:
            message = f"It can have values it could not have: {', '.join(added) or 'any'}"
            yield ContractChange("VALUE_ADDED", place, message)
    for part in ("items", "additionalProperties"):
        if isinstance(before.get(part), Mapping):
            inner = after.get(part)
            yield from _compare(
                f"{place}[]", old, before[part], new, inner if isinstance(inner, Mapping) else {}, depth + 1
            )
    yield from _compare_fields(place, old, before, new, after, depth)


def _compare_fields(
    place: str, old: _Reader, before: Schema, new: _Reader, after: Schema, depth: int
) -> Iterator[ContractChange]:
    fields = after.get("properties", {})
    for name, schema in before.get("properties", {}).items():
        at = f"{place}.{name}"
        if name not in fields:
            if name in before.get("required", ()) or not old.has_defaults:
                yield ContractChange("FIELD_REMOVED", at, "It is gone")
            continue
        if name in before.get("required", ()) and name not in after.get("required", ()):
            yield ContractChange("FIELD_OPTIONAL", at, "It was always there and can be absent now")
        yield from _compare(at, old, schema, new, fields[name], depth + 1)


def _takes(known: Schema, branch: Schema) -> bool:
    """Says whether who knew the one can read the other: any text for a date, but not a date for any text."""
    if _accepts_all(known):
        return True
    types = {known.get("type"), "integer"} if known.get("type") == "number" else {known.get("type")}
    return branch.get("type") in types and known.get("format") in (None, branch.get("format"))


def _kind(schema: Schema) -> str:
    written = str(schema.get("type", "anything"))
    return f"{written} ({schema['format']})" if "format" in schema else written


def _accepts_all(schema: Schema) -> bool:
    return not {"type", "enum", "const", "anyOf", "$ref"} & set(schema)
