"""Two requests beside the application that is measured: publish events, and tell the memory in use."""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

Publish = Callable[[int, float], None]


class Controlled:
    """An ASGI application with `/publish?count=N` and `/memory` in front."""

    def __init__(self, app: Any, publish: Publish) -> None:
        self._app = app
        self._publish = publish
        self._number = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers the two requests; passes every other on."""
        path = scope.get("path")
        if scope["type"] != "http" or path not in {"/publish", "/memory"}:
            await self._app(scope, receive, send)
            return
        if path == "/publish":
            for _ in range(int(parse_qs(scope["query_string"].decode()).get("count", ["1"])[0])):
                self._number += 1
                self._publish(self._number, time.monotonic())
        body = str(resident_bytes() if path == "/memory" else self._number).encode()
        headers = [(b"content-length", str(len(body)).encode()), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def resident_bytes(pid: int | str = "self") -> int:
    """Returns the resident memory of a process; of this one, after giving back what is free."""
    if pid == "self":
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) * 1024
