"""The domain's database: one engine, read and write sessions, and transactions opened at the edge.

Services receive a session and never commit. A session may be used by resolvers that run side by side, so
its statements take turns on the one connection.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from subgraphs.kit.audit.recording import recording_of
from subgraphs.kit.sessions import SnapshotSession, TurnTakingSession
from subgraphs.kit.settings import KitSettings


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()


def open_engine(url: URL, settings: KitSettings, *, pooled: bool = True) -> AsyncEngine:
    """Returns an engine whose connections bound their own statements and locks in time."""
    pool: dict[str, Any] = {"poolclass": NullPool}
    if pooled:
        pool = {
            "pool_size": settings.pool_size,
            "max_overflow": settings.pool_overflow_max,
            "pool_timeout": settings.pool_timeout_s,
            "pool_pre_ping": False,
            "pool_recycle": 1800,
        }
    server_settings = {
        "application_name": url.database or "zellige",
        "statement_timeout": str(settings.statement_timeout_ms_max),
        "lock_timeout": str(settings.lock_timeout_ms_max),
        "timezone": "UTC",
        "jit": "off",  # compiling costs more than any of our statements takes
    }
    return create_async_engine(
        url,
        connect_args={"server_settings": server_settings},
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        **pool,
    )


class Database:
    """One domain's database."""

    def __init__(self, settings: KitSettings, domain: str) -> None:
        self.domain = domain
        self.url = settings.database_url_of(domain)
        self.engine = open_engine(self.url, settings)
        # One snapshot per query: a page and its totalCount agree, and a read cannot write by mistake. The
        # session begins it itself, so SQLAlchemy must not.
        self._read_engine = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    def read_session(self) -> AsyncSession:
        """Returns a read-only session; it takes a connection at its first statement, not before."""
        return SnapshotSession(self._read_engine)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Runs the block in one transaction: committed when it ends, rolled back when it raises.

        For use-cases that span several short transactions (sagas, jobs); no external call belongs inside.
        What an audited call does in it is written to the audit trail last.
        """
        session = TurnTakingSession(self.engine, expire_on_commit=False)
        recording = recording_of(self.domain)
        try:
            entry_id = await recording.begin(session) if recording is not None else None
            yield session
            is_recorded = (
                recording is not None and entry_id is not None and await recording.finish(session, entry_id)
            )
            await session.commit()
            if recording is not None and is_recorded:
                recording.entries_written += 1
        finally:
            await session.close()

    async def ping(self) -> None:
        """Raises when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Closes every pooled connection."""
        await self.engine.dispose()


def violated_constraint(error: IntegrityError) -> str | None:
    """Returns the name of the constraint that refused the row, so that a service can say why."""
    cause = getattr(error.orig, "__cause__", None)
    return getattr(cause, "constraint_name", None)
