"""The messages of graphql-transport-ws: text in, checked values out, and the frames that go back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from router.pipeline.request import GraphQLRequest
from router.response.encode import encode_json
from router.response.result import ResponseError
from router.server.subscriptions.close_codes import CloseCode, SocketCloseError

SUBPROTOCOL = "graphql-transport-ws"
OPERATION_ID_LENGTH_MAX = 256


@dataclass(frozen=True, slots=True)
class Init:
    """`connection_init`."""

    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ping:
    """`ping`."""

    payload: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Pong:
    """`pong`."""


@dataclass(frozen=True, slots=True)
class Subscribe:
    """`subscribe`."""

    id: str
    request: GraphQLRequest


@dataclass(frozen=True, slots=True)
class Complete:
    """`complete`."""

    id: str


ClientMessage = Init | Ping | Pong | Subscribe | Complete


def parse_message(text: str) -> ClientMessage:
    """Returns the message; raises SocketCloseError 4400 for anything the protocol does not know."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _invalid("The message is not JSON") from error
    if not isinstance(message, dict):
        raise _invalid("The message is not an object")
    match message.get("type"):
        case "connection_init":
            return Init(_payload_of(message) or {})
        case "ping":
            return Ping(_payload_of(message))
        case "pong":
            _payload_of(message)
            return Pong()
        case "subscribe":
            return Subscribe(_id_of(message), _request_of(message.get("payload")))
        case "complete":
            return Complete(_id_of(message))
    raise _invalid("The message has no type of the protocol")


def next_frame(operation_id: str, payload: bytes) -> str:
    """Returns a `next` message around a response that is encoded already."""
    return f'{{"id":{_quoted(operation_id)},"type":"next","payload":{payload.decode()}}}'


def error_frame(operation_id: str, errors: Iterable[ResponseError]) -> str:
    """Returns an `error` message; the operation has ended with it."""
    entries = [error.to_map() for error in errors]
    return encode_json({"id": operation_id, "type": "error", "payload": entries}).decode()


def complete_frame(operation_id: str) -> str:
    """Returns a `complete` message."""
    return f'{{"id":{_quoted(operation_id)},"type":"complete"}}'


def control_frame(kind: str, payload: Mapping[str, Any] | None = None) -> str:
    """Returns a `connection_ack`, `ping` or `pong`."""
    return orjson.dumps({"type": kind} if payload is None else {"type": kind, "payload": payload}).decode()


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()


def _payload_of(message: Mapping[str, Any]) -> Mapping[str, Any] | None:
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise _invalid(f"The payload of {message['type']} must be an object")
    return payload


def _id_of(message: Mapping[str, Any]) -> str:
    operation_id = message.get("id")
    if not isinstance(operation_id, str) or not 0 < len(operation_id) <= OPERATION_ID_LENGTH_MAX:
        raise _invalid(
            f"{message['type']} needs an id, a string of 1 to {OPERATION_ID_LENGTH_MAX} characters"
        )
    return operation_id


def _request_of(payload: Any) -> GraphQLRequest:
    if not isinstance(payload, dict):
        raise _invalid("subscribe needs a payload, an object")
    query, name = payload.get("query"), payload.get("operationName")
    document_id = payload.get("documentId", payload.get("doc_id"))
    names_document = (isinstance(document_id, str) and document_id) or "extensions" in payload
    if not (isinstance(query, str) and query) and (query is not None or not names_document):
        raise _invalid('"query" must be a non-empty string')
    if document_id is not None and not isinstance(document_id, str):
        raise _invalid('"documentId" must be a string')
    if name is not None and not isinstance(name, str):
        raise _invalid('"operationName" must be a string')
    maps: dict[str, Mapping[str, Any]] = {}
    for key in ("variables", "extensions"):
        value = payload.get(key)
        if value is not None and not isinstance(value, dict):
            raise _invalid(f'"{key}" must be an object')
        maps[key] = value or {}
    request = GraphQLRequest(query or "", name or None, maps["variables"], maps["extensions"], document_id)
    if not request.query and request.is_plain:
        raise _invalid('"query" must be a non-empty string')
    return request


def _invalid(what: str) -> SocketCloseError:
    return SocketCloseError(CloseCode.BAD_REQUEST, what)
