"""A subgraph on a fresh database, and tokens to ask it with.

async with running_subgraph("inventory", create_app) as subgraph:
    staff = subgraph.user(permissions=["inventory:write"])
    created = await subgraph.data(MUTATION, {"input": {...}}, staff)
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt

from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.auth.internal import service_token
from subgraphs.kit.auth.keys import key_id, read_signing_key
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.clock import SystemClock
from subgraphs.kit.ids import new_id
from subgraphs.kit.settings import KitSettings
from tests.support.database import SIGNING_KEY, Build, fresh_databases, migrations

CreateApp = Callable[..., SubgraphApp]


class Caller:
    """Somebody with a token; `headers` go with every request of theirs."""

    def __init__(self, token: str, viewer: Viewer) -> None:
        self.token = token
        self.viewer = viewer

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the caller's requests."""
        return {"authorization": f"Bearer {self.token}"}


class MovableClock:
    """A clock that stands at the present until a test moves it; tokens stay valid for their minutes."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """Returns the present moment, moved."""
        return datetime.now(UTC) + self.offset

    def advance(self, **duration: float) -> None:
        """Moves the clock forward by a timedelta's arguments."""
        self.offset += timedelta(**duration)


class RunningSubgraph:
    """An app under test."""

    def __init__(self, app: SubgraphApp) -> None:
        self.app = app
        self.settings: KitSettings = app.settings

    async def execute(
        self, query: str, variables: Mapping[str, Any] | None = None, caller: Caller | None = None
    ) -> dict[str, Any]:
        """Returns the whole response."""
        headers = caller.headers if caller is not None else {}
        return await self.app.execute(query, variables, None, headers)

    async def data(
        self, query: str, variables: Mapping[str, Any] | None = None, caller: Caller | None = None
    ) -> dict[str, Any]:
        """Returns the data of a response that must be without errors."""
        response = await self.execute(query, variables, caller)
        assert "errors" not in response, response["errors"]
        return response["data"]

    async def entities(
        self, representations: Sequence[Mapping[str, Any]], selection: str, caller: Caller | None = None
    ) -> list[Any]:
        """Returns what `_entities` answers; `selection` holds the inline fragments."""
        query = f"query($r: [_Any!]!) {{ _entities(representations: $r) {{ __typename {selection} }} }}"
        return (await self.data(query, {"r": list(representations)}, caller))["_entities"]

    def user(
        self,
        user_id: UUID | None = None,
        organization_id: UUID | None = None,
        permissions: Sequence[str] = (),
        **claims: Any,
    ) -> Caller:
        """Returns a user with a token as identity signs it; each is new, in an organization of their own.

        `claims` replace those of the token, to forge one.
        """
        viewer = Viewer(
            user_id=user_id or new_id(),
            organization_id=organization_id or new_id(),
            session_id=new_id(),
            permissions=frozenset(permissions),
        )
        return Caller(sign_access_token(self.settings, viewer, claims), viewer)

    def customer(self, user_id: UUID | None = None) -> Caller:
        """Returns a signed-in user who acts in no organization."""
        viewer = Viewer(user_id=user_id or new_id(), session_id=new_id())
        return Caller(sign_access_token(self.settings, viewer, {}), viewer)

    def service(
        self,
        name: str,
        on_behalf_of: Viewer | None = None,
        permissions: Sequence[str] = (),
    ) -> Caller:
        """Returns one of our services, with a token as the kit makes it."""
        behalf = on_behalf_of or Viewer(organization_id=new_id())
        token = service_token(self.settings, SystemClock(), name, behalf, frozenset(permissions))
        viewer = Viewer(behalf.user_id, behalf.organization_id, service=name)
        return Caller(token, viewer)


def sign_access_token(settings: KitSettings, viewer: Viewer, claims: Mapping[str, Any]) -> str:
    """Returns an access token of the viewer; `claims` replace or, when None, remove what stands in it."""
    key = read_signing_key(SIGNING_KEY)
    now = int(datetime.now(UTC).timestamp())
    content = {
        "iss": settings.token_issuer,
        "aud": settings.token_audience,
        "sub": str(viewer.user_id),
        "jti": str(new_id()),
        "sid": str(viewer.session_id),
        "iat": now,
        "nbf": now,
        "exp": now + 900,
        "org": str(viewer.organization_id) if viewer.organization_id else None,
        "roles": list(viewer.roles),
        "permissions": sorted(viewer.permissions),
        **claims,
    }
    content = {name: value for name, value in content.items() if value is not None}
    return jwt.encode(content, key, algorithm="EdDSA", headers={"kid": key_id(key.public_key())})


@asynccontextmanager
async def running_subgraph(
    domain: str,
    create_app: CreateApp,
    *,
    build: Build = migrations.prepare_database,
    settings: Mapping[str, Any] | None = None,
    **ports: Any,
) -> AsyncIterator[RunningSubgraph]:
    """Yields the domain's app on a fresh database; `ports` go to its create_app, `settings` override."""
    async with fresh_databases(domain, build=build, **(settings or {})) as fresh:
        app = create_app(fresh, **ports)
        await app.startup()
        try:
            yield RunningSubgraph(app)
        finally:
            await app.shutdown()
