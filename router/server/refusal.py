"""A request the edge turns away before the pipeline sees it."""

from __future__ import annotations

from router.errors import ClientError
from router.response.codes import ErrorCode


class RefusedError(ClientError):
    """A coded error with its HTTP status; `draft_status` differs where the newest draft asks for another."""

    def __init__(
        self,
        message: str,
        code: ErrorCode,
        *,
        status: int | None = None,
        draft_status: int | None = None,
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(message, code.name)
        self.status = status or code.status
        self.draft_status = draft_status or self.status
        self.headers = headers


class ClientLeftError(Exception):
    """The client closed its connection before the answer was ready."""
