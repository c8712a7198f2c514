"""Puts together who asks and what they may read, after the router's settings or the platform's own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2

from router.config import AuthenticationConfig, ConfigError, RouterConfig, TransportConfig
from router.executor.transport.build import Layer
from router.executor.transport.client import SubgraphClient
from router.executor.transport.passports import PassportClient, PassportStream, ShownHeaders
from router.executor.transport.stream import StreamingClient
from router.pipeline.authorization import Authorization, PolicyDecisions, open_policies
from router.pipeline.router import Access
from router.server.authentication import EdgeAuthentication
from router.telemetry.catalogue import Reading
from zellige.errors import CommandFailed

if TYPE_CHECKING:  # loaded where the settings ask for it: see router.authentication
    from router.authentication.authenticator import Authenticator
    from router.authentication.passports import Passports


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
    passports, authenticator = _open_authentication(config.authentication, transport, now)
    try:
        policies = open_policies(config.authorization.policies)
    except ConfigError as error:
        raise CommandFailed(str(error)) from error
    access = Access(authenticator, Authorization(config.authorization, policies))
    return Border(config, access, authenticator, passports, policies)


def _open_authentication(
    settings: AuthenticationConfig, transport: httpx2.AsyncBaseTransport | None, now: Callable[[], float]
) -> tuple[Passports | None, Authenticator | None]:
    if settings.passport.secret is None and not settings.is_enabled:
        return None, None
    # Cryptography and the clients of issuers and sessions take 20 MB: whoever verifies nothing goes without.
    from router.authentication.authenticator import Authenticator  # noqa: PLC0415
    from router.authentication.passports import Passports  # noqa: PLC0415

    passports = Passports(settings.passport, now) if settings.passport.secret is not None else None
    if not settings.is_enabled:
        return passports, None
    return passports, Authenticator(settings, passports=passports, transport=transport, now=now)
