"""One operation on a WebSocket, from `subscribe` to `complete` or `error`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import structlog

from router.errors import ClientError
from router.pipeline.request import GraphQLRequest
from router.pipeline.subscriptions import Delivery, Ending, EndReason, Heartbeat, Subscriber
from router.response.codes import ErrorCode
from router.response.result import GraphQLResult, ResponseError
from router.server.reply import encode_result
from router.server.subscriptions.messages import complete_frame, control_frame, error_frame, next_frame
from router.server.subscriptions.recording import Recording, recording

if TYPE_CHECKING:
    from router.server.subscriptions.socket_connection import SocketConnection

_log = structlog.stdlib.get_logger("router.server")


class SocketOperation:
    """A query, mutation or subscription in a task of its own; `subscriber` is set while one is served."""

    __slots__ = ("_connection", "_id", "_recording", "_request", "_task", "_told", "subscriber")

    def __init__(self, connection: SocketConnection, operation_id: str, request: GraphQLRequest) -> None:
        self._connection = connection
        self._id = operation_id
        self._request = request
        self._recording: Recording | None = None
        self._task: asyncio.Task[None] | None = None
        self._told: str | None = None
        self.subscriber: Subscriber | None = None

    def start(self, *, is_over_limit: bool) -> None:
        """Begins; an operation over the limit is told so and runs nothing."""
        self._task = asyncio.create_task(self._refuse() if is_over_limit else self._run())

    def cancel(self) -> None:
        """Ends the operation; nothing more is sent for it."""
        if self._task is not None:
            self._task.cancel()

    async def ended(self) -> None:
        """Waits for the operation to let go of what it holds."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _refuse(self) -> None:
        most = self._connection.edge.config.subscriptions_per_connection_max
        message = f"More than {most} operations on one connection"
        await self._fail([ResponseError(message, ErrorCode.SUBSCRIPTION_LIMIT_EXCEEDED.name)])

    async def _run(self) -> None:
        connection = self._connection
        with recording(connection.edge, self._request, connection.arrival()) as self._recording:
            try:
                begun = await connection.edge.begin(self._request, self._recording.context, connection.viewer)
                if isinstance(begun, Subscriber):
                    await self._serve_to_the_end(begun)
                else:
                    await self._answer(begun)
            except ClientError as refusal:
                await self._fail([ResponseError.of(refusal)])
            except Exception as fault:  # noqa: BLE001 - the operation's edge: every fault leaves here coded
                _log.error("operation failed", request_id=connection.request_id, exc_info=fault)
                code = ErrorCode.INTERNAL_SERVER_ERROR.name
                extensions = {"requestId": connection.request_id}
                await self._fail([ResponseError("Internal server error", code, extensions=extensions)])

    async def _answer(self, result: GraphQLResult) -> None:
        if not result.executed:
            await self._fail(result.errors)
            return
        assert self._recording is not None, "only what runs is answered"
        self._recording.note(result.errors)
        payload = encode_result(result, self._connection.request_id)
        await self._connection.send(next_frame(self._id, payload))
        await self._complete()

    async def _serve_to_the_end(self, subscriber: Subscriber) -> None:
        self.subscriber = subscriber
        try:
            await self._tell_position(subscriber.position)
            await self._serve(subscriber)
        finally:
            self.subscriber = None
            subscriber.close()

    async def _serve(self, subscriber: Subscriber) -> None:
        send = self._connection.send
        while True:
            match await subscriber.next():
                case Delivery() as delivery:
                    await send(next_frame(self._id, subscriber.render(delivery)))
                case Heartbeat(position):
                    await self._tell_position(position)
                case Ending() as ending:
                    await self._end(ending)
                    return

    async def _tell_position(self, position: str | None) -> None:
        """Pings with where the client could resume from, when that is news."""
        if position is not None and position != self._told:
            self._told = position
            await self._connection.send(control_frame("ping", {"id": self._id, "position": position}))

    async def _end(self, ending: Ending) -> None:
        if ending.reason is EndReason.UNAUTHENTICATED:
            self._connection.forbid()
        elif ending.reason is EndReason.DRAINING:
            self._connection.send_away()
        elif ending.error is not None:
            await self._fail([ending.error])
        else:
            await self._complete()

    async def _fail(self, errors: Sequence[ResponseError]) -> None:
        if self._recording is not None:
            self._recording.note(errors, is_refused=True)
        self._connection.forget(self._id, self)
        await self._connection.send(error_frame(self._id, errors))

    async def _complete(self) -> None:
        self._connection.forget(self._id, self)
        await self._connection.send(complete_frame(self._id))
