"""What identity does about its own events: the end of a session is told to whoever verifies tokens."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from subgraphs.identity.service.ended_sessions import EndedSessions
from subgraphs.kit.events.consumer import Consumer, EventContext


@dataclass(frozen=True, slots=True)
class Revoked:
    """The session that has ended."""

    session_id: UUID


async def refuse_its_tokens(context: EventContext, revoked: Revoked) -> None:
    """Notes the session in Redis; repeated, it changes nothing."""
    await context.port(EndedSessions).add(revoked.session_id)


CONSUMERS = (Consumer("refuse_tokens", on="session.revoked", reads=Revoked, handle=refuse_its_tokens),)
