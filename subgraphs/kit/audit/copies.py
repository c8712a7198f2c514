"""The copies of entries that one domain keeps of all others, as far as verification needs them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.audit.verification import AuditFault
from subgraphs.kit.tables import AuditEntryRow


class EntryCopy(NamedTuple):
    """Which entry was copied, and the hash it had."""

    scope: UUID
    sequence: int
    hash: bytes


class AuditCopies(Protocol):
    """A port of the domain that keeps the copies."""

    def read(self, domain: str, scope: UUID | None) -> AsyncIterator[Sequence[EntryCopy]]:
        """Yields the copies of a domain's entries in batches."""
        ...


async def compare_with_copies(session: AsyncSession, copies: Sequence[EntryCopy]) -> list[AuditFault]:
    """Returns where the domain no longer has what was copied; a chain cut off at its end shows only here."""
    keys = [(each.scope, each.sequence) for each in copies]
    statement = select(AuditEntryRow.scope, AuditEntryRow.sequence, AuditEntryRow.hash).where(
        tuple_(AuditEntryRow.scope, AuditEntryRow.sequence).in_(keys)
    )
    kept = {(row.scope, row.sequence): row.hash for row in await session.execute(statement)}
    faults: list[AuditFault] = []
    for copy in copies:
        found = kept.get((copy.scope, copy.sequence))
        if found is None:
            faults.append(AuditFault(copy.scope, copy.sequence, "is gone; a copy of it is kept"))
        elif found != copy.hash:
            faults.append(AuditFault(copy.scope, copy.sequence, "is not what was copied"))
    return faults
