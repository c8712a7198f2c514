"""The tables of notifications, as PostgreSQL holds them."""

from __future__ import annotations

from tests.support.migrated import assert_migrations_match


async def test_the_migrations_make_the_declared_tables() -> None:
    await assert_migrations_match("notifications")
