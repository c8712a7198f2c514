"""What a client may see of an error: what it caused, told plainly; what we caused, only its request id."""

from __future__ import annotations

from traceback import format_exception
from typing import Any

import structlog
from graphql import GraphQLError
from sqlalchemy.exc import DBAPIError

from subgraphs.kit.errors import ClientError

log = structlog.get_logger(__name__)

# What PostgreSQL says to U+0000 in text (character_not_in_repertoire) and in JSON (untranslatable_character).
_UNSTORABLE_SQLSTATES = frozenset({"22021", "22P05"})
# A lock or a statement that took longer than its limit: nothing is wrong with the request or with us.
_BUSY_SQLSTATES = frozenset({"55P03", "57014"})

INTERNAL_CODE = "INTERNAL_SERVER_ERROR"
INTERNAL_MESSAGE = "Internal server error"


def client_error_to_map(error: ClientError) -> dict[str, Any]:
    """Returns the response entry of an error that refused the whole request."""
    return {"message": error.message, "extensions": {**error.extensions, "code": error.code}}


def error_to_map(error: GraphQLError, request_id: str) -> dict[str, Any]:
    """Returns the response entry; an unexpected error goes to the log in full and out as a bare code."""
    entry = _describe(error, request_id)
    if error.locations:
        entry["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        entry["path"] = list(error.path)
    return entry


def _describe(error: GraphQLError, request_id: str) -> dict[str, Any]:
    original = error.original_error
    if isinstance(original, ClientError):
        return client_error_to_map(original)
    extensions = error.extensions or {}
    if "code" in extensions and original is None:
        return {"message": error.message, "extensions": dict(extensions)}
    if error.path is None and (error.nodes or original is None):
        # graphql-core refused the variables: by their types or their depth; nothing has run.
        return {"message": error.message, "extensions": {"code": "BAD_USER_INPUT"}}
    sqlstate = getattr(original.orig, "sqlstate", None) if isinstance(original, DBAPIError) else None
    if sqlstate in _UNSTORABLE_SQLSTATES:
        message = "A text holds the character U+0000, which no text may"
        return {"message": message, "extensions": {"code": "BAD_USER_INPUT"}}
    if sqlstate in _BUSY_SQLSTATES:
        log.warning("database_busy", request_id=request_id, path=error.path, sqlstate=sqlstate)
        message = "The data is busy with other requests; nothing was changed, try again"
        return {"message": message, "extensions": {"code": "RESOURCE_BUSY", "requestId": request_id}}
    log.error(
        "unexpected_error",
        request_id=request_id,
        path=error.path,
        error=repr(original or error),
        # Formatted here: a renderer that prints local variables would print passwords.
        traceback="".join(format_exception(original or error)),
    )
    return {
        "message": INTERNAL_MESSAGE,
        "extensions": {"code": INTERNAL_CODE, "requestId": request_id},
    }
