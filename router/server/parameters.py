"""From a body or a query string to requests of the right shape (GraphQL over HTTP, section 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

from router.config import BatchingConfig, LimitsConfig
from router.pipeline.request import GraphQLRequest
from router.response.codes import ErrorCode
from router.server.refusal import RefusedError

_QUERY_FIELDS_MAX = 50
_ID_NAMES = frozenset({"documentId", "doc_id"})
_ID_LENGTH_MAX = 200


def parse_body(
    body: bytes, limits: LimitsConfig, batching: BatchingConfig
) -> GraphQLRequest | list[GraphQLRequest]:
    """Returns the request of a JSON body, or the requests of a batch; raises RefusedError."""
    parameters = _load_json(body, "The body", limits)
    if isinstance(parameters, list):
        return _parse_batch(parameters, batching)
    return _build_request(parameters)


def parse_query_string(query_string: bytes, limits: LimitsConfig) -> GraphQLRequest:
    """Returns the request of a GET; `variables` and `extensions` are JSON texts; raises RefusedError."""
    if len(query_string) > limits.max_query_string_bytes:
        message = f"The query string is longer than {limits.max_query_string_bytes} bytes"
        raise RefusedError(message, ErrorCode.PAYLOAD_TOO_LARGE, status=414)
    parameters: dict[str, Any] = {}
    for name, value in _split_query_string(query_string):
        if name in parameters:
            raise _wrong_shape(f'The parameter "{name[:40]}" is given twice')
        parameters[name] = value
    for name in ("variables", "extensions"):
        text = parameters.get(name)
        parameters[name] = _load_json(text.encode(), f'The parameter "{name}"', limits) if text else None
    return _build_request(parameters)


def _split_query_string(query_string: bytes) -> list[tuple[str, str]]:
    try:
        text = query_string.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_QUERY_FIELDS_MAX)
    except ValueError as error:
        raise RefusedError("The query string is not well-formed", ErrorCode.BAD_REQUEST) from error


def _load_json(text: bytes, what: str, limits: LimitsConfig) -> Any:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise RefusedError(f"{what} is not well-formed JSON: {error}", ErrorCode.BAD_REQUEST) from error
    # Counting brackets is cheap and never too low, so that only suspicious bodies are walked.
    if text.count(b"{") + text.count(b"[") > limits.max_json_depth and _is_deeper(
        value, limits.max_json_depth
    ):
        raise RefusedError(
            f"{what} is nested deeper than {limits.max_json_depth} levels", ErrorCode.BAD_REQUEST
        )
    return value


def _is_deeper(value: Any, depth_max: int) -> bool:
    """Tells whether `value` nests deeper than `depth_max`, level by level and so without recursion."""
    level = [value]
    for _ in range(depth_max):
        containers = [item for item in level if isinstance(item, dict | list)]
        if not containers:
            return False
        level = [
            child
            for container in containers
            for child in (container.values() if isinstance(container, dict) else container)
        ]
    return any(isinstance(item, dict | list) for item in level)


def _parse_batch(entries: list[Any], batching: BatchingConfig) -> list[GraphQLRequest]:
    if not batching.enabled:
        raise RefusedError("Batches of operations are not enabled", ErrorCode.BAD_REQUEST)
    if not 1 <= len(entries) <= batching.max_operations:
        raise RefusedError(f"A batch holds 1 to {batching.max_operations} operations", ErrorCode.BAD_REQUEST)
    return [_build_request(entry) for entry in entries]


def _build_request(parameters: Any) -> GraphQLRequest:
    if not isinstance(parameters, dict):
        raise _wrong_shape("The body must be a JSON object")
    operation_name = parameters.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise _wrong_shape('The parameter "operationName" must be a string or null')
    query = parameters.get("query")
    variables, extensions = _read_map(parameters, "variables"), _read_map(parameters, "extensions")
    if isinstance(query, str) and query and not _ID_NAMES & parameters.keys():
        return GraphQLRequest(query, operation_name or None, variables, extensions)
    document_id = _read_id(parameters)
    if document_id is None and "persistedQuery" not in extensions:
        raise _wrong_shape('The parameter "query" must be a non-empty string')
    if query is not None and not isinstance(query, str):
        raise _wrong_shape('The parameter "query" must be a string or null')
    return GraphQLRequest(query or "", operation_name or None, variables, extensions, document_id)


def _read_id(parameters: Mapping[str, Any]) -> str | None:
    """Returns the document's id: `documentId` as GraphQL over HTTP has it, `doc_id` as Relay has."""
    given = [parameters[name] for name in sorted(_ID_NAMES) if parameters.get(name) is not None]
    if not given:
        return None
    if len(given) > 1 or not isinstance(given[0], str) or not 0 < len(given[0]) <= _ID_LENGTH_MAX:
        raise _wrong_shape('The parameter "documentId" must be one short string')
    return given[0]


def _read_map(parameters: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = parameters.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _wrong_shape(f'The parameter "{name}" must be an object or null')
    return value


def _wrong_shape(message: str) -> RefusedError:
    return RefusedError(message, ErrorCode.BAD_REQUEST, draft_status=422)
