"""One line for each request that was answered, or that its client left.

Every request pays for it, so JSON lines are made here and not by structlog, which takes six times as long;
what a client may write freely is redacted as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from router.telemetry.logs import json_lines
from router.telemetry.record import OperationRecord, RequestRecord
from router.telemetry.redaction import redact_text

_log = structlog.stdlib.get_logger("router.access")
CODES_MAX = 10
EVENT = "request"
NAME_LENGTH_MAX = 200


def log_access(records: Sequence[RequestRecord]) -> None:
    """Writes a line for each. No query string, header or variable is in it: those carry secrets."""
    lines = json_lines()
    if lines is None:
        for record in records:
            _log.info(EVENT, **_line_of(record))
    elif lines.takes_info:
        lines.write(_json_line_of(record) for record in records)


def _json_line_of(record: RequestRecord) -> dict[str, Any]:
    line = _line_of(record)
    line["event"], line["level"], line["timestamp"] = EVENT, "info", _ended_at(record)
    return line


def _line_of(record: RequestRecord) -> dict[str, Any]:
    operations, trace = record.operations, record.trace
    line: dict[str, Any] = {
        "method": record.method,
        "path": record.path,
        "status": record.status,
        "duration_ms": round(record.duration_s * 1000, 2),
        "client": record.client_address or None,
        "request_id": _plain(record.request_id),
        "trace_id": trace.trace_id_hex if trace is not None else None,
    }
    if len(operations) == 1:
        _describe_operation(line, operations[0], record.error_code)
    elif operations:
        line["operations"] = [_describe_operation({}, one, None) for one in operations]
    else:
        line["error_codes"] = [record.error_code] if record.error_code else []
    return line


def _ended_at(record: RequestRecord) -> datetime:
    return datetime.fromtimestamp(record.started_ns / 1e9 + record.duration_s, UTC)


def _plain(request_id: str) -> str:
    """Returns the id without a token in it; the edge has made sure that it could only be a JWT."""
    return redact_text(request_id) if "eyj" in request_id.lower() else request_id


def _describe_operation(
    line: dict[str, Any], operation: OperationRecord, refused: str | None
) -> dict[str, Any]:
    """Adds what is known of an operation to a line; returns the line."""
    name, kind = operation.name, operation.kind
    if name is not None and not kind:
        # Not the name of an accepted operation: whatever the client wrote.
        name = redact_text(name[:NAME_LENGTH_MAX])
    line["operation_name"] = name
    line["operation_hash"] = operation.document_hash
    line["operation_kind"] = kind or None
    line["error_codes"] = _codes(operation, refused) if operation.errors or refused else []
    line["fetches"] = len(operation.fetches)
    # Where there is no cost analysis or no cache, a null on every line would tell nothing.
    if operation.cost is not None:
        line["cost"] = operation.cost
    if operation.cache is not None:
        line["cache"] = operation.cache
    return line


def _codes(operation: OperationRecord, refused: str | None) -> list[str]:
    codes = [error.code for error in operation.errors] + ([refused] if refused else [])
    return [redact_text(code[:NAME_LENGTH_MAX]) for code in dict.fromkeys(codes)][:CODES_MAX]
