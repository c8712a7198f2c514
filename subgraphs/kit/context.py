"""What surrounds the resolvers of one request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.client_origin import UNKNOWN_ORIGIN, ClientOrigin
from subgraphs.kit.clock import Clock
from subgraphs.kit.database import Database
from subgraphs.kit.loaders import LoaderRegistry
from subgraphs.kit.settings import KitSettings

P = TypeVar("P")


@dataclass
class RequestContext:
    """One request: who asks, in which transaction, with which loaders and ports.

    `session` is a read-only snapshot in queries and in the fields below a mutation's payload; inside a
    mutation's resolver it is that mutation's transaction.
    """

    viewer: Viewer
    database: Database
    clock: Clock
    settings: KitSettings
    request_id: str
    ports: Mapping[type[Any], Any] = field(default_factory=dict)
    client: ClientOrigin = UNKNOWN_ORIGIN

    def __post_init__(self) -> None:
        self.loaders = LoaderRegistry(self)
        self._reading: AsyncSession | None = None
        self._writing: AsyncSession | None = None

    @property
    def session(self) -> AsyncSession:
        """The session of the moment; connects at its first statement."""
        if self._writing is not None:
            return self._writing
        if self._reading is None:
            self._reading = self.database.read_session()
        return self._reading

    def port(self, kind: type[P]) -> P:
        """Returns the implementation the app was wired with for this protocol or class."""
        return self.ports[kind]

    def act_as(self, viewer: Viewer) -> None:
        """Makes the rest of the request another viewer's: after a log-in, the person who came in."""
        self.viewer = viewer
        self.loaders.clear()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Runs the block in a transaction that `session` then stands for; earlier reads are forgotten."""
        await self.close()
        async with self.database.transaction() as session:
            self._writing = session
            try:
                yield session
            finally:
                self._writing = None
                self.loaders.clear()

    async def close(self) -> None:
        """Ends the read transaction and forgets what was loaded in it."""
        self.loaders.clear()
        if self._reading is not None:
            reading, self._reading = self._reading, None
            await reading.close()


Info = strawberry.Info[RequestContext, None]
"""What resolvers take: `info: Info`, then `info.context.session`, `.viewer`, `.loaders`, `.clock`."""
