"""Who asks, told at the edge before a body is read or a document parsed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from router.authentication import Viewer
from router.errors import ClientError
from router.response.codes import ErrorCode
from router.server.refusal import RefusedError

if TYPE_CHECKING:  # loaded where the settings ask for it: see router.authentication
    from router.authentication.authenticator import Authenticator

_CHALLENGE = (b"www-authenticate", b'Bearer error="invalid_token"')
_RETRY_SOON = (b"retry-after", b"2")


class EdgeAuthentication:
    """Names the viewer of each request.

    `passport_header` is what subgraphs are told of the viewer in: a client that sends it itself is not heard.
    """

    def __init__(self, authenticator: Authenticator, passport_header: str) -> None:
        self._authenticator = authenticator
        self._passport_header = passport_header

    async def viewer_of(self, headers: dict[str, str], address: str | None = None) -> Viewer:
        """Returns the viewer; raises RefusedError, 401 for a bad credential, 503 if nobody can verify it."""
        headers.pop(self._passport_header, None)
        viewer = self._authenticator.recall(headers, address)
        if viewer is not None:
            return viewer
        return await self._authenticate(headers, address)

    async def _authenticate(self, headers: Mapping[str, str], address: str | None) -> Viewer:
        try:
            return await self._authenticator.authenticate(headers, address)
        except ClientError as error:
            code = ErrorCode[error.code]
            header = _CHALLENGE if code is ErrorCode.UNAUTHENTICATED else _RETRY_SOON
            raise RefusedError(error.message, code, headers=(header,)) from error
