"""The codes a graphql-transport-ws socket is closed with.

https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from __future__ import annotations

from enum import Enum


class CloseCode(Enum):
    """(code, reason); clients go by the code."""

    BAD_REQUEST = (4400, "Invalid message")
    UNAUTHORIZED = (4401, "Unauthorized")
    FORBIDDEN = (4403, "Forbidden")
    SUBPROTOCOL_NOT_ACCEPTABLE = (4406, "Subprotocol not acceptable")
    INITIALISATION_TIMEOUT = (4408, "Connection initialisation timeout")
    SUBSCRIBER_EXISTS = (4409, "Subscriber already exists")
    TOO_MANY_INITIALISATIONS = (4429, "Too many initialisation requests")
    INTERNAL_ERROR = (4500, "Internal server error")
    SERVICE_RESTART = (1012, "Service restart")
    MESSAGE_TOO_BIG = (1009, "Message too big")

    @property
    def code(self) -> int:
        """The number."""
        return self.value[0]

    @property
    def reason(self) -> str:
        """What a person reads."""
        return self.value[1]


class SocketCloseError(Exception):
    """The socket must be closed with this code."""

    def __init__(self, code: CloseCode, reason: str | None = None) -> None:
        super().__init__(reason or code.reason)
        self.code = code
        self.reason = reason or code.reason
