"""The JSON Schema of each event's payload, made from its class: the contract between the domains."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from subgraphs.kit.audit.event import AuditRecorded
from subgraphs.kit.events.cloud_event import source_of
from subgraphs.kit.events.event import ENVELOPE_FIELDS, Event, payload_adapter

EVERY_DOMAIN = "every-domain"
"""What stands as the source in contracts of events that the kit records in each domain."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class UnknownEventTypeError(LookupError):
    """The domain's `events.py` has no class of this type."""


def find_event_classes(package: str) -> dict[str, type[Event]]:
    """Returns the event classes of a domain's package by their type; empty when it has no `events.py`."""
    name = f"{package}.events"
    if importlib.util.find_spec(name) is None:
        return {}
    module = importlib.import_module(name)
    found: dict[str, type[Event]] = {}
    for kind in vars(module).values():
        if inspect.isclass(kind) and issubclass(kind, Event) and "type" in vars(kind):
            if kind.type in found and found[kind.type] is not kind:
                raise ValueError(f"{name} has two classes of the type {kind.type}")
            found[kind.type] = kind
    return dict(sorted(found.items()))


KIT_EVENTS: Mapping[str, type[Event]] = {AuditRecorded.type: AuditRecorded}
"""Events that every domain publishes."""


def event_schema(event_class: type[Event], domain: str) -> dict[str, Any]:
    """Returns the JSON Schema of the payload; `x-source` is the CloudEvents source it comes from."""
    made = _without_titles(payload_adapter(event_class).json_schema(mode="serialization"))
    properties = {name: each for name, each in made["properties"].items() if name not in ENVELOPE_FIELDS}
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "title": event_class.type,
        "description": inspect.cleandoc(event_class.__doc__ or ""),
        "x-source": source_of(domain),
        "type": "object",
        "properties": properties,
        "required": [name for name in made.get("required", []) if name in properties],
    }
    if "$defs" in made:
        schema["$defs"] = made["$defs"]
    return schema


class EventSchemas:
    """The schemas of one domain's events, compiled once."""

    def __init__(self, classes: Mapping[str, type[Event]], domain: str) -> None:
        self._validators = {
            kind: jsonschema_rs.validator_for(event_schema(event_class, domain), validate_formats=True)
            for kind, event_class in {**KIT_EVENTS, **classes}.items()
        }

    def fault_in(self, event_type: str, payload: Mapping[str, Any]) -> str | None:
        """Returns what is wrong with the payload, or None; raises UnknownEventTypeError."""
        validator = self._validators.get(event_type)
        if validator is None:
            raise UnknownEventTypeError(f"no event class has the type {event_type}")
        if validator.is_valid(payload):
            return None
        return "; ".join(_faults(validator, payload))


def _faults(validator: Any, payload: Mapping[str, Any]) -> Iterator[str]:
    for error in validator.iter_errors(payload):
        place = ".".join(str(step) for step in error.instance_path) or "payload"
        yield f"{place}: {error.message}"


def _without_titles(schema: Any) -> Any:
    """Takes away the titles pydantic derives from names; they say nothing the names do not."""
    if isinstance(schema, dict):
        return {
            name: _without_titles(each)
            for name, each in schema.items()
            if not (name == "title" and isinstance(each, str))
        }
    return [_without_titles(each) for each in schema] if isinstance(schema, list) else schema
