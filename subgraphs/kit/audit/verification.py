"""Walks the chains of one domain and says where they are not what was written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.audit.entry import GENESIS, AuditEntry
from subgraphs.kit.tables import AuditChainRow, AuditEntryRow

BATCH = 500


@dataclass(frozen=True, slots=True)
class AuditFault:
    """One place where a chain does not hold."""

    scope: UUID
    sequence: int
    reason: str


@dataclass(slots=True)
class ChainReport:
    """What was walked, what is wrong, and the hash of each entry for comparison with copies elsewhere."""

    chains: int = 0
    entries: int = 0
    faults: list[AuditFault] = field(default_factory=list)


async def verify_chains(session: AsyncSession, scope: UUID | None = None) -> ChainReport:
    """Returns the report of all chains, or of one; reads entries in batches, a constant amount of memory."""
    heads = await _heads(session, scope)
    report = ChainReport()
    last: dict[UUID, tuple[int, bytes]] = {}
    async for row in read_entries(session, scope):
        report.entries += 1
        sequence, previous = last.get(row.scope, (0, GENESIS))
        report.faults.extend(_faults_of(row, sequence, previous))
        last[row.scope] = (row.sequence, row.hash)
    for each in heads.keys() | last.keys():
        report.chains += 1
        end, head = last.get(each, (0, GENESIS)), heads.get(each)
        if head != end:
            missing = head[0] if head is not None else end[0]
            reason = f"the chain ends at {end[0]}, its head says {head[0] if head else 'nothing'}"
            report.faults.append(AuditFault(each, missing, reason))
    return report


async def read_entries(session: AsyncSession, scope: UUID | None = None) -> AsyncIterator[AuditEntryRow]:
    """Yields the entries chain by chain, each in its order."""
    place: tuple[UUID, int] | None = None
    while True:
        statement = select(AuditEntryRow).order_by(AuditEntryRow.scope, AuditEntryRow.sequence).limit(BATCH)
        if scope is not None:
            statement = statement.where(AuditEntryRow.scope == scope)
        if place is not None:
            statement = statement.where(tuple_(AuditEntryRow.scope, AuditEntryRow.sequence) > tuple_(*place))
        rows = (await session.scalars(statement)).all()
        for row in rows:
            yield row
        if len(rows) < BATCH:
            return
        place = (rows[-1].scope, rows[-1].sequence)
        session.expunge_all()


def _faults_of(row: AuditEntryRow, sequence: int, previous: bytes) -> list[AuditFault]:
    faults: list[AuditFault] = []
    if row.sequence != sequence + 1:
        faults.append(AuditFault(row.scope, row.sequence, f"follows {sequence}: entries are missing"))
    elif row.previous_hash != previous:
        faults.append(AuditFault(row.scope, row.sequence, "names another hash than the entry before it has"))
    if AuditEntry.of(row).digest() != row.hash:
        faults.append(AuditFault(row.scope, row.sequence, "was changed: its hash is another"))
    return faults


async def _heads(session: AsyncSession, scope: UUID | None) -> Mapping[UUID, tuple[int, bytes]]:
    statement = select(AuditChainRow.scope, AuditChainRow.sequence, AuditChainRow.hash)
    if scope is not None:
        statement = statement.where(AuditChainRow.scope == scope)
    return {row.scope: (row.sequence, row.hash) for row in await session.execute(statement)}
