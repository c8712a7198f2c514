"""Opening one connection to one address."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from router.executor.transport.endpoint import Endpoint, PooledConnection
from router.executor.transport.failures import ConnectFault


@dataclass(frozen=True, slots=True)
class Dialer:
    """Opens connections of one subgraph; `lost` is told when one was closed, by whomever."""

    buffer: memoryview
    lost: Callable[[PooledConnection], None]
    connect_timeout_s: float
    read_timeout_s: float
    response_bytes_max: int

    async def dial(self, endpoint: Endpoint) -> PooledConnection:
        """Returns an open connection, past its TLS handshake; raises ConnectFault."""
        try:
            async with asyncio.timeout(self.connect_timeout_s):
                return await self._dial(endpoint)
        except TimeoutError as error:
            raise ConnectFault(f"no connection within {self.connect_timeout_s} s") from error
        except OSError as error:  # an ssl.SSLError is one too
            raise ConnectFault(f"no connection: {error}") from error

    async def _dial(self, endpoint: Endpoint) -> PooledConnection:
        loop = asyncio.get_running_loop()
        url, tls = endpoint.origin.url, endpoint.origin.tls

        def make() -> PooledConnection:
            return PooledConnection(
                endpoint,
                self.lost,
                self.buffer,
                read_timeout_s=self.read_timeout_s,
                response_bytes_max=self.response_bytes_max,
            )

        if url.socket_path is not None:
            _, connection = await loop.create_unix_connection(make, url.socket_path)
        else:
            # No "happy eyeballs": in Python 3.11 a cancellation then leaks the socket that won.
            name = url.host if tls is not None else None
            _, connection = await loop.create_connection(
                make, endpoint.host, url.port, ssl=tls, server_hostname=name
            )
        return connection
