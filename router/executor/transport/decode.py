"""From an answer to a checked GraphQL response (GraphQL spec, section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from router.errors import SubgraphError, SubgraphFault
from router.executor.transport.client import SubgraphResponse
from router.executor.transport.connection import HttpResponse
from router.response.codes import ErrorCode


def decode_response(service: str, response: HttpResponse) -> SubgraphResponse:
    """Returns the GraphQL response; raises SubgraphError.

    A status other than 2xx with a well-formed GraphQL body is that body's answer: servers say 400 or 500
    beside their errors. Any other body under such a status is a SUBGRAPH_HTTP_ERROR that keeps the status.
    """
    is_success = 200 <= response.status < 300
    try:
        body = orjson.loads(response.body)
    except orjson.JSONDecodeError as error:
        if is_success:
            raise _malformed(service, "its body is not JSON", response.status) from error
        raise _http_error(service, response) from error
    try:
        found = read_response(service, body, response.status)
    except SubgraphError as error:
        if is_success:
            raise
        raise _http_error(service, response) from error
    found.headers, found.size = response.headers, len(response.body)
    return found


def decoded(service: str, response: SubgraphResponse) -> SubgraphResponse:
    """Returns the response with its body read, if it still has one; raises SubgraphError."""
    if response.body is None:
        return response
    return decode_response(service, HttpResponse(response.http_status, response.body, response.headers))


def read_response(service: str, body: Any, status: int = 200) -> SubgraphResponse:
    """Returns `body` as a response once its shape is checked; raises SUBGRAPH_MALFORMED_RESPONSE."""
    if not isinstance(body, Mapping):
        raise _malformed(service, "it is not an object", status)
    data, errors, extensions = body.get("data"), body.get("errors"), body.get("extensions")
    if data is not None and not isinstance(data, Mapping):
        raise _malformed(service, '"data" is neither an object nor null', status)
    if errors is None:
        errors = ()
    elif not isinstance(errors, list | tuple) or not all(isinstance(entry, Mapping) for entry in errors):
        raise _malformed(service, '"errors" is not a list of objects', status)
    if "data" not in body and not errors:
        raise _malformed(service, 'it has neither "data" nor "errors"', status)
    if extensions is not None and not isinstance(extensions, Mapping):
        raise _malformed(service, '"extensions" is not an object', status)
    return SubgraphResponse(data, tuple(errors), extensions or {}, status)


def _malformed(service: str, why: str, status: int) -> SubgraphError:
    return SubgraphError(
        f'The subgraph "{service}" sent no GraphQL response: {why}',
        ErrorCode.SUBGRAPH_MALFORMED_RESPONSE.name,
        service=service,
        http_status=status,
        fault=SubgraphFault.MALFORMED,
    )


def _http_error(service: str, response: HttpResponse) -> SubgraphError:
    return SubgraphError(
        f'The subgraph "{service}" answered with HTTP status {response.status}',
        ErrorCode.SUBGRAPH_HTTP_ERROR.name,
        service=service,
        http_status=response.status,
        fault=SubgraphFault.STATUS,
        headers=response.headers,
    )
