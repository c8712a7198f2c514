"""One line for each request that was answered, or that its client left."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

_log = structlog.stdlib.get_logger("router.access")


@dataclass(slots=True)
class AccessRecord:
    """What the access log says of one request; filled in as the request goes through the edge."""

    method: str
    path: str
    request_id: str
    status: int = 0
    operation_name: str | None = None
    error_code: str | None = None


def log_access(record: AccessRecord, *, duration_s: float) -> None:
    """Writes the line. No query string, no header and no variable is in it: those carry secrets."""
    _log.info(
        "request",
        method=record.method,
        path=record.path,
        status=record.status,
        duration_ms=round(duration_s * 1000, 2),
        operation_name=record.operation_name,
        error_code=record.error_code,
        request_id=record.request_id,
    )
