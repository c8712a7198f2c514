"""Leaving out an address that fails while others of the same subgraph do not.

An address is ejected after some failures in a row, for a time that doubles each time. When that is over it is
probed with a connection; if one comes about, the address is on trial: it gets one request at a time, one
failure ejects it again, one success restores it. At most a share of the addresses is out at once, and never
the last: when all fail, that is the subgraph's failure and the circuit breaker's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from router.config import EjectionConfig
from router.executor.transport.endpoint import Endpoint
from router.executor.transport.events import TransportEvents

_log = structlog.stdlib.get_logger("router.transport")

Probe = Callable[[Endpoint], Awaitable[bool]]
"""Tells whether a connection to an endpoint can be made."""


class Ejector:
    """Judges the endpoints of one subgraph; `ended` is called when one may be used again."""

    def __init__(
        self,
        service: str,
        config: EjectionConfig,
        events: TransportEvents,
        probe: Probe,
        ended: Callable[[], None],
    ) -> None:
        self._service = service
        self._config = config
        self._events = events
        self._probe = probe
        self._ended = ended
        self._recoveries: dict[Endpoint, asyncio.Task[None]] = {}

    def succeeded(self, endpoint: Endpoint) -> None:
        """Forgets the failures of an endpoint; a trial has been passed."""
        endpoint.failures = 0
        endpoint.is_on_trial = False

    def failed(self, endpoint: Endpoint, among: Sequence[Endpoint], *, is_certain: bool = False) -> None:
        """Notes a failure, and ejects the endpoint when there are too many or when one `is_certain`."""
        endpoint.failures += 1
        threshold = self._config.failures
        if endpoint.is_ejected or not (is_certain or endpoint.failures >= threshold):
            return
        if self._may_eject(among):
            self._eject(endpoint)
        else:
            endpoint.is_on_trial = False

    def restore(self, endpoint: Endpoint) -> None:
        """Takes an endpoint back in, whatever it did."""
        self.forget(endpoint)
        if endpoint.is_ejected:
            endpoint.is_ejected = False
            self._events.restored(self._service, endpoint.label)

    def forget(self, endpoint: Endpoint) -> None:
        """Probes an endpoint no more."""
        recovery = self._recoveries.pop(endpoint, None)
        if recovery is not None:
            recovery.cancel()

    def close(self) -> None:
        """Probes no more."""
        for recovery in self._recoveries.values():
            recovery.cancel()
        self._recoveries.clear()

    def _may_eject(self, among: Sequence[Endpoint]) -> bool:
        if not self._config.enabled or len(among) < 2:
            return False
        out = sum(endpoint.is_ejected for endpoint in among)
        return out < max(1, min(len(among) - 1, int(len(among) * self._config.percent_max / 100)))

    def _eject(self, endpoint: Endpoint) -> None:
        now = asyncio.get_running_loop().time()
        # Whoever held out for as long as it was out has a clean record again.
        if now > endpoint.ejected_until + self._duration_s(endpoint):
            endpoint.ejections = 0
        endpoint.is_ejected, endpoint.is_on_trial = True, False
        _log.warning("address left out", subgraph=self._service, address=endpoint.label)
        self._events.ejected(self._service, endpoint.label)
        self._recoveries[endpoint] = asyncio.create_task(
            self._recover(endpoint), name=f"probe {endpoint.label}"
        )

    def _duration_s(self, endpoint: Endpoint) -> float:
        doubled = self._config.base_ms * 2 ** min(max(endpoint.ejections - 1, 0), 20)
        return min(doubled, self._config.max_ms) / 1000

    async def _recover(self, endpoint: Endpoint) -> None:
        loop = asyncio.get_running_loop()
        is_reached = False
        while not is_reached:
            endpoint.ejections += 1
            duration_s = self._duration_s(endpoint)
            endpoint.ejected_until = loop.time() + duration_s
            await asyncio.sleep(duration_s)
            is_reached = await self._probe(endpoint)
        del self._recoveries[endpoint]
        endpoint.is_on_trial = True
        endpoint.failures = max(1, self._config.failures - 1)
        self.restore(endpoint)
        _log.info("address used again", subgraph=self._service, address=endpoint.label)
        self._ended()
