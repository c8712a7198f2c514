"""An event as it travels: CloudEvents 1.0, JSON format, structured mode.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from subgraphs.kit.events.event import topic_of
from subgraphs.kit.trace_context import NO_TRACE, TraceContext, read_trace

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/cloudevents+json"


class MalformedEventError(ValueError):
    """What came from the bus is no event of this format."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudEvent:
    """One published event. `tenant` is the organization it belongs to; `data` is the payload."""

    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    data: Mapping[str, Any]
    tenant: UUID | None = None
    trace: TraceContext = NO_TRACE

    @property
    def topic(self) -> str:
        """The kind of thing it happened to: `order` of `order.placed`."""
        return topic_of(self.type)

    def to_json(self) -> bytes:
        """Returns the event as CloudEvents JSON; absent attributes are left out, as the format asks."""
        attributes: dict[str, Any] = {
            "specversion": SPEC_VERSION,
            "id": str(self.id),
            "source": self.source,
            "type": self.type,
            "subject": self.subject,
            "time": self.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
        }
        extensions = {
            "tenant": str(self.tenant) if self.tenant else None,
            "traceparent": self.trace.traceparent,
            "tracestate": self.trace.tracestate,
        }
        attributes |= {name: value for name, value in extensions.items() if value is not None}
        return orjson.dumps({**attributes, "data": self.data})

    @classmethod
    def from_json(cls, text: bytes) -> CloudEvent:
        """Returns the event of the JSON; unknown attributes are passed over, missing ones refused."""
        try:
            attributes = orjson.loads(text)
            if attributes["specversion"] != SPEC_VERSION:
                raise MalformedEventError(f"CloudEvents {attributes['specversion']} is not understood")
            tenant = attributes.get("tenant")
            return cls(
                id=UUID(attributes["id"]),
                source=attributes["source"],
                type=attributes["type"],
                subject=attributes["subject"],
                time=datetime.fromisoformat(attributes["time"]),
                data=attributes["data"],
                tenant=UUID(tenant) if tenant else None,
                trace=read_trace(attributes),
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise MalformedEventError(f"no CloudEvent in JSON: {error}") from error


def source_of(domain: str) -> str:
    """Returns the `source` of a domain's events, a URI reference."""
    return f"/zellige/{domain}"
