"""The copies, read for verification."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from sqlalchemy import select, tuple_

from subgraphs.audit.model.tables import AuditCopyRow
from subgraphs.kit.audit.copies import EntryCopy
from subgraphs.kit.database import Database

BATCH = 500


class KeptCopies:
    """What this domain has kept of the others' audit trails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, domain: str, scope: UUID | None) -> AsyncIterator[Sequence[EntryCopy]]:
        """Yields the copies of a domain's entries in batches."""
        place: tuple[UUID, int] | None = None
        row = AuditCopyRow
        async with self._database.read_session() as session:
            while True:
                statement = select(row.scope, row.sequence, row.hash).where(row.domain == domain)
                if scope is not None:
                    statement = statement.where(row.scope == scope)
                if place is not None:
                    statement = statement.where(tuple_(row.scope, row.sequence) > tuple_(*place))
                found = await session.execute(statement.order_by(row.scope, row.sequence).limit(BATCH))
                batch = [EntryCopy(*each) for each in found]
                if batch:
                    yield batch
                    place = (batch[-1].scope, batch[-1].sequence)
                if len(batch) < BATCH:
                    return
