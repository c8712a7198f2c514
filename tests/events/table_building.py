"""The tables of a test's domain, made without migrations."""

from __future__ import annotations

import asyncio

from sqlalchemy import MetaData, text
from sqlalchemy.schema import CreateIndex, CreateTable

from subgraphs.kit import migrations
from subgraphs.kit.database import open_engine
from subgraphs.kit.kit_tables import NOTIFY_OUTBOX, TRIGGER_OUTBOX
from subgraphs.kit.settings import KitSettings
from subgraphs.kit.tables import KitTable


async def build_tables_of(metadata: MetaData, settings: KitSettings, domain: str) -> None:
    """Creates the domain's database with the kit's tables, its indexes and trigger, and the domain's own."""
    await asyncio.to_thread(migrations.create_database, settings, domain)
    engine = open_engine(settings.database_url_of(domain), settings, pooled=False)
    async with engine.begin() as connection:
        for table in (*KitTable.metadata.sorted_tables, *metadata.sorted_tables):
            await connection.execute(CreateTable(table))
            for index in table.indexes:
                await connection.execute(CreateIndex(index))
        await connection.execute(text(NOTIFY_OUTBOX))
        await connection.execute(text(TRIGGER_OUTBOX))
    await engine.dispose()
