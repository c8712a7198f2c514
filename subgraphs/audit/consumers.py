"""What every domain recorded is copied here."""

from __future__ import annotations

from subgraphs.audit.service.keep_copy import Recorded, keep_copy
from subgraphs.kit.events.consumer import Consumer, EventContext


async def copy_entry(context: EventContext, recorded: Recorded) -> None:
    """Keeps the entry."""
    event = context.event
    await keep_copy(context.session, recorded, event.subject, event.tenant, event.time)


CONSUMERS = (Consumer("copy_entry", on="audit.recorded", reads=Recorded, handle=copy_entry),)
