"""Databases created and migrated: one per domain, one alembic history each, one shared env.py.

The functions are synchronous and start an event loop of their own; `prepare_database` is for callers that
already run in one. Two processes may start at once: an advisory lock makes the second wait and find nothing
to do.
"""

from __future__ import annotations

import asyncio
import importlib
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from subgraphs.kit.audit.ddl import attach_audit_trail
from subgraphs.kit.database import open_engine
from subgraphs.kit.settings import KitSettings
from subgraphs.kit.tables import KitTable

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_ADVISORY_LOCK = 0x5A454C4C  # "ZELL"
_DUPLICATE_DATABASE = "42P04"
_UNIQUE_VIOLATION = "23505"  # two sessions in CREATE DATABASE at the very same moment

# Alembic's `context` is one per process, so upgrades in one process go one after another.
_one_at_a_time = threading.Lock()


def create_database(settings: KitSettings, domain: str) -> None:
    """Creates the domain's database unless it exists."""
    _run(_create_database(settings, domain))


def upgrade(settings: KitSettings, domain: str, revision: str = "head") -> None:
    """Brings the domain's database to the revision; does nothing when it is there already."""
    with _one_at_a_time:
        _run(_upgrade(settings, domain, revision))


async def prepare_database(settings: KitSettings, domain: str) -> None:
    """Creates and migrates the domain's database, in a thread."""
    await asyncio.to_thread(create_database, settings, domain)
    await asyncio.to_thread(upgrade, settings, domain)


def domain_metadata(domain: str) -> list[MetaData]:
    """Returns the metadata the domain's database must match: its own tables and the kit's."""
    tables = importlib.import_module(f"subgraphs.{domain}.model.tables")
    return [tables.Base.metadata, KitTable.metadata]


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    # A thread of its own: `asyncio.run` refuses to start where a loop is running already.
    with ThreadPoolExecutor(max_workers=1) as executor:
        executor.submit(asyncio.run, coroutine).result()


async def _create_database(settings: KitSettings, domain: str) -> None:
    name = settings.database_url_of(domain).database
    engine = open_engine(settings.server_url(domain), settings, pooled=False)
    try:
        async with engine.connect() as connection:
            connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            found = await connection.scalar(
                text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}
            )
            if found is None:
                await _create(connection, f'CREATE DATABASE "{name}"')
    finally:
        await engine.dispose()


async def _create(connection: AsyncConnection, statement: str) -> None:
    try:
        await connection.execute(text(statement))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in (_DUPLICATE_DATABASE, _UNIQUE_VIOLATION):
            raise


async def _upgrade(settings: KitSettings, domain: str, revision: str) -> None:
    engine = open_engine(settings.database_url_of(domain), settings, pooled=False)
    try:
        async with engine.begin() as connection:
            await connection.execute(text("SET LOCAL lock_timeout = 0"))
            await connection.execute(text("SET LOCAL statement_timeout = 0"))
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
            await connection.run_sync(_run_alembic, domain, revision)
            await attach_audit_trail(connection)
    finally:
        await engine.dispose()


def _run_alembic(connection: Connection, domain: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("version_locations", str(MIGRATIONS / domain / "versions"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = domain_metadata(domain)
    command.upgrade(config, revision)
