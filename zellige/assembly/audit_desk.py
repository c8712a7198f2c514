"""What somebody who checks the audit trail can do: verify the domains' chains, and take entries out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.audit.copies import AuditCopies, compare_with_copies
from subgraphs.kit.audit.entry import AuditEntry
from subgraphs.kit.audit.verification import ChainReport, read_entries, verify_chains
from subgraphs.kit.settings import KitSettings
from subgraphs.kit.tables import AuditEntryRow
from zellige.assembly.domains import create_domain, pick_domains
from zellige.assembly.supergraph_file import SubgraphEntry

COPIES_DOMAIN = "audit"


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries are wanted."""

    organization_id: UUID | None = None
    since: datetime | None = None

    def admits(self, row: AuditEntryRow) -> bool:
        """Whether the entry is wanted."""
        return self.since is None or row.occurred_at >= self.since


@dataclass(frozen=True, slots=True)
class AuditDesk:
    """The domains whose trails are looked at, and the copies where there is a domain that keeps any."""

    apps: Sequence[SubgraphApp]
    copies: AuditCopies | None

    async def verify(self, app: SubgraphApp, scope: UUID | None) -> ChainReport:
        """Returns what is wrong in one domain's trail; its faults end with those the copies show."""
        async with app.database.read_session() as session:
            report = await verify_chains(session, scope)
        if self.copies is not None:
            async for batch in self.copies.read(app.name, scope):
                # A snapshot younger than the batch: what was copied meanwhile is in it.
                async with app.database.read_session() as session:
                    report.faults += await compare_with_copies(session, batch)
        return report

    async def lines(self, app: SubgraphApp, wanted: EntryFilter) -> AsyncIterator[str]:
        """Yields the wanted entries of one domain as JSON."""
        async with app.database.read_session() as session:
            async for row in read_entries(session, wanted.organization_id):
                if wanted.admits(row):
                    yield _line(row)


@asynccontextmanager
async def audit_desk(
    entries: Sequence[SubgraphEntry], settings: KitSettings, domain: str | None = None
) -> AsyncIterator[AuditDesk]:
    """Opens the desk over all domains or over one."""
    apps = [create_domain(entry, settings) for entry in pick_domains(entries, domain)]
    keepers = [create_domain(entry, settings) for entry in entries if entry.name == COPIES_DOMAIN]
    try:
        yield AuditDesk(apps, keepers[0].port(AuditCopies) if keepers else None)
    finally:
        for app in (*apps, *keepers):
            await app.shutdown()


def _line(row: AuditEntryRow) -> str:
    content: dict[str, Any] = {each.name: getattr(row, each.name) for each in fields(AuditEntry)}
    content |= {"previous_hash": row.previous_hash.hex(), "hash": row.hash.hex()}
    return orjson.dumps(content, default=str).decode()
