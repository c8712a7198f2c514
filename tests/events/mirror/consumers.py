"""What the mirror does when it hears of a change."""

from __future__ import annotations

from dataclasses import dataclass

from subgraphs.kit.events.consumer import Consumer, EventContext
from tests.events.mirror.app import EffectRow


@dataclass(frozen=True, slots=True)
class Changed:
    """What the mirror reads of a change."""

    number: int


async def reflect(context: EventContext, change: Changed) -> None:
    """Writes down one effect."""
    event = context.event
    context.session.add(EffectRow(event_id=event.id, account=event.subject, number=change.number))


CONSUMERS = (Consumer("reflect", on="account.changed", reads=Changed, handle=reflect),)
