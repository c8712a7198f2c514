"""A fresh, migrated database per test, cloned from one template per domain.

The template's name carries a hash of the migrations, so it is built again only when they change, and is
shared by every worker and every later run on the same server.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from subgraphs.kit import migrations
from subgraphs.kit.auth.keys import generate_signing_key
from subgraphs.kit.database import open_engine
from subgraphs.kit.settings import KitSettings
from tests.support.engines import postgres_url, redis_url

PREFIX = os.environ.get("ZELLIGE_TEST_PREFIX", "ztest_")
INTERNAL_SECRET = "tests-only-internal-secret-0123456789"
SIGNING_KEY = generate_signing_key()
_TEMPLATE_LOCK = 0x5A544D50

Build = Callable[[KitSettings, str], Awaitable[None]]


def test_settings(prefix: str, **overrides: Any) -> KitSettings:
    """Returns settings that point at the run's engines, with small pools and keys of this run alone."""
    values: dict[str, Any] = {
        "database_url": postgres_url(),
        "redis_url": redis_url(),
        "database_prefix": prefix,
        "database_overrides": {},
        "signing_key": SIGNING_KEY,
        "internal_secret": INTERNAL_SECRET,
        "jwks": None,
        "pool_size": 3,
        "pool_overflow_max": 7,
        "pool_timeout_s": 60.0,
    }
    return KitSettings(**{**values, **overrides})


@asynccontextmanager
async def fresh_databases(
    *domains: str, build: Build = migrations.prepare_database, **overrides: Any
) -> AsyncIterator[KitSettings]:
    """Yields settings whose databases of the named domains are new and migrated; drops them afterwards."""
    settings = test_settings(f"{PREFIX}{uuid.uuid4().hex[:10]}_", **overrides)
    async with _maintenance(settings) as connection:
        for domain in domains:
            await _clone(connection, settings, domain, build)
    try:
        yield settings
    finally:
        async with _maintenance(settings) as connection:
            for domain in domains:
                name = settings.database_name(domain)
                await connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@asynccontextmanager
async def _maintenance(settings: KitSettings) -> AsyncIterator[AsyncConnection]:
    engine = open_engine(settings.server_url(""), settings, pooled=False)
    try:
        async with engine.connect() as connection:
            connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("SET lock_timeout = 0"))
            await connection.execute(text("SET statement_timeout = 0"))
            yield connection
    finally:
        await engine.dispose()


async def _clone(connection: AsyncConnection, settings: KitSettings, domain: str, build: Build) -> None:
    # A template being copied admits no other connection, so building and copying take turns.
    await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _TEMPLATE_LOCK})
    try:
        template = await _ensure_template(connection, settings, domain, build)
        name = settings.database_name(domain)
        # file_copy forces two checkpoints: 1.7 s on a shared server, where writing the few pages to the WAL
        # takes 0.1 s.
        await connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log'))
    finally:
        await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _TEMPLATE_LOCK})


async def _ensure_template(
    connection: AsyncConnection, settings: KitSettings, domain: str, build: Build
) -> str:
    family = f"{PREFIX}template_{domain}_"
    name = f"{family}{_fingerprint(domain, build)}"
    found = await connection.execute(
        text("SELECT datname FROM pg_database WHERE starts_with(datname, :family)"), {"family": family}
    )
    existing = set(found.scalars())
    for stale in existing - {name}:
        await connection.execute(text(f'DROP DATABASE "{stale}" WITH (FORCE)'))
    if name not in existing:
        url = settings.server_url(domain).set(database=f"{name}_building")
        target = settings.model_copy(
            update={"database_overrides": {domain: url.render_as_string(hide_password=False)}}
        )
        await build(target, domain)
        # Renamed when complete, so that an interrupted build never passes for a template.
        await connection.execute(text(f'ALTER DATABASE "{name}_building" RENAME TO "{name}"'))
    return name


def _fingerprint(domain: str, build: Build) -> str:
    digest = hashlib.sha256(f"{build.__module__}.{build.__qualname__}".encode())
    kit_tables = Path(migrations.__file__).with_name("kit_tables.py")
    built_by = Path(build.__code__.co_filename)  # pyright: ignore[reportAttributeAccessIssue]  # always a plain function
    for file in (kit_tables, built_by, *sorted((migrations.MIGRATIONS / domain).rglob("*.py"))):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
