"""The audited call that is going on, and what it writes in each of its transactions."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.audit.ddl import COUNT_SETTING, ENTRY_SETTING
from subgraphs.kit.audit.entry import GENESIS, PLATFORM_SCOPE, AuditEntry
from subgraphs.kit.audit.redaction import row_change
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.clock import Clock
from subgraphs.kit.ids import new_id
from subgraphs.kit.tables import AuditChainRow, AuditChangeRow, AuditEntryRow

CHANGES_BYTES_MAX = 100_000

_BEGIN = text(f"SELECT set_config('{ENTRY_SETTING}', :entry, true), set_config('{COUNT_SETTING}', '0', true)")


@dataclass
class AuditRecording:
    """One audited call of one domain: who, what, with which arguments.

    `is_saga`: it has several transactions, of which those that change nothing need no entry.
    """

    domain: str
    operation: str
    viewer: Viewer
    clock: Clock
    request_id: str
    client_address: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    is_saga: bool = False
    entries_written: int = 0

    async def begin(self, session: AsyncSession) -> UUID:
        """Makes the triggers note what this transaction changes, and returns the id of its entry."""
        entry_id = new_id()
        await session.execute(_BEGIN, {"entry": str(entry_id)})
        return entry_id

    async def finish(self, session: AsyncSession, entry_id: UUID) -> bool:
        """Writes the entry at the end of its chain; returns False where a saga's transaction changed nothing.

        The chain is locked from here to the commit, which follows at once: calls of one organization
        wait for each other that long and no longer.
        """
        await session.flush()
        changes, left_out = await self._collect(session, entry_id)
        if self.is_saga and not changes:
            return False
        sequence, previous_hash = await _lock_chain(session, self.scope)
        entry = self._entry(entry_id, sequence + 1, previous_hash, changes, left_out)
        digest = entry.digest()
        values = {name: getattr(entry, name) for name in AuditEntry.__slots__}
        await session.execute(insert(AuditEntryRow).values(**values, hash=digest))
        await session.execute(
            update(AuditChainRow)
            .where(AuditChainRow.scope == self.scope)
            .values(sequence=entry.sequence, hash=digest)
            .execution_options(synchronize_session=False)
        )
        return True

    @property
    def scope(self) -> UUID:
        """The chain the call belongs to."""
        return self.viewer.organization_id or self.viewer.user_id or PLATFORM_SCOPE

    def _entry(
        self,
        entry_id: UUID,
        sequence: int,
        previous_hash: bytes,
        changes: list[dict[str, Any]],
        changes_left_out: int,
    ) -> AuditEntry:
        viewer = self.viewer
        return AuditEntry(
            id=entry_id,
            scope=self.scope,
            sequence=sequence,
            organization_id=viewer.organization_id,
            occurred_at=self.clock.now(),
            domain=self.domain,
            operation=self.operation,
            actor_type=_actor_type(viewer),
            actor_id=viewer.service_account_id or viewer.user_id,
            actor_service=viewer.service,
            session_id=viewer.session_id,
            client_address=self.client_address,
            request_id=self.request_id,
            arguments=dict(self.arguments),
            changes=changes,
            changes_left_out=changes_left_out,
            previous_hash=previous_hash,
        )

    async def _collect(self, session: AsyncSession, entry_id: UUID) -> tuple[list[dict[str, Any]], int]:
        statement = (
            delete(AuditChangeRow)
            .where(AuditChangeRow.entry_id == entry_id)
            .returning(
                AuditChangeRow.position,
                AuditChangeRow.table_name,
                AuditChangeRow.key_columns,
                AuditChangeRow.before,
                AuditChangeRow.after,
                func.current_setting(COUNT_SETTING).label("counted"),
            )
        )
        rows = sorted((await session.execute(statement)).all(), key=lambda row: row.position)
        changes: list[dict[str, Any]] = []
        size = 0
        for row in rows:
            change = row_change(row.table_name, row.key_columns.split(","), row.before, row.after)
            size += len(repr(change))
            if size > CHANGES_BYTES_MAX:
                break
            changes.append(change)
        return changes, int(rows[0].counted) - len(changes) if rows else 0


async def _lock_chain(session: AsyncSession, scope: UUID) -> tuple[int, bytes]:
    statement = upsert(AuditChainRow).values(scope=scope, sequence=0, hash=GENESIS)
    # Setting the scope to itself takes the row's lock, also where another call has just made the row.
    statement = statement.on_conflict_do_update(
        index_elements=["scope"], set_={"scope": statement.excluded.scope}
    ).returning(AuditChainRow.sequence, AuditChainRow.hash)
    head = (await session.execute(statement)).one()
    return head.sequence, head.hash


def _actor_type(viewer: Viewer) -> str:
    if viewer.is_service:
        return "service"
    if viewer.service_account_id is not None:
        return "service_account"
    return "user" if viewer.user_id is not None else "anonymous"


CURRENT: ContextVar[AuditRecording | None] = ContextVar("audit_recording", default=None)
"""The recording of the call that is running; other domains in the process must not take it for theirs."""


def recording_of(domain: str) -> AuditRecording | None:
    """Returns the recording that is going on in this domain."""
    recording = CURRENT.get()
    return recording if recording is not None and recording.domain == domain else None
