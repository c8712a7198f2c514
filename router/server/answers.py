"""From what became of a request to the HTTP response that says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from router.config import ServerConfig
from router.executor.transport.client import RequestScope
from router.response.codes import ErrorCode
from router.response.result import GraphQLResult, ResponseError
from router.server.compression import Compressor
from router.server.cors import HeaderList
from router.server.exchange import Exchange
from router.server.inspection import note_errors, with_trace
from router.server.negotiation import MediaType, negotiate
from router.server.refusal import RefusedError
from router.server.reply import Reply, encode_errors, encode_result
from router.server.status import StatusPolicy, status_of_refusal, status_of_result
from router.server.validators import etag_of, is_known
from router.server.watch import OverdueError

_log = structlog.stdlib.get_logger("router.server")

_OF_LIMITS = frozenset({b"ratelimit", b"ratelimit-policy", b"retry-after"})
_ALLOW_POST = (b"allow", b"POST")


class Answers:
    """Makes replies after the server's settings."""

    def __init__(self, config: ServerConfig) -> None:
        self._policy: StatusPolicy = config.status_policy
        self._timeout_ms = config.request_timeout_ms
        self._compressor = Compressor(config.compression)

    async def of_result(
        self, exchange: Exchange, result: GraphQLResult, media: MediaType, scope: RequestScope | None = None
    ) -> Reply:
        """Returns the response to one operation that ran in `scope`, or to one that never ran."""
        if result.errors:
            exchange.record.error_code = result.errors[0].code
        result = _noted(exchange, result, scope)
        body = encode_result(result, exchange.request.request_id)
        status = status_of_result(result, media, self._policy)
        if status == ErrorCode.METHOD_NOT_ALLOWED.status:
            # The pipeline refuses a mutation that came by GET; RFC 9110 wants the methods that would do.
            return Reply(status, body, media, (_ALLOW_POST,))
        headers = _headers_from_below(result, scope)
        if exchange.request.method == "GET" and status == 200 and not result.errors:
            etag = etag_of(body, media.value)
            headers = (*headers, (b"etag", etag))
            if is_known(exchange.request.headers.get("if-none-match"), etag):
                return Reply(304, headers=headers)
        # A body with errors holds its own request id, so that nobody shares it.
        forms = None if result.errors else result.forms
        return await self._compress(exchange, Reply(status, body, media, headers), forms)

    async def of_batch(
        self, exchange: Exchange, results: Sequence[tuple[GraphQLResult, RequestScope]]
    ) -> Reply:
        """Returns the response to a batch of operations, an array in their order."""
        request_id = exchange.request.request_id
        bodies = [encode_result(_noted(exchange, *one), request_id) for one in results]
        return await self._compress(exchange, Reply(200, b"[%b]" % b",".join(bodies), MediaType.JSON))

    async def _compress(self, exchange: Exchange, reply: Reply, forms: dict[str, Any] | None = None) -> Reply:
        accepted = exchange.request.headers.get("accept-encoding")
        encoding = self._compressor.choose(accepted, len(reply.body))
        if encoding is None:
            return reply
        body = await self._compressor.compress(reply.body, encoding, forms)
        headers = (*reply.headers, (b"content-encoding", encoding.encode()))
        return Reply(reply.status, body, reply.media, headers)

    def of_refusal(self, exchange: Exchange, refusal: RefusedError) -> Reply:
        """Returns the response to a request the edge turned away."""
        status = status_of_refusal(refusal, self._policy)
        return self._of_error(exchange, ResponseError.of(refusal), status, refusal.headers)

    def of_fault(self, exchange: Exchange, fault: Exception) -> Reply:
        """Returns the response to a request that met a fault or its deadline."""
        error = self.error_of_fault(fault, exchange.request.request_id)
        return self._of_error(exchange, error, ErrorCode[error.code].status)

    def media_of_refusal(self, exchange: Exchange) -> MediaType:
        """Returns the media type of an error: the one the client asked for, if we have it."""
        try:
            return negotiate(exchange.request.headers.get("accept"))
        except RefusedError:
            return MediaType.JSON

    def error_of_fault(self, fault: Exception, request_id: str) -> ResponseError:
        """Returns what the client may know of a fault; the log gets the rest."""
        if isinstance(fault, OverdueError):
            message = f"The request took longer than {self._timeout_ms} ms"
            return ResponseError(message, ErrorCode.REQUEST_TIMEOUT.name)
        _log.error("request failed", request_id=request_id, exc_info=fault)
        if isinstance(fault, RecursionError):
            # Limits of depth refuse such a request before; this is the net under them.
            return ResponseError("The request is nested too deeply", ErrorCode.DOCUMENT_LIMIT_EXCEEDED.name)
        return ResponseError("Internal server error", ErrorCode.INTERNAL_SERVER_ERROR.name)

    def _of_error(
        self,
        exchange: Exchange,
        error: ResponseError,
        status: int,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> Reply:
        exchange.record.error_code = error.code
        body = encode_errors([error], exchange.request.request_id)
        return Reply(status, body, self.media_of_refusal(exchange), headers)


def _note(exchange: Exchange, result: GraphQLResult, index: int) -> GraphQLResult:
    """Writes the errors of an operation into its record; returns the result, with its trace if asked for."""
    record = exchange.record
    if index >= len(record.operations):  # refused before there was any
        record.error_code = result.errors[0].code
        return result
    operation = record.operations[index]
    if result.errors:
        note_errors(operation, result.errors)
    return with_trace(result, record, operation) if record.is_inspected else result


def _headers_from_below(result: GraphQLResult, scope: RequestScope | None) -> HeaderList:
    if scope is None or not scope.response_headers:
        return ()
    if not result.executed:  # what limits say holds all the same
        return tuple(header for header in scope.response_headers if header[0] in _OF_LIMITS)
    if not result.errors:
        return tuple(scope.response_headers)
    # Nobody may keep an answer that lacks something.
    return tuple(header for header in scope.response_headers if header[0] != b"cache-control")


def _noted(exchange: Exchange, result: GraphQLResult, scope: RequestScope | None) -> GraphQLResult:
    """Returns the result with its trace where that is asked for; its errors go into the record."""
    operation = scope.record if scope is not None else None
    if operation is None:
        return result
    note_errors(operation, result.errors)
    return with_trace(result, exchange.record, operation) if exchange.record.is_inspected else result
