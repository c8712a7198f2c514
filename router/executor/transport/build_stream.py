"""The one place where the client of a subgraph's subscriptions is put together."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit, urlunsplit

from router.config import SubgraphConfig, SubscriptionsConfig, TlsConfig, TransportConfig
from router.config.subscriptions import UpstreamSubgraphConfig
from router.executor.transport.sse_stream import SseStream
from router.executor.transport.stream import StreamingClient
from router.executor.transport.stream_address import StreamAddress
from router.executor.transport.url import parse_subgraph_url
from router.executor.transport.websocket_stream import WebSocketStream

_HTTP_SCHEMES = {"ws": "http", "wss": "https"}
# These change with every request; the connection of a subscription outlives the request that opened it.
_OF_ONE_REQUEST = frozenset({"x-request-id", "traceparent", "tracestate"})


def build_stream(
    name: str, url: str, config: SubscriptionsConfig, transport: TransportConfig
) -> StreamingClient:
    """Returns the client of the subscriptions of a subgraph behind HTTP.

    Raises SubgraphUrlError for an address that cannot be used, OSError for unreadable certificates.
    """
    own = config.subgraphs.get(name, UpstreamSubgraphConfig())
    subgraph = transport.subgraphs.get(name, SubgraphConfig())
    parts = urlsplit(own.url or url)
    scheme = _HTTP_SCHEMES.get(parts.scheme, parts.scheme)
    parsed = parse_subgraph_url(urlunsplit(parts._replace(scheme=scheme)))
    headers = {header.lower(): value for header, value in subgraph.headers.items()}
    propagate = tuple(
        header
        for header in (each.lower() for each in transport.for_subgraph(name).propagate_headers)
        if header not in headers and header not in _OF_ONE_REQUEST
    )
    tls = _tls_of(subgraph.tls) if parsed.is_tls else None
    address = StreamAddress(name, parsed, headers, propagate, tls)
    protocol = own.protocol or config.upstream.protocol
    return (SseStream if protocol == "sse" else WebSocketStream)(address, config.upstream)


def _tls_of(tls: TlsConfig) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.ca_file)
    context.set_alpn_protocols(["http/1.1"])
    if tls.cert_file is not None:
        context.load_cert_chain(tls.cert_file, tls.key_file)
    return context
