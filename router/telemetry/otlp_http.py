"""Posts exports to a collector: one kept connection, tried again while that is of use and there is time.

https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from __future__ import annotations

import contextlib
import http.client
import random
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

_TRY_AGAIN = frozenset({429, 502, 503, 504})
_BACK_OFF_S = 0.2
_BACK_OFF_S_MAX = 5.0
_ANSWER_BYTES_MAX = 65_536


class OtlpHttp:
    """One collector; used by one thread at a time, but for `give_up`."""

    def __init__(self, endpoint: str, headers: Mapping[str, str], timeout_s: float) -> None:
        parts = urlsplit(endpoint)
        self._host, self._port = parts.hostname or "", parts.port
        self._is_tls = parts.scheme == "https"
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._headers = {**headers, "content-type": "application/x-protobuf"}
        self._timeout_s = timeout_s
        self._connection: http.client.HTTPConnection | None = None
        self._is_ending = threading.Event()

    def post(self, body: bytes) -> str | None:
        """Sends one export; returns None when it was taken, else why not."""
        deadline = time.monotonic() + self._timeout_s
        wait_s = _BACK_OFF_S
        while True:
            problem, asked_wait_s = self._try(body, deadline)
            if problem is None or asked_wait_s is None:
                return problem
            pause_s = max(asked_wait_s, wait_s * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
            if time.monotonic() + pause_s >= deadline or self._is_ending.wait(pause_s):
                return problem
            wait_s = min(2 * wait_s, _BACK_OFF_S_MAX)

    def give_up(self) -> None:
        """Ends a `post` under way in another thread."""
        self._is_ending.set()
        connection = self._connection
        if connection is not None and connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Closes the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _try(self, body: bytes, deadline: float) -> tuple[str | None, float | None]:
        """Returns what went wrong, if anything, and how long to wait where another try may help."""
        try:
            status, retry_after = self._exchange(body, deadline)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            return f"{type(error).__name__}: {error}", 0.0
        if 200 <= status < 300:
            return None, None
        return f"it answered {status}", _seconds(retry_after) if status in _TRY_AGAIN else None

    def _exchange(self, body: bytes, deadline: float) -> tuple[int, str | None]:
        timeout_s = max(0.01, deadline - time.monotonic())
        if self._connection is None:
            self._connection = self._connect(timeout_s)
        elif self._connection.sock is not None:
            self._connection.sock.settimeout(timeout_s)
        self._connection.request("POST", self._target, body, self._headers)
        answer = self._connection.getresponse()
        if len(answer.read(_ANSWER_BYTES_MAX)) == _ANSWER_BYTES_MAX:
            self.close()  # the rest of it would be taken for the next answer
        return answer.status, answer.headers.get("retry-after")

    def _connect(self, timeout_s: float) -> http.client.HTTPConnection:
        if self._is_tls:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout_s, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout_s)


def _seconds(retry_after: str | None) -> float:
    # A date is not worth reading: the back-off stands in for it.
    return float(retry_after) if retry_after is not None and retry_after.isdecimal() else 0.0
