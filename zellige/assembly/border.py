"""Puts together who asks and what they may read, after the router's settings or the platform's own."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
from pydantic import SecretStr

from router.authentication import Authenticator, Passports
from router.config import (
    AuthenticationConfig,
    ConfigError,
    IssuerConfig,
    PassportConfig,
    RouterConfig,
    ServiceTokensConfig,
    SessionsConfig,
    TokenIntrospectionConfig,
    TransportConfig,
)
from router.executor.transport.build import Layer
from router.executor.transport.client import SubgraphClient
from router.executor.transport.passports import PassportClient, PassportStream, ShownHeaders
from router.executor.transport.stream import StreamingClient
from router.pipeline.authorization import Authorization, PolicyDecisions, open_policies
from router.pipeline.router import Access
from router.server.authentication import EdgeAuthentication
from router.telemetry.catalogue import Reading
from subgraphs.kit.auth.key_set import published_jwks
from subgraphs.kit.settings import KitSettings
from zellige.errors import CommandFailed

PLATFORM_ALGORITHM = "EdDSA"
IDENTITY = "identity"
SESSION_COOKIE = "zellige_session"
_IDENTITY_KEYS = "http://identity/.well-known/jwks.json"
_IDENTITY_VIEWER = "http://identity/internal/viewer"


@dataclass(frozen=True, slots=True)
class Border:
    """The parts of one router that know who asks; one for all its transports."""

    config: RouterConfig
    access: Access
    authenticator: Authenticator | None
    passports: Passports | None
    policies: PolicyDecisions | None

    @property
    def edge(self) -> EdgeAuthentication | None:
        """What the HTTP edge asks, if anything is verified."""
        if self.authenticator is None:
            return None
        return EdgeAuthentication(self.authenticator, self.config.authentication.passport.header)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """What stands around each client of a subgraph."""
        return (self._with_passports,) if self.passports is not None else ()

    @property
    def transport(self) -> TransportConfig:
        """The settings of the transport, with what passports travel in among the headers sent on."""
        transport = self.config.transport
        if self.passports is None or self.passports.header in transport.propagate_headers:
            return transport
        header = self.passports.header
        subgraphs = {
            name: one.model_copy(update={"propagate_headers": (*one.propagate_headers, header)})
            if one.propagate_headers is not None
            else one
            for name, one in transport.subgraphs.items()
        }
        names = (*transport.propagate_headers, header)
        return transport.model_copy(update={"propagate_headers": names, "subgraphs": subgraphs})

    def with_passports(self, name: str, stream: StreamingClient) -> StreamingClient:
        """Returns a stream that shows the subgraph passports, if there are any."""
        return stream if self.passports is None else PassportStream(stream, self._shown(name, self.passports))

    def readings(self) -> Iterator[Reading]:
        """Yields what is counted, for metrics."""
        if self.authenticator is not None:
            yield from self.authenticator.readings()
        if self.policies is not None:
            yield from self.policies.readings()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Closes connections at the end of the block."""
        try:
            yield
        finally:
            await self.close()

    async def close(self) -> None:
        """Closes connections."""
        if self.authenticator is not None:
            await self.authenticator.close()
        if self.policies is not None:
            await self.policies.close()

    def _with_passports(self, name: str, client: SubgraphClient) -> SubgraphClient:
        assert self.passports is not None, "else there is no such layer"
        return PassportClient(client, self._shown(name, self.passports))

    def _shown(self, name: str, passports: Passports) -> ShownHeaders:
        return ShownHeaders(name, passports, ("cookie", *self.config.authentication.credential_headers))


def assemble_border(
    config: RouterConfig,
    *,
    transport: httpx2.AsyncBaseTransport | None = None,
    now: Callable[[], float] = time.time,
) -> Border:
    """Returns the border after the settings; raises CommandFailed for a policy that is not there.

    `transport` is another way to issuers and to who resolves opaque credentials than the network.
    """
    settings = config.authentication
    passports = Passports(settings.passport, now) if settings.passport.secret is not None else None
    authenticator = (
        Authenticator(settings, passports=passports, transport=transport, now=now)
        if settings.is_enabled
        else None
    )
    try:
        policies = open_policies(config.authorization.policies)
    except ConfigError as error:
        raise CommandFailed(str(error)) from error
    access = Access(authenticator, Authorization(config.authorization, policies))
    return Border(config, access, authenticator, passports, policies)


def with_platform_keys(
    config: RouterConfig, settings: KitSettings, *, has_identity: bool = False
) -> RouterConfig:
    """Returns the settings with the platform's own issuer and secret, unless they name issuers themselves.

    With identity in the same process, its own routes tell its keys and what opaque credentials stand for.
    """
    own = config.authentication
    if own.is_enabled:
        return config
    secret = SecretStr(settings.internal_secret) if settings.internal_secret else None
    changed: dict[str, object] = {
        "issuers": (
            IssuerConfig.model_validate(
                {
                    "issuer": settings.token_issuer,
                    "audiences": (settings.token_audience,),
                    "algorithms": (PLATFORM_ALGORITHM,),
                    "required_claims": ("exp", "nbf", "iat", "sub", "jti"),
                    **({"jwks_url": _IDENTITY_KEYS} if has_identity else _keys_of(settings)),
                }
            ),
        ),
        "services": ServiceTokensConfig(secret=secret, issuer=settings.token_issuer),
        "passport": PassportConfig(secret=secret),
        "sessions": SessionsConfig(
            redis_url=settings.redis_url, key_prefix=f"{settings.event_bus_name}:revoked:"
        ),
    }
    if has_identity and secret is not None:
        changed["introspection"] = TokenIntrospectionConfig(
            url=_IDENTITY_VIEWER, audience=IDENTITY, cookies=(SESSION_COOKIE,)
        )
    authentication = AuthenticationConfig.model_validate({**own.model_dump(), **changed})
    authorization = config.authorization.model_copy(update={"wildcard_scopes": True})
    return config.model_copy(update={"authentication": authentication, "authorization": authorization})


def _keys_of(settings: KitSettings) -> Mapping[str, str]:
    source = settings.jwks if settings.jwks is not None else json.dumps(published_jwks(settings))
    if source.lstrip().startswith("{"):
        return {"jwks": source}
    return {"jwks_url" if source.startswith(("http://", "https://")) else "jwks_file": source}
