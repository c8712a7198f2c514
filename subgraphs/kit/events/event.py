"""What a domain says has happened: the base of every event class, and its JSON form."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import TypeAdapter

from subgraphs.kit.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. Subclasses are named in the past tense, set `type` and add their own fields.

    `type` is `<topic>.<what_happened>`. The topic is the kind of thing it happened to, and `subject` is that
    thing's id: events of one topic and subject stay in order all the way to their consumers.
    """

    type: ClassVar[str]

    subject: str
    occurred_at: datetime
    organization_id: UUID | None = None
    id: UUID = field(default_factory=new_id)

    def payload(self) -> dict[str, Any]:
        """Returns the subclass's own fields as JSON values; ids, dates and decimals become text."""
        return payload_adapter(type(self)).dump_python(self, mode="json", exclude=ENVELOPE_FIELDS)


ENVELOPE_FIELDS = {each.name for each in fields(Event)}


@functools.cache
def payload_adapter(event_class: type[Event]) -> TypeAdapter[Any]:
    """Returns what turns events of the class into JSON and tells their schema; both from one source."""
    return TypeAdapter(event_class)


def topic_of(event_type: str) -> str:
    """Returns the topic of an event type: `order` of `order.placed`."""
    return event_type.partition(".")[0]
