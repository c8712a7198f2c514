"""Holds a domain's tables and its migrations together."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from subgraphs.kit.database import open_engine
from subgraphs.kit.migrations import domain_metadata
from tests.support.database import fresh_databases


async def assert_migrations_match(domain: str) -> None:
    """Asserts that a migrated database has exactly the tables the domain and the kit declare."""
    async with fresh_databases(domain) as settings:
        engine = open_engine(settings.database_url_of(domain), settings, pooled=False)
        try:
            async with engine.connect() as connection:
                differences = await connection.run_sync(_differences, domain)
        finally:
            await engine.dispose()
    assert differences == [], differences


def _differences(connection: Connection, domain: str) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"compare_type": True, "target_metadata": domain_metadata(domain)}
    )
    metadata = domain_metadata(domain)
    return list(compare_metadata(context, metadata))  # pyright: ignore[reportArgumentType]  # a sequence is allowed
