"""A subgraph behind HTTP/1.1, TCP or Unix socket, with or without TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

from router.config import SubgraphConfig, TlsConfig, TransportConfig
from router.errors import SubgraphError
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.executor.transport.connection import HttpResponse
from router.executor.transport.decode import decode_response
from router.executor.transport.encode import RequestEncoder
from router.executor.transport.failures import (
    ConnectFault,
    ConnectionLostFault,
    ProtocolFault,
    QueueFullFault,
    ResponseTooLargeFault,
    SilenceFault,
    TransportFault,
)
from router.executor.transport.pool import Pool, PoolLimits
from router.executor.transport.url import SubgraphUrl, parse_subgraph_url
from router.response.codes import ErrorCode

_CODES: Mapping[type[TransportFault], tuple[ErrorCode, str]] = {
    ConnectFault: (ErrorCode.SUBGRAPH_UNREACHABLE, "could not be reached"),
    ConnectionLostFault: (ErrorCode.SUBGRAPH_UNREACHABLE, "closed the connection before it answered"),
    QueueFullFault: (ErrorCode.OVERLOADED, "has too many requests waiting"),
    ProtocolFault: (ErrorCode.SUBGRAPH_MALFORMED_RESPONSE, "did not answer in HTTP"),
    ResponseTooLargeFault: (ErrorCode.SUBGRAPH_MALFORMED_RESPONSE, "sent a response over the size limit"),
    SilenceFault: (ErrorCode.SUBGRAPH_TIMEOUT, "did not answer in time"),
}


class HttpClient:
    """The SubgraphClient of one subgraph; it belongs to the event loop of its first call."""

    def __init__(
        self,
        name: str,
        url: str,
        config: TransportConfig | None = None,
        subgraph: SubgraphConfig | None = None,
    ) -> None:
        """Raises SubgraphUrlError for an address that cannot be used, OSError for unreadable certificates."""
        config, subgraph = config or TransportConfig(), subgraph or SubgraphConfig()
        self.name = name
        parsed = parse_subgraph_url(url)
        self._read_timeout_s = config.read_timeout_ms / 1000
        self._request_timeout_s = config.request_timeout_ms / 1000
        self._pool = Pool(parsed, _limits_of(config), _tls_of(parsed, subgraph.tls))
        self._encoder = RequestEncoder(
            parsed,
            propagate=config.propagate_headers,
            own_headers=subgraph.headers,
            accept_gzip=config.accept_gzip,
        )

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Runs one operation; raises SubgraphError when no GraphQL response could be read."""
        payload = self._encoder.encode(request)
        deadline = asyncio.timeout(self._request_timeout_s)
        try:
            async with deadline:
                response = await self._send(payload, may_retry=not request.is_mutation)
        except TransportFault as fault:
            raise self._error(*_CODES[type(fault)]) from fault
        except TimeoutError as error:
            if not deadline.expired():
                raise
            raise self._error(*_CODES[SilenceFault]) from error
        return decode_response(self.name, response)

    async def close(self) -> None:
        """Closes every connection."""
        self._pool.close()
        # An aborted transport gives its socket back in the next turn of the loop.
        await asyncio.sleep(0)

    async def _send(self, payload: bytes, *, may_retry: bool) -> HttpResponse:
        connection, is_used = await self._pool.take()
        try:
            return await connection.exchange(payload, self._read_timeout_s)
        except ConnectionLostFault as fault:
            # The peer may close an idle connection just as it is used again. A query can be sent once more,
            # on a new connection; a mutation only when none of it was sent, else it may have been done.
            if not (is_used and fault.is_untouched and (may_retry or fault.is_unsent)):
                raise
            stale, connection = connection, None
            connection = await self._pool.replace(stale)
            return await connection.exchange(payload, self._read_timeout_s)
        finally:
            if connection is not None:
                self._pool.give_back(connection)

    def _error(self, code: ErrorCode, what: str) -> SubgraphError:
        return SubgraphError(f'The subgraph "{self.name}" {what}', code.name, service=self.name)


def _limits_of(config: TransportConfig) -> PoolLimits:
    return PoolLimits(
        connections_max=config.connections_per_host_max,
        queue_max=config.queue_per_host_max,
        connect_timeout_s=config.connect_timeout_ms / 1000,
        idle_timeout_s=config.idle_timeout_ms / 1000,
        response_bytes_max=config.max_response_bytes,
    )


def _tls_of(url: SubgraphUrl, tls: TlsConfig) -> ssl.SSLContext | None:
    if not url.is_tls:
        return None
    context = ssl.create_default_context(cafile=tls.ca_file)
    context.set_alpn_protocols(["http/1.1"])
    if tls.cert_file is not None:
        context.load_cert_chain(tls.cert_file, tls.key_file)
    return context
