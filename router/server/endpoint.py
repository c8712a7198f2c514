"""The hot endpoint: one GraphQL HTTP request from its first byte to its access-log line, in plain ASGI."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from contextlib import aclosing

import structlog

from router.config import LimitsConfig, ServerConfig
from router.errors import ClientError
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.codes import ErrorCode
from router.response.encode import encode_json
from router.response.result import GraphQLResult, ResponseError
from router.server.asgi import HttpRequest, Receive, Scope, Send, read_headers
from router.server.body import read_body
from router.server.cors import Cors, HeaderList
from router.server.csrf import check_csrf
from router.server.executes import ExecutesInParts
from router.server.negotiation import (
    MediaType,
    check_content_type,
    negotiate,
    negotiate_parts,
    takes_only_parts,
)
from router.server.parameters import parse_body, parse_query_string
from router.server.parts import PartsReply, PartsSender, begin_parts
from router.server.presence import run_while_connected
from router.server.refusal import ClientLeftError, RefusedError
from router.server.reply import Reply, errors_to_map, result_to_map, send_reply
from router.server.request_id import choose_request_id
from router.server.security_headers import security_headers
from router.server.status import status_of_refusal, status_of_result
from router.telemetry.access_log import AccessRecord, log_access

_log = structlog.stdlib.get_logger("router.server")

_CLIENT_LEFT = 499  # never sent: the access log's word for a client that closed first
_ALLOW = (b"allow", b"GET, POST, OPTIONS")
_ALLOW_POST = (b"allow", b"POST")


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL over HTTP."""

    def __init__(
        self, router: ExecutesInParts, config: ServerConfig, limits: LimitsConfig, *, access_log: bool
    ) -> None:
        self._router = router
        self._config = config
        self._limits = limits
        self._access_log = access_log
        self._cors = Cors(config.cors)
        # Answers depend on the caller and on two request headers; no cache in between may keep them.
        self._common = (
            *security_headers(config),
            (b"cache-control", b"no-store"),
            (b"vary", b"Accept, Origin"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; nothing but a cancellation of the server leaves this method."""
        started = time.perf_counter()
        headers = read_headers(scope["headers"])
        request_id = choose_request_id(headers.get("x-request-id"))
        request = HttpRequest(scope["method"], scope["path"], scope["query_string"], headers, request_id)
        record = AccessRecord(request.method, request.path, request_id)
        try:
            reply = await self._reply(request, receive, record)
            record.status = reply.status
            common = (
                *self._common,
                *self._cors.response_headers(headers),
                (b"x-request-id", request_id.encode()),
            )
            if isinstance(reply, PartsReply):
                sender = PartsSender(send, reply.media, request_id)
                await run_while_connected(self._send_parts(reply, sender, common, record), receive)
            else:
                await send_reply(send, reply, common)
        except ClientLeftError:
            record.status = _CLIENT_LEFT
        finally:
            if self._access_log:
                log_access(record, duration_s=time.perf_counter() - started)

    async def _send_parts(
        self, reply: PartsReply, sender: PartsSender, common: HeaderList, record: AccessRecord
    ) -> None:
        """Sends the payloads as they come; a fault or the deadline ends them with an error, in good form."""
        deadline = asyncio.timeout_at(reply.deadline_at)
        if reply.first.result is not None and reply.first.result.errors:
            record.error_code = reply.first.result.errors[0].code
        try:
            async with aclosing(reply.rest), deadline:
                await sender.begin(common)
                await sender.send_payload(reply.first)
                async for payload in reply.rest:
                    await sender.send_payload(payload)
        except Exception as fault:  # noqa: BLE001 - the pipeline's edge, as in _reply
            code, message = self._explain(fault, record.request_id, is_late=deadline.expired())
            record.error_code = code.name
            await sender.abandon(ResponseError(message, code.name))

    async def _reply(
        self, request: HttpRequest, receive: Receive, record: AccessRecord
    ) -> Reply | PartsReply:
        """Returns the response; every failure becomes a coded error here, at the pipeline's edge."""
        deadline = asyncio.timeout(self._config.request_timeout_ms / 1000)
        try:
            async with deadline:
                return await self._answer(request, receive, record, deadline)
        except RefusedError as refusal:
            status = status_of_refusal(refusal, self._config.status_policy)
            return self._refuse(request, record, ResponseError.of(refusal), status, refusal.headers)
        except ClientLeftError:
            raise
        except ClientError as error:
            result = GraphQLResult.refused(ResponseError.of(error))
            return self._reply_one(result, self._media_of_refusal(request), request, record)
        except Exception as fault:  # noqa: BLE001 - the pipeline's edge: every fault leaves here coded
            code, message = self._explain(fault, request.request_id, is_late=deadline.expired())
            return self._refuse(request, record, ResponseError(message, code.name), code.status)

    def _explain(self, fault: Exception, request_id: str, *, is_late: bool) -> tuple[ErrorCode, str]:
        """Returns what the client may know of a fault; the log gets the rest."""
        if is_late and isinstance(fault, TimeoutError):
            return (
                ErrorCode.REQUEST_TIMEOUT,
                f"The request took longer than {self._config.request_timeout_ms} ms",
            )
        _log.error("request failed", request_id=request_id, exc_info=fault)
        if isinstance(fault, RecursionError):
            # Limits of depth refuse such a request before; this is the net under them.
            return ErrorCode.DOCUMENT_LIMIT_EXCEEDED, "The request is nested too deeply"
        return ErrorCode.INTERNAL_SERVER_ERROR, "Internal server error"

    async def _answer(
        self, request: HttpRequest, receive: Receive, record: AccessRecord, deadline: asyncio.Timeout
    ) -> Reply | PartsReply:
        if request.method == "OPTIONS":
            return Reply(204, headers=self._cors.preflight_headers(request.headers))
        if request.method not in {"GET", "POST"}:
            message = f"The method {request.method[:20]} is not allowed"
            raise RefusedError(message, ErrorCode.METHOD_NOT_ALLOWED, headers=(_ALLOW,))
        check_csrf(request.method, request.headers, self._config.csrf, self._config.cors)
        media = negotiate(request.headers.get("accept"))
        operations = await self._read_operations(request, receive)
        context = RequestContext(request.headers, request.request_id, request.method == "POST")
        if isinstance(operations, GraphQLRequest):
            record.operation_name = operations.operation_name
            answer = await run_while_connected(self._run_one(operations, context, deadline), receive)
            if isinstance(answer, GraphQLResult):
                return self._reply_one(answer, media, request, record)
            return answer
        results = await run_while_connected(self._run_batch(operations, context), receive)
        body = encode_json([result_to_map(result, request.request_id) for result in results])
        return Reply(200, body, MediaType.JSON)

    async def _read_operations(
        self, request: HttpRequest, receive: Receive
    ) -> GraphQLRequest | list[GraphQLRequest]:
        if request.method == "GET":
            return parse_query_string(request.query_string, self._limits)
        check_content_type(request.headers.get("content-type"))
        body = await read_body(
            receive,
            request.headers,
            bytes_max=self._limits.max_body_bytes,
            timeout_ms=self._config.body_timeout_ms,
        )
        return parse_body(body, self._limits, self._config.batching)

    async def _run_one(
        self, operation: GraphQLRequest, context: RequestContext, deadline: asyncio.Timeout
    ) -> GraphQLResult | PartsReply:
        """Returns the result, or the beginning of an answer in parts to a client that takes them."""
        accept = context.headers.get("accept", "")
        media = negotiate_parts(accept)
        if media is None:
            return await self._router.execute(operation, context)
        answer = await self._router.execute_in_parts(operation, context)
        if isinstance(answer, GraphQLResult) and not (answer.executed and takes_only_parts(accept)):
            return answer
        deadline_at = deadline.when()
        assert deadline_at is not None, "every request has a deadline"
        return await begin_parts(answer, media, deadline_at)

    async def _run_batch(
        self, operations: Sequence[GraphQLRequest], context: RequestContext
    ) -> Sequence[GraphQLResult]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._router.execute(operation, context)) for operation in operations]
        return [task.result() for task in tasks]

    def _reply_one(
        self, result: GraphQLResult, media: MediaType, request: HttpRequest, record: AccessRecord
    ) -> Reply:
        if result.errors:
            record.error_code = result.errors[0].code
        body = encode_json(result_to_map(result, request.request_id))
        status = status_of_result(result, media, self._config.status_policy)
        # The pipeline refuses a mutation that came by GET; RFC 9110 wants the methods that would do.
        headers = (_ALLOW_POST,) if status == ErrorCode.METHOD_NOT_ALLOWED.status else ()
        return Reply(status, body, media, headers)

    def _refuse(
        self,
        request: HttpRequest,
        record: AccessRecord,
        error: ResponseError,
        status: int,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Reply:
        record.error_code = error.code
        body = encode_json(errors_to_map([error], request.request_id))
        return Reply(status, body, self._media_of_refusal(request), headers)

    def _media_of_refusal(self, request: HttpRequest) -> MediaType:
        try:
            return negotiate(request.headers.get("accept"))
        except RefusedError:
            return MediaType.JSON
