"""Subscriptions at a subgraph over server-sent events (graphql-sse, distinct connections mode).

https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

import orjson

from router.config import UpstreamConfig
from router.errors import SubgraphError
from router.executor.transport.client import SubgraphRequest, SubgraphResponse
from router.executor.transport.connection import HttpResponse
from router.executor.transport.decode import decode_response, read_response
from router.executor.transport.encode import RequestEncoder
from router.executor.transport.event_stream import EventStreamParser
from router.executor.transport.failures import (
    ConnectFault,
    ConnectionLostFault,
    ProtocolFault,
    ResponseTooLargeFault,
    SilenceFault,
    TransportFault,
)
from router.executor.transport.stream import stream_error
from router.executor.transport.stream_address import StreamAddress
from router.executor.transport.streamed_response import StreamedResponse, StreamTimes, send_for_stream
from router.response.codes import ErrorCode

_REFUSAL_BYTES_MAX = 1_000_000

_CODES: Mapping[type[TransportFault], tuple[ErrorCode, str]] = {
    ConnectFault: (ErrorCode.SUBGRAPH_UNREACHABLE, "could not be reached"),
    ConnectionLostFault: (
        ErrorCode.SUBGRAPH_UNREACHABLE,
        "closed the connection before it was done",
    ),
    ProtocolFault: (ErrorCode.SUBGRAPH_MALFORMED_RESPONSE, "did not answer with an event stream"),
    ResponseTooLargeFault: (ErrorCode.SUBGRAPH_MALFORMED_RESPONSE, "sent an event over the size limit"),
    SilenceFault: (ErrorCode.SUBGRAPH_TIMEOUT, "was silent for too long"),
}


class SseStream:
    """The StreamingClient of one subgraph, a connection for each subscription."""

    def __init__(self, address: StreamAddress, config: UpstreamConfig) -> None:
        self._address = address
        self._config = config
        self._open = 0
        self._times = StreamTimes(config.connect_timeout_ms / 1000, config.silence_timeout_ms / 1000)
        self._encoder = RequestEncoder(
            propagate=address.propagate,
            own_headers={**address.headers, "accept": "text/event-stream"},
        )
        self._head = self._encoder.head(address.url)

    async def subscribe(self, request: SubgraphRequest) -> AsyncGenerator[SubgraphResponse, None]:
        """Yields the subgraph's responses; raises SubgraphError when it cannot or no longer answer."""
        if self._open >= self._config.connections_max:
            what = "has no connection left for subscriptions"
            raise stream_error(self._address.name, what, ErrorCode.OVERLOADED)
        self._open += 1
        try:
            payload = self._encoder.encode(self._head, request)
            async with (
                send_for_stream(self._address, payload, self._times) as response,
                aclosing(self._responses(response)) as responses,
            ):
                async for each in responses:
                    yield each
        except TransportFault as fault:
            code, what = _CODES.get(type(fault), (ErrorCode.SUBGRAPH_UNREACHABLE, "could not be reached"))
            raise stream_error(self._address.name, what, code) from fault
        finally:
            self._open -= 1

    async def close(self) -> None:
        """Holds nothing between subscriptions; each closes its own connection."""

    async def _responses(self, response: StreamedResponse) -> AsyncGenerator[SubgraphResponse, None]:
        name = self._address.name
        if response.status != 200 or response.content_type != "text/event-stream":
            # Refused before it began: an ordinary GraphQL response tells why.
            yield decode_response(name, HttpResponse(response.status, await _whole_body(response)))
            return
        parser = EventStreamParser(self._config.message_bytes_max)
        async for chunk in response.body():
            for event in parser.feed(chunk):
                if event.name == "complete":
                    return
                if event.name == "next":
                    yield read_response(name, _parsed(name, event.data))
        raise ConnectionLostFault("the stream ended without `complete`")


async def _whole_body(response: StreamedResponse) -> bytes:
    pieces: list[bytes] = []
    size = 0
    async for piece in response.body():
        size += len(piece)
        if size > _REFUSAL_BYTES_MAX:
            raise ResponseTooLargeFault(f"more than {_REFUSAL_BYTES_MAX} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def _parsed(service: str, data: str) -> object:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _not_json(service) from error


def _not_json(service: str) -> SubgraphError:
    what = "sent an event that is not JSON"
    return stream_error(service, what, ErrorCode.SUBGRAPH_MALFORMED_RESPONSE)
