"""The hot endpoint: one GraphQL HTTP request from its first byte to its access-log line, in plain ASGI."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing

from router.config import LimitsConfig, ServerConfig
from router.errors import ClientError
from router.executor.transport.client import RequestScope
from router.pipeline.executes import ExecutesInParts
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.codes import ErrorCode
from router.response.incremental import Payload
from router.response.result import GraphQLResult, ResponseError
from router.server.admission import Admission
from router.server.answers import Answers
from router.server.asgi import HttpRequest, Receive, Scope, Send, read_headers
from router.server.authentication import EdgeAuthentication
from router.server.body import read_body
from router.server.client_address import ClientAddresses
from router.server.cors import Cors, HeaderList
from router.server.csrf import check_csrf
from router.server.drain import Drain
from router.server.exchange import Exchange
from router.server.header_rules import open_header_rules
from router.server.inspection import note_errors, trace_extension
from router.server.negotiation import (
    MediaType,
    check_content_type,
    negotiate,
    negotiate_parts,
    takes_only_parts,
)
from router.server.parameters import parse_body, parse_query_string
from router.server.parts import PartsReply, PartsSender, begin_parts
from router.server.refusal import ClientLeftError, RefusedError
from router.server.reply import CLOSE, Reply, send_reply
from router.server.request_id import choose_request_id
from router.server.security_headers import security_headers
from router.server.watch import OverdueError, Watchman
from router.telemetry.record import RequestRecord
from router.telemetry.telemetry import Telemetry

_CLIENT_LEFT = 499  # never sent: the access log's word for a client that closed first
_ALLOW = (b"allow", b"GET, POST, OPTIONS")
_RETRY_NOW = (b"retry-after", b"0")


class GraphQLEndpoint:
    """An ASGI application that answers GraphQL over HTTP."""

    def __init__(
        self,
        router: ExecutesInParts,
        config: ServerConfig,
        limits: LimitsConfig,
        telemetry: Telemetry,
        authentication: EdgeAuthentication | None = None,
    ) -> None:
        self._router = router
        self._authentication = authentication
        self._config = config
        self._limits = limits
        self._telemetry = telemetry
        self._timeout_s = config.request_timeout_ms / 1000
        self._body_timeout_s = config.body_timeout_ms / 1000
        self._watchman = Watchman()
        self._addresses = ClientAddresses(config)
        self._header_rules = open_header_rules(config.request_headers)
        self._answers = Answers(config)
        self.admission = Admission(config.shedding)
        self.drain = Drain()
        self._cors = Cors(config.cors)
        vary = b"Accept, Origin, Accept-Encoding" if config.compression.enabled else b"Accept, Origin"
        # Answers depend on the caller: unless a policy says otherwise, no cache in between may keep them.
        self._common = (*security_headers(config), (b"cache-control", b"no-store"), (b"vary", vary))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request; nothing but a cancellation of the server leaves this method."""
        exchange = self._begin(scope, receive)
        record = exchange.record
        try:
            reply = await self._reply(exchange)
            record.status = reply.status
            common = self._common_headers(exchange.request)
            if isinstance(reply, PartsReply):
                await self._send_parts(reply, exchange, send, common)
            else:
                await send_reply(send, reply, common, scope)
        except ClientLeftError:
            record.status = _CLIENT_LEFT
        finally:
            self._telemetry.end(record)

    def _begin(self, scope: Scope, receive: Receive) -> Exchange:
        headers = read_headers(scope["headers"])
        request_id = choose_request_id(headers.get("x-request-id"))
        address = self._addresses.mark(scope, headers)
        if self._header_rules is not None:
            self._header_rules.apply(headers)
        request = HttpRequest(
            scope["method"], scope["path"], scope["query_string"], headers, request_id, address
        )
        record = self._telemetry.begin(request.method, request.path, request_id, headers)
        record.client_address = address
        deadline_at = self._watchman.loop.time() + self._timeout_s
        return Exchange(request, receive, record, deadline_at)

    def _common_headers(self, request: HttpRequest) -> HeaderList:
        request_id = (b"x-request-id", request.request_id.encode())
        headers = (*self._common, *self._cors.response_headers(request.headers), request_id)
        return (*headers, CLOSE) if self.drain.is_begun else headers

    async def _reply(self, exchange: Exchange) -> Reply | PartsReply:
        """Returns the response; every failure becomes a coded error here, at the pipeline's edge."""
        answers = self._answers
        try:
            return await self._answer(exchange)
        except RefusedError as refusal:
            return answers.of_refusal(exchange, refusal)
        except ClientLeftError:
            raise
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not self.drain.is_begun or task is None:
                raise
            # The server gives up what is in hand: the client is told so, rather than cut off.
            task.uncancel()
            refusal = RefusedError("The router is ending", ErrorCode.OVERLOADED, headers=(_RETRY_NOW,))
            return answers.of_refusal(exchange, refusal)
        except ClientError as error:
            result = GraphQLResult.refused(ResponseError.of(error))
            return await answers.of_result(exchange, result, answers.media_of_refusal(exchange))
        except Exception as fault:  # noqa: BLE001 - the pipeline's edge: every fault leaves here coded
            return answers.of_fault(exchange, fault)

    async def _answer(self, exchange: Exchange) -> Reply | PartsReply:
        request, config = exchange.request, self._config
        if request.method == "OPTIONS":
            return Reply(204, headers=self._cors.preflight_headers(request.headers))
        if request.method not in {"GET", "POST"}:
            message = f"The method {request.method[:20]} is not allowed"
            raise RefusedError(message, ErrorCode.METHOD_NOT_ALLOWED, headers=(_ALLOW,))
        check_csrf(request.method, request.headers, config.csrf, config.cors)
        media = negotiate(request.headers.get("accept"))
        watch = self._watchman.watch(exchange.deadline_at - self._timeout_s + self._body_timeout_s)
        try:
            with watch:
                if self._authentication is not None:
                    address = request.client_address
                    exchange.viewer = await self._authentication.viewer_of(request.headers, address)
                operations = await self._read_operations(exchange)
                watch.go_on(exchange.deadline_at, exchange.receive)
                if not self.admission.try_enter():
                    await self.admission.wait()
                try:
                    return await self._run(operations, exchange, media)
                finally:
                    self.admission.leave()
        except OverdueError as error:
            if watch.has_body:
                raise
            message = f"The body did not arrive within {self._config.body_timeout_ms} ms"
            raise RefusedError(message, ErrorCode.REQUEST_TIMEOUT, status=408) from error

    async def _run(
        self, operations: GraphQLRequest | list[GraphQLRequest], exchange: Exchange, media: MediaType
    ) -> Reply | PartsReply:
        if isinstance(operations, list):
            return await self._answers.of_batch(exchange, await self._run_batch(operations, exchange))
        context = exchange.new_context(operations)
        answer = await self._run_one(operations, context)
        if isinstance(answer, GraphQLResult):
            return await self._answers.of_result(exchange, answer, media, context.scope)
        return answer

    async def _read_operations(self, exchange: Exchange) -> GraphQLRequest | list[GraphQLRequest]:
        request = exchange.request
        if request.method == "GET":
            return parse_query_string(request.query_string, self._limits)
        check_content_type(request.headers.get("content-type"))
        body = await read_body(exchange.receive, request.headers, bytes_max=self._limits.max_body_bytes)
        return parse_body(body, self._limits, self._config.batching)

    async def _run_one(
        self, operation: GraphQLRequest, context: RequestContext
    ) -> GraphQLResult | PartsReply:
        """Returns the result, or the beginning of an answer in parts to a client that takes them."""
        accept = context.headers.get("accept", "")
        media = negotiate_parts(accept)
        if media is None:
            return await self._router.execute(operation, context)
        answer = await self._router.execute_in_parts(operation, context)
        if isinstance(answer, GraphQLResult) and not (answer.executed and takes_only_parts(accept)):
            return answer
        return await begin_parts(answer, media)

    async def _run_batch(
        self, operations: Sequence[GraphQLRequest], exchange: Exchange
    ) -> list[tuple[GraphQLResult, RequestScope]]:
        contexts = [exchange.new_context(operation) for operation in operations]
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._router.execute(operation, context))
                for operation, context in zip(operations, contexts, strict=True)
            ]
        return [(task.result(), context.scope) for task, context in zip(tasks, contexts, strict=True)]

    async def _send_parts(
        self, reply: PartsReply, exchange: Exchange, send: Send, common: HeaderList
    ) -> None:
        """Sends the payloads as they come; a fault or the deadline ends them with an error, in good form."""
        record = exchange.record
        sender = PartsSender(send, reply.media, record.request_id)
        try:
            with self._watchman.watch(exchange.deadline_at, exchange.receive):
                async with aclosing(reply.rest):
                    await sender.begin(common)
                    await self._send_payload(sender, reply.first, record)
                    async for payload in reply.rest:
                        await self._send_payload(sender, payload, record)
        except ClientLeftError:
            raise
        except Exception as fault:  # noqa: BLE001 - the pipeline's edge, as in _reply
            error = self._answers.error_of_fault(fault, record.request_id)
            record.error_code = error.code
            await sender.abandon(error)

    @staticmethod
    async def _send_payload(sender: PartsSender, payload: Payload, record: RequestRecord) -> None:
        if not record.operations:
            await sender.send_payload(payload)
            return
        operation = record.operations[0]
        if payload.result is not None:
            note_errors(operation, payload.result.errors)
        for delivery in payload.delivered:
            note_errors(operation, delivery.errors)
        is_last_of_inspected = record.is_inspected and not payload.has_next
        await sender.send_payload(
            payload, trace_extension(record, operation) if is_last_of_inspected else None
        )
