"""HTTP requests that may be answered with a stream; what need not be goes to the ordinary endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import structlog

from router.authentication import Viewer
from router.errors import ClientError
from router.executor.transport.client import RequestScope
from router.pipeline.request import RequestContext
from router.pipeline.subscriptions import Delivery, Ending, EndReason, Heartbeat, Subscriber
from router.response.codes import ErrorCode
from router.response.result import GraphQLResult, ResponseError
from router.server.asgi import AsgiApp, HttpRequest, Receive, Scope, Send, read_headers
from router.server.cors import Cors, HeaderList
from router.server.negotiation import MediaType
from router.server.refusal import ClientLeftError, RefusedError
from router.server.reply import Reply, encode_errors, encode_result, send_reply
from router.server.request_id import choose_request_id
from router.server.security_headers import security_headers
from router.server.subscriptions.edge import OpenConnection, SubscriptionEdge
from router.server.subscriptions.frames import EventFrames, Frames, MultipartFrames
from router.server.subscriptions.recording import Arrival, Recording, recording
from router.server.subscriptions.shared_streams import SharedStreams
from router.server.subscriptions.stream_request import (
    StreamKind,
    StreamRequest,
    read_stream_request,
    replay,
)
from router.server.subscriptions.stream_writer import ClientGoneError, StreamWriter, until_gone

_log = structlog.stdlib.get_logger("router.server")

_FRAMES: dict[StreamKind, Frames] = {
    StreamKind.EVENTS: EventFrames(),
    StreamKind.MULTIPART: MultipartFrames(),
}
# These refuse the client, not its operation: a status stops an EventSource, an event would not.
_OF_THE_CLIENT = frozenset({"UNAUTHENTICATED", "FORBIDDEN", "OVERLOADED", "SUBSCRIPTION_LIMIT_EXCEEDED"})


class StreamEndpoint:
    """An ASGI application for server-sent events and multipart; `ordinary` answers everything else."""

    def __init__(self, edge: SubscriptionEdge, ordinary: AsgiApp) -> None:
        self._edge = edge
        self._ordinary = ordinary
        self._shared = SharedStreams(edge)
        self._cors = Cors(edge.server.cors)
        vary = b"Accept, Origin"
        self._common = (*security_headers(edge.server), (b"cache-control", b"no-store"), (b"vary", vary))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; a stream lasts until either side ends it."""
        headers = read_headers(scope["headers"])
        request_id = choose_request_id(headers.get("x-request-id"))
        address = self._edge.addresses.mark(scope, headers)
        if self._edge.header_rules is not None:
            self._edge.header_rules.apply(headers)
        http = HttpRequest(
            scope["method"], scope["path"], scope["query_string"], headers, request_id, address
        )
        common = (
            *self._common,
            *self._cors.response_headers(headers),
            (b"x-request-id", request_id.encode()),
        )
        try:
            await self._answer(http, scope, receive, send, common)
        except RefusedError as refusal:
            await self._refuse(send, refusal, refusal.status, request_id, (*common, *refusal.headers))
        except ClientError as error:
            status = GraphQLResult.refused(ResponseError.of(error)).status
            await self._refuse(send, error, status, request_id, common)
        except (ClientGoneError, ClientLeftError):
            return

    async def _answer(
        self, http: HttpRequest, scope: Scope, receive: Receive, send: Send, common: HeaderList
    ) -> None:
        viewer = await self._edge.caller_of(http)
        if http.method in {"PUT", "DELETE"} or self._shared.is_meant(http):
            await self._shared.answer(http, receive, send, common)
            return
        if http.method not in {"GET", "POST"}:
            await self._ordinary(scope, receive, send)
            return
        found = await read_stream_request(http, receive, self._edge)
        if isinstance(found, bytes):
            await self._ordinary(scope, replay(found, receive), send)
            return
        context = self._context(http, viewer)
        operation = await self._edge.find(found.operation, context)
        kind = await self._edge.hub.kind_of(operation)
        request = replace(found, operation=operation)
        if kind == "subscription":
            with recording(self._edge, operation, _arrival_of(http)) as recorded:
                await self._subscribe(request, recorded, receive, send, common)
        elif found.must_stream and found.kind is StreamKind.EVENTS:
            with recording(self._edge, operation, _arrival_of(http)) as recorded:
                await self._execute(request, recorded, send, common)
        else:
            await self._ordinary(scope, replay(found.body, receive), send)

    async def _subscribe(
        self,
        request: StreamRequest,
        recorded: Recording,
        receive: Receive,
        send: Send,
        common: HeaderList,
    ) -> None:
        address = request.http.client_address
        with _noting(recorded):
            if not self._edge.has_room(address):
                message = "The router holds as many connections as it may"
                raise RefusedError(message, ErrorCode.OVERLOADED, headers=((b"retry-after", b"5"),))
            async with self._edge.turn():
                await self._edge.count(request.operation, recorded.context)
                subscriber = await self._edge.hub.subscribe(
                    request.operation, recorded.context, resume_from=request.resume_from
                )
        if isinstance(subscriber, GraphQLResult):
            recorded.note(subscriber.errors, is_refused=True)
            await self._send_refused(request, subscriber, send, common)
            return
        stream = _Stream(self._writer(send), _FRAMES[request.kind], subscriber)
        entry = OpenConnection(stream.send_away, address)
        self._edge.enter(entry)
        try:
            await stream.run(receive, common)
        finally:
            self._edge.leave(entry)
            subscriber.close()

    async def _execute(
        self, request: StreamRequest, recorded: Recording, send: Send, common: HeaderList
    ) -> None:
        """Streams the one result of a query or mutation to a client that takes nothing else."""
        with _noting(recorded):
            async with self._edge.turn():
                await self._edge.count(request.operation, recorded.context)
                result = await self._edge.execute(request.operation, recorded.context)
        recorded.note(result.errors, is_refused=not result.executed)
        await self._send_once(result, request, send, common)

    async def _send_refused(
        self, request: StreamRequest, result: GraphQLResult, send: Send, common: HeaderList
    ) -> None:
        is_of_client = any(error.code in _OF_THE_CLIENT for error in result.errors)
        if request.kind is StreamKind.EVENTS and not is_of_client:
            await self._send_once(result, request, send, common)
            return
        body = encode_result(result, request.http.request_id)
        await send_reply(send, Reply(result.status, body, MediaType.JSON), common)

    async def _send_once(
        self, result: GraphQLResult, request: StreamRequest, send: Send, common: HeaderList
    ) -> None:
        frames, writer = _FRAMES[StreamKind.EVENTS], self._writer(send)
        await writer.begin(frames.content_type, common)
        body = encode_result(result, request.http.request_id)
        await writer.end(frames.response(body, None) + frames.complete())

    def _context(self, http: HttpRequest, viewer: Viewer | None) -> RequestContext:
        headers = {**http.headers, "x-request-id": http.request_id}
        scope = RequestScope(http.request_id, caller=viewer)
        return RequestContext(
            headers,
            http.request_id,
            http.method == "POST",
            scope=scope,
            client_address=http.client_address,
        )

    def _writer(self, send: Send) -> StreamWriter:
        return StreamWriter(send, self._edge.config.send_timeout_ms / 1000)

    async def _refuse(
        self, send: Send, error: ClientError, status: int, request_id: str, common: HeaderList
    ) -> None:
        wait_s = error.extensions.get("retryAfterSeconds", 5)
        headers = ((b"retry-after", b"%d" % wait_s),) if status in {429, 503} else ()
        reply = Reply(status, encode_errors([ResponseError.of(error)], request_id), MediaType.JSON, headers)
        await send_reply(send, reply, common)


def _arrival_of(http: HttpRequest) -> Arrival:
    return Arrival(http.method, http.path, http.headers, http.request_id, http.client_address)


@contextmanager
def _noting(recorded: Recording) -> Iterator[None]:
    """Notes a refusal on its way to the client."""
    try:
        yield
    except ClientError as refusal:
        recorded.note([ResponseError.of(refusal)], is_refused=True)
        raise


class _Stream:
    """One subscription as the body of one response."""

    __slots__ = ("_frames", "_subscriber", "_writer")

    def __init__(self, writer: StreamWriter, frames: Frames, subscriber: Subscriber) -> None:
        self._writer = writer
        self._frames = frames
        self._subscriber = subscriber

    def send_away(self) -> None:
        """Ends the stream so that its client comes back, to another process."""
        self._subscriber.end(EndReason.DRAINING)

    async def run(self, receive: Receive, common: HeaderList) -> None:
        """Writes until the subscription ends or the client leaves."""
        await self._writer.begin(self._frames.content_type, common)
        pump = asyncio.create_task(self._pump())
        gone = asyncio.create_task(until_gone(receive))
        try:
            await asyncio.wait((pump, gone), return_when=asyncio.FIRST_COMPLETED)
        finally:
            pump.cancel()
            gone.cancel()
            await asyncio.wait((pump, gone))
        fault = None if pump.cancelled() else pump.exception()
        if fault is not None and not isinstance(fault, ClientGoneError):
            _log.error("stream failed", exc_info=fault)

    async def _pump(self) -> None:
        writer, frames, subscriber = self._writer, self._frames, self._subscriber
        await writer.write(frames.begin(subscriber.position))
        while True:
            match await subscriber.next():
                case Delivery() as delivery:
                    body = subscriber.render(delivery)
                    await writer.write(frames.response(body, subscriber.position))
                case Heartbeat(position):
                    await writer.write(frames.heartbeat(position))
                case Ending(EndReason.DRAINING):
                    await writer.end(frames.send_away())
                    return
                case Ending(_, None):
                    await writer.end(frames.complete())
                    return
                case Ending(_, error):
                    assert error is not None, "the case above has the others"
                    await writer.end(frames.fail(error))
                    return
