"""A migrated, empty database per test, cloned from one template per domain.

The template's name carries a hash of the migrations, so it is built again only when they change, and is
shared by every worker and every later run on the same server. A clone is emptied after its test and serves
the next one: that costs a tenth of making it.
"""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
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
        "router_only": False,
        "jwks": None,
        "pool_size": 3,
        "pool_overflow_max": 7,
        "pool_timeout_s": 60.0,
    }
    return KitSettings(**{**values, **overrides})


@dataclass
class _Template:
    """A migrated database to clone. Clones are emptied and used again unless migrations put rows in it."""

    name: str
    has_rows: bool
    free: list[str] = field(default_factory=list)


_templates: dict[tuple[str, Build], _Template] = {}
_made: list[str] = []


@asynccontextmanager
async def fresh_databases(
    *domains: str, build: Build = migrations.prepare_database, **overrides: Any
) -> AsyncIterator[KitSettings]:
    """Yields settings whose databases of the named domains are migrated and empty."""
    settings = test_settings(PREFIX, **overrides)
    names = {domain: await _take(settings, domain, build) for domain in domains}
    urls = {domain: _url(settings, name) for domain, name in names.items()}
    settings = settings.model_copy(update={"database_overrides": {**settings.database_overrides, **urls}})
    yield settings
    # Not in a `finally`: what a failed test leaves may be in any state, and goes with the process.
    for domain, name in names.items():
        template = _templates[domain, build]
        if not template.has_rows:
            await _empty(settings, domain)
            template.free.append(name)


async def _take(settings: KitSettings, domain: str, build: Build) -> str:
    template = _templates.get((domain, build))
    if template is not None and template.free:
        return template.free.pop()
    async with _maintenance(settings) as connection:
        return await _clone(connection, settings, domain, build)


async def _empty(settings: KitSettings, domain: str) -> None:
    """Deletes every row, past the triggers that keep append-only tables so."""
    engine = open_engine(settings.database_url_of(domain), settings, pooled=False)
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(f"TRUNCATE {await _tables(connection)} RESTART IDENTITY"))
    await engine.dispose()


async def _tables(connection: AsyncConnection) -> str:
    found = await connection.execute(
        text(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        )
    )
    return found.scalar_one()


@atexit.register
def _drop_all() -> None:
    """Drops what this process made; embedded engines are gone by now, and their databases with them."""
    if _made:
        with suppress(OSError, SQLAlchemyError):
            asyncio.run(_drop(test_settings(PREFIX)))


async def _drop(settings: KitSettings) -> None:
    async with _maintenance(settings) as connection:
        for name in _made:
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


async def _clone(connection: AsyncConnection, settings: KitSettings, domain: str, build: Build) -> str:
    name = f"{PREFIX}{uuid.uuid4().hex[:10]}_{domain}"
    # A template being copied admits no other connection, so building and copying take turns.
    await connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _TEMPLATE_LOCK})
    try:
        template = await _ensure_template(connection, settings, domain, build)
        if (domain, build) not in _templates:
            _templates[domain, build] = _Template(template, await _has_rows(settings, template))
        # file_copy forces two checkpoints: 1.7 s on a shared server, where writing the few pages to the WAL
        # takes 0.1 s.
        await connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log'))
        _made.append(name)
    finally:
        await connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _TEMPLATE_LOCK})
    return name


async def _has_rows(settings: KitSettings, database: str) -> bool:
    engine = open_engine(settings.server_url("").set(database=database), settings, pooled=False)
    async with engine.connect() as connection:
        for table in (await _tables(connection)).split(", "):
            found = await connection.execute(text(f"SELECT EXISTS (SELECT FROM {table})"))
            if found.scalar_one():
                break
        else:
            table = ""
    await engine.dispose()
    return bool(table)


def _url(settings: KitSettings, database: str) -> str:
    return settings.server_url("").set(database=database).render_as_string(hide_password=False)


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
        target = settings.model_copy(
            update={"database_overrides": {domain: _url(settings, f"{name}_building")}}
        )
        await build(target, domain)
        # Renamed when complete, so that an interrupted build never passes for a template.
        await connection.execute(text(f'ALTER DATABASE "{name}_building" RENAME TO "{name}"'))
    return name


def _fingerprint(domain: str, build: Build) -> str:
    digest = hashlib.sha256(f"{build.__module__}.{build.__qualname__}".encode())
    kit_tables = Path(migrations.__file__).with_name("kit_tables.py")
    built_by = Path(build.__code__.co_filename)  # pyright: ignore[reportAttributeAccessIssue]  # always a plain function
    audit = kit_tables.parent / "audit" / "ddl.py"
    for file in (
        kit_tables,
        kit_tables.with_name("tables.py"),
        audit,
        built_by,
        *sorted((migrations.MIGRATIONS / domain).rglob("*.py")),
    ):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]
