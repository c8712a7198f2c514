"""What is sent back, and the sending of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from router.response.encode import encode_json
from router.response.result import GraphQLResult, ResponseError
from router.server.asgi import Scope, Send
from router.server.cors import HeaderList
from router.server.negotiation import MediaType
from router.server.whole import send_whole

CLOSE = (b"connection", b"close")
_WITHOUT_BODY = frozenset({204, 304})


class Reply(Struct, frozen=True):
    """One HTTP response; the headers every response carries are added when it is sent."""

    status: int
    body: bytes = b""
    media: MediaType | None = None
    headers: HeaderList = ()


def result_to_map(result: GraphQLResult, request_id: str) -> dict[str, Any]:
    """Returns the response body of a result, each error tied to the log by the request id."""
    body = result.to_map()
    if result.errors:
        body["errors"] = _errors_to_maps(result.errors, request_id)
    return body


def encode_result(result: GraphQLResult, request_id: str) -> bytes:
    """Returns the response body as JSON; data that is JSON already is put in as it is."""
    if result.forms is not None and not result.errors:
        return _encode_once(result, result.forms, request_id)
    return _encode(result, request_id)


def _encode_once(result: GraphQLResult, forms: dict[str, Any], request_id: str) -> bytes:
    body = forms.get("identity")
    if body is None:
        body = forms["identity"] = _encode(result, request_id)
    return body


def _encode(result: GraphQLResult, request_id: str) -> bytes:
    if result.response is not None and not result.errors and not result.extensions:
        return result.response
    if result.encoded is None:
        return encode_json(result_to_map(result, request_id))
    if not result.errors and not result.extensions:
        return b'{"data":%b}' % result.encoded
    errors = b""
    if result.errors:
        errors = b'"errors":%b,' % encode_json(_errors_to_maps(result.errors, request_id))
    extensions = b',"extensions":%b' % encode_json(dict(result.extensions)) if result.extensions else b""
    return b'{%b"data":%b%b}' % (errors, result.encoded, extensions)


def encode_errors(errors: Sequence[ResponseError], request_id: str) -> bytes:
    """Returns the response body of a request that never reached the pipeline."""
    return encode_result(GraphQLResult.refused(*errors), request_id)


def _errors_to_maps(errors: Sequence[ResponseError], request_id: str) -> list[dict[str, Any]]:
    entries = [error.to_map() for error in errors]
    for entry in entries:
        entry["extensions"]["requestId"] = request_id
    return entries


async def send_reply(send: Send, reply: Reply, common: HeaderList, scope: Scope | None = None) -> None:
    """Sends the whole response, in two messages where the server of `scope` does not take it at once."""
    headers = merge_headers(common, reply.headers) if reply.headers else [*common]
    if reply.status not in _WITHOUT_BODY:
        headers.append((b"content-length", b"%d" % len(reply.body)))
    if reply.media is not None:
        headers.append((b"content-type", reply.media.value))
    if (
        scope is not None
        and reply.body
        and CLOSE not in headers
        and send_whole(scope, reply.status, headers, reply.body)
    ):
        return
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


def merge_headers(common: HeaderList, own: HeaderList) -> list[tuple[bytes, bytes]]:
    """Returns both; a name of `own` stands instead of the common one, but for `vary`, which adds up."""
    names = {name for name, _ in own if name != b"vary"}
    merged = [header for header in common if header[0] not in names and header[0] != b"vary"]
    varies = [value for name, value in (*common, *own) if name == b"vary"]
    if varies:
        merged.append((b"vary", b", ".join(varies)))
    merged += [header for header in own if header[0] != b"vary"]
    return merged
