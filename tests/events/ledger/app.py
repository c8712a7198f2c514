"""The ledger: an account's changes, each with its event in the same transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import strawberry
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from subgraphs.kit import fields
from subgraphs.kit.access import Public
from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.database import Database
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.schema import KitSchema
from subgraphs.kit.settings import KitSettings
from subgraphs.kit.tables import COLUMN_TYPES
from tests.events.ledger.events import AccountChanged
from tests.events.table_building import build_tables_of


class Base(DeclarativeBase):
    type_annotation_map = COLUMN_TYPES


class AccountRow(Base):
    __tablename__ = "accounts"

    name: Mapped[str] = mapped_column(primary_key=True)
    changes: Mapped[int]


class ChangeRow(Base):
    __tablename__ = "changes"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    account: Mapped[str]
    number: Mapped[int]


@strawberry.type
class Query:
    @fields.query(allow=Public())
    def ledger(self) -> str:
        return "open"


def create_app(settings: KitSettings) -> SubgraphApp:
    return SubgraphApp("ledger", settings, KitSchema(query=Query))


async def build_ledger(settings: KitSettings, domain: str) -> None:
    await build_tables_of(Base.metadata, settings, domain)


async def change_account(database: Database, account: str) -> AccountChanged:
    """Changes an account, in a transaction of its own."""
    async with database.transaction() as session:
        return await record_change(session, account)


async def record_change(session: AsyncSession, account: str) -> AccountChanged:
    """Counts the account's change under its lock and records what happened."""
    counted = await session.execute(
        text(
            "INSERT INTO accounts (name, changes) VALUES (:name, 1)"
            " ON CONFLICT (name) DO UPDATE SET changes = accounts.changes + 1 RETURNING changes"
        ),
        {"name": account},
    )
    event = AccountChanged(subject=account, occurred_at=datetime.now(UTC), number=counted.scalar_one())
    session.add(ChangeRow(event_id=event.id, account=account, number=event.number))
    await session.flush()
    await record_event(session, event)
    return event
