"""The single connection mode of graphql-sse: many operations, one event stream.

PUT reserves a stream and answers its token; GET with the token opens it; POST with the token runs an
operation whose results come over it; DELETE with the token ends one.

A stream belongs to the process that reserved it, whose name is the token's first part. Another process cannot
write to it, so it answers 421: whoever balances between several must send what has one token to one of them.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from urllib.parse import parse_qs

import structlog

from router.errors import ClientError
from router.pipeline.request import GraphQLRequest
from router.pipeline.subscriptions import Delivery, Ending, EndReason, Heartbeat, Subscriber
from router.response.codes import ErrorCode
from router.response.encode import encode_json
from router.response.result import GraphQLResult, ResponseError
from router.server.asgi import HttpRequest, Receive, Send
from router.server.cors import HeaderList
from router.server.csrf import check_csrf
from router.server.parameters import parse_body
from router.server.refusal import RefusedError
from router.server.reply import Reply, encode_result, send_reply
from router.server.subscriptions.edge import OpenConnection, SubscriptionEdge
from router.server.subscriptions.frames import EventFrames
from router.server.subscriptions.recording import Arrival, Recording, recording
from router.server.subscriptions.stream_request import TOKEN_HEADER, read_stream_body
from router.server.subscriptions.stream_writer import ClientGoneError, StreamWriter, until_gone

_log = structlog.stdlib.get_logger("router.server")

UNOPENED_S_MAX = 30.0
_FRAMES = EventFrames()


class SharedStreams:
    """The streams of this process, by token."""

    def __init__(self, edge: SubscriptionEdge) -> None:
        self._edge = edge
        self._streams: dict[str, _SharedStream] = {}
        self._process = secrets.token_urlsafe(6)

    @staticmethod
    def is_meant(http: HttpRequest) -> bool:
        """Whether the request names a stream."""
        return TOKEN_HEADER in http.headers or _token_in_query(http) is not None

    async def answer(self, http: HttpRequest, receive: Receive, send: Send, common: HeaderList) -> None:
        """Answers one of the four requests; raises RefusedError."""
        if http.method != "GET":
            # PUT and DELETE force a preflight by themselves; a POST by its JSON.
            check_csrf(http.method, http.headers, self._edge.server.csrf, self._edge.server.cors)
        if http.method == "PUT":
            await self._reserve(http, send, common)
            return
        stream = self._find(http)
        if http.method == "GET":
            await self._open(stream, http, receive, send, common)
        elif http.method == "DELETE":
            operation_ids = parse_qs(http.query_string.decode("latin-1")).get("operationId", [""])
            if not stream.cancel(operation_ids[0]):
                raise RefusedError("No such operation", ErrorCode.BAD_REQUEST, status=404)
            await send_reply(send, Reply(200), common)
        else:
            await self._start(stream, http, receive, send, common)

    async def _reserve(self, http: HttpRequest, send: Send, common: HeaderList) -> None:
        if (
            not self._edge.has_room(http.client_address)
            or len(self._streams) >= self._edge.config.connections_max
        ):
            message = "The router holds as many connections as it may"
            raise RefusedError(message, ErrorCode.OVERLOADED, headers=((b"retry-after", b"5"),))
        token = f"{self._process}.{secrets.token_urlsafe(24)}"
        self._streams[token] = _SharedStream(self._edge)
        asyncio.get_running_loop().call_later(UNOPENED_S_MAX, self._drop_unopened, token)
        headers = [
            *common,
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", b"%d" % len(token)),
        ]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": token.encode()})

    def _drop_unopened(self, token: str) -> None:
        stream = self._streams.get(token)
        if stream is not None and not stream.is_open:
            del self._streams[token]

    def _find(self, http: HttpRequest) -> _SharedStream:
        token = http.headers.get(TOKEN_HEADER) or _token_in_query(http) or ""
        stream = self._streams.get(token)
        process, is_token, _ = token.partition(".")
        if stream is None and is_token and process != self._process:
            message = "This stream was reserved at another process of the router, or one that has ended"
            raise RefusedError(message, ErrorCode.STREAM_ELSEWHERE)
        if stream is None:
            raise RefusedError("No such stream; reserve one with PUT", ErrorCode.BAD_REQUEST, status=404)
        return stream

    async def _open(
        self, stream: _SharedStream, http: HttpRequest, receive: Receive, send: Send, common: HeaderList
    ) -> None:
        if stream.is_open:
            raise RefusedError("The stream is open already", ErrorCode.BAD_REQUEST, status=409)
        entry = OpenConnection(stream.send_away, http.client_address)
        self._edge.enter(entry)
        try:
            await stream.run(receive, StreamWriter(send, self._edge.config.send_timeout_ms / 1000), common)
        finally:
            self._edge.leave(entry)
            self._streams = {token: each for token, each in self._streams.items() if each is not stream}

    async def _start(
        self, stream: _SharedStream, http: HttpRequest, receive: Receive, send: Send, common: HeaderList
    ) -> None:
        body = await read_stream_body(http, receive, self._edge)
        request = parse_body(body, self._edge.limits, self._edge.server.batching)
        if isinstance(request, list):
            raise RefusedError("A batch cannot be streamed", ErrorCode.BAD_REQUEST)
        operation_id = request.extensions.get("operationId")
        if not isinstance(operation_id, str) or not operation_id:
            raise RefusedError('"extensions.operationId" must be a string', ErrorCode.BAD_REQUEST)
        arrival = Arrival(http.method, http.path, http.headers, http.request_id, http.client_address)
        stream.start(operation_id, request, arrival)
        await send_reply(send, Reply(202), common)


class _SharedStream:
    """One event stream with the operations that run on it."""

    def __init__(self, edge: SubscriptionEdge) -> None:
        self._edge = edge
        self._writer: StreamWriter | None = None
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._over = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether a client reads it."""
        return self._writer is not None

    def send_away(self) -> None:
        """Ends the stream so that its client comes back, to another process."""
        self._over.set()

    async def run(self, receive: Receive, writer: StreamWriter, common: HeaderList) -> None:
        """Writes comments, while the operations write their events, until either side ends the stream."""
        self._writer = writer
        await writer.begin(_FRAMES.content_type, common)
        tasks = [
            asyncio.create_task(until_gone(receive)),
            asyncio.create_task(self._beat(writer)),
            asyncio.create_task(self._over.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if self._over.is_set():
                await writer.end(_FRAMES.send_away())
        finally:
            under_way = [*tasks, *self._operations.values()]
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
            self._operations.clear()

    async def _beat(self, writer: StreamWriter) -> None:
        await writer.write(_FRAMES.heartbeat(None))
        while True:
            await asyncio.sleep(self._edge.config.heartbeat_ms / 1000)
            await writer.write(_FRAMES.heartbeat(None))

    def start(self, operation_id: str, request: GraphQLRequest, arrival: Arrival) -> None:
        """Runs an operation; raises RefusedError for an id in use, a stream not open or too many of them."""
        if self._writer is None:
            raise RefusedError("The stream is not open", ErrorCode.BAD_REQUEST, status=404)
        if operation_id in self._operations:
            raise RefusedError("The operation id is in use", ErrorCode.BAD_REQUEST, status=409)
        most = self._edge.config.subscriptions_per_connection_max
        if len(self._operations) >= most:
            message = f"More than {most} operations on one connection"
            raise RefusedError(message, ErrorCode.SUBSCRIPTION_LIMIT_EXCEEDED)
        task = asyncio.create_task(self._run(operation_id, request, arrival, self._writer))
        self._operations[operation_id] = task

    def cancel(self, operation_id: str) -> bool:
        """Ends an operation; tells whether it ran."""
        task = self._operations.pop(operation_id, None)
        if task is not None:
            task.cancel()
        return task is not None

    async def _run(
        self, operation_id: str, request: GraphQLRequest, arrival: Arrival, writer: StreamWriter
    ) -> None:
        with recording(self._edge, request, arrival) as recorded:
            operation = _SharedOperation(operation_id, writer, recorded)
            try:
                begun = await self._edge.begin(request, recorded.context)
                if isinstance(begun, GraphQLResult):
                    await operation.send_result(begun)
                else:
                    await operation.serve(begun)
                await operation.complete()
            except ClientError as refusal:
                await operation.refuse(ResponseError.of(refusal))
            except ClientGoneError:
                pass  # the reader of the stream hears it too
            except Exception as fault:  # noqa: BLE001 - the operation's edge: every fault leaves here coded
                _log.error("operation failed", request_id=arrival.request_id, exc_info=fault)
                code = ErrorCode.INTERNAL_SERVER_ERROR.name
                await operation.refuse(ResponseError("Internal server error", code))
            finally:
                if self._operations.get(operation_id) is asyncio.current_task():
                    del self._operations[operation_id]


class _SharedOperation:
    """Writes the results of one operation to a stream it shares."""

    def __init__(self, operation_id: str, writer: StreamWriter, recorded: Recording) -> None:
        self._id = encode_json(operation_id)
        self._writer = writer
        self._recording = recorded

    async def serve(self, subscriber: Subscriber) -> None:
        """Writes what the subscriber is given until it ends."""
        try:
            while True:
                match await subscriber.next():
                    case Delivery() as delivery:
                        await self._send(subscriber.render(delivery))
                    case Heartbeat():
                        pass  # the stream has its own
                    case Ending(reason, error):
                        if error is not None:
                            await self.send_result(GraphQLResult.refused(error))
                        elif reason is EndReason.DRAINING:
                            await self.send_result(GraphQLResult.refused(_RESTARTING))
                        return
        finally:
            subscriber.close()

    async def send_result(self, result: GraphQLResult) -> None:
        """Writes one response."""
        self._recording.note(result.errors, is_refused=not result.executed)
        await self._send(encode_result(result, self._recording.record.request_id))

    async def refuse(self, error: ResponseError) -> None:
        """Writes that the operation was refused or failed as a whole, and that nothing follows."""
        await self.send_result(GraphQLResult.refused(error))
        await self.complete()

    async def complete(self) -> None:
        """Writes that nothing follows."""
        await self._writer.write(b'event: complete\ndata: {"id":%b}\n\n' % self._id)

    async def _send(self, body: bytes) -> None:
        await self._writer.write(b'event: next\ndata: {"id":%b,"payload":%b}\n\n' % (self._id, body))


_RESTARTING = ResponseError("The router restarts; subscribe anew", ErrorCode.OVERLOADED.name)


def _token_in_query(http: HttpRequest) -> str | None:
    query: Mapping[str, list[str]] = parse_qs(http.query_string.decode("latin-1"))
    return query.get("token", [None])[0]
