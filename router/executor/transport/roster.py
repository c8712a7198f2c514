"""The addresses of one subgraph: which there are, which are well, and where the next request goes.

All addresses of all its URLs are equals, but for one thing: of a name that has addresses of both families,
the one the system prefers comes first, and the other is for when that fails. They are two ways to the same
servers, and one of them often leads nowhere.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Protocol

from router.executor.transport.addresses import AddressBook
from router.executor.transport.ejection import Ejector
from router.executor.transport.endpoint import Endpoint, Origin
from router.executor.transport.failures import ConnectFault
from router.executor.transport.limits import PoolLimits
from router.executor.transport.resources import TransportResources


class RosterUser(Protocol):
    """Who connects to the endpoints."""

    async def probe(self, endpoint: Endpoint) -> bool:
        """Tells whether a connection to an endpoint can be made."""
        ...

    def serve_line(self) -> None:
        """Is called when endpoints can be used that could not before."""
        ...

    def drop_idle(self, endpoint: Endpoint) -> None:
        """Is called for an endpoint that is not to be used for now, or ever."""
        ...


class Roster:
    """The endpoints of one subgraph; `only` is set where there is just one."""

    def __init__(
        self,
        service: str,
        origins: Sequence[Origin],
        limits: PoolLimits,
        resources: TransportResources,
        user: RosterUser,
    ) -> None:
        self.endpoints: tuple[Endpoint, ...] = ()
        self.only: Endpoint | None = None
        self._origins = origins
        self._user = user
        self._ejector = Ejector(service, limits.ejection, resources.events, user.probe, user.serve_line)
        hosts = [(origin.url.host, origin.url.port) for origin in origins if origin.url.socket_path is None]
        self._book = AddressBook(
            hosts, self._set_addresses, refresh_s=limits.dns_refresh_s, lookup=resources.lookup
        )

    async def find(self) -> None:
        """Waits for the first addresses; raises ConnectFault when there are none."""
        if not self._book.is_started:
            self._set_addresses({})  # Unix sockets are known without a lookup
            self._book.start()
        if not self.endpoints:
            await self._book.first()
        if not self.endpoints:
            raise ConnectFault("the name has no address")

    def close(self) -> None:
        """Looks up and probes no more."""
        self._book.close()
        self._ejector.close()

    # --- choosing

    def choose(self, tried: Container[Endpoint] = ()) -> Endpoint | None:
        """Returns the available endpoint of the lowest tier with the least in flight; equals take turns."""
        usable = (one for one in self.endpoints if one.is_available and one not in tried)
        return min(usable, key=_preference, default=None)

    def in_order(self, tried: Container[Endpoint] = ()) -> list[Endpoint]:
        """Returns the endpoint to choose, and those to fall back on when that has no room."""
        usable = sorted(
            (one for one in self.endpoints if one.is_available and one not in tried), key=_preference
        )
        return [one for one in usable if one.tier == usable[0].tier]

    # --- health

    def succeeded(self, endpoint: Endpoint) -> None:
        """Notes an answer of an endpoint that failed before."""
        self._ejector.succeeded(endpoint)

    def failed(self, endpoint: Endpoint, *, is_certain: bool = False) -> None:
        """Notes that an endpoint did not answer as it should; `is_certain` when it cannot be reached."""
        if endpoint.is_retired:
            return
        self._ejector.failed(endpoint, self.endpoints, is_certain=is_certain)
        if endpoint.is_ejected:
            self._user.drop_idle(endpoint)
            self._user.serve_line()

    # --- what there is

    def _set_addresses(self, known: Mapping[str, Sequence[str]]) -> None:
        before = {(endpoint.origin, endpoint.host): endpoint for endpoint in self.endpoints}
        now: list[Endpoint] = []
        for origin, host, tier in self._addresses(known):
            endpoint = before.pop((origin, host), None) or Endpoint(origin, host)
            endpoint.tier = tier
            now.append(endpoint)
        self.endpoints = tuple(now)
        self.only = now[0] if len(now) == 1 else None
        for endpoint in before.values():
            endpoint.is_retired = True
            self._ejector.forget(endpoint)
            self._user.drop_idle(endpoint)
        if all(endpoint.is_ejected for endpoint in now):
            for endpoint in now:
                self._ejector.restore(endpoint)
        self._user.serve_line()

    def _addresses(self, known: Mapping[str, Sequence[str]]) -> Iterator[tuple[Origin, str, int]]:
        for origin in self._origins:
            if origin.url.socket_path is not None:
                yield origin, origin.url.socket_path, 0
                continue
            hosts = known.get(origin.url.host, ())
            for host in hosts:
                yield origin, host, int((":" in host) != (":" in hosts[0]))


def _preference(endpoint: Endpoint) -> tuple[int, int, int]:
    return endpoint.tier, endpoint.in_flight, endpoint.used_at
