"""From the name of a host to its addresses, looked up anew while requests go on.

A name keeps the addresses it had when a later lookup fails: a name server that is down stops nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog

_log = structlog.stdlib.get_logger("router.transport")

ADDRESSES_MAX = 32
"""More addresses of one name are left out: no subgraph needs them, and each is looked at for each request."""
_RETRY_S = 1.0
"""The pause after a lookup that failed; meanwhile requests to a name without addresses fail at once."""

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a host, the preferred ones first; raises OSError."""


async def look_up(host: str, port: int) -> Sequence[str]:
    """Returns what the system knows of a name, in its order of preference (RFC 6724); raises OSError.

    It asks in a thread of its own: a name server that says nothing holds a thread for half a minute, and must
    hold neither the threads others work in nor the end of the process.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[str]] = loop.create_future()

    def settle(outcome: Sequence[str] | OSError) -> None:
        if answer.done():
            return
        if isinstance(outcome, OSError):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            outcome = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        except OSError as error:
            outcome = error
        except UnicodeError as error:  # a name that no name server could know
            outcome = OSError(str(error))
        with contextlib.suppress(RuntimeError):  # the event loop may have ended meanwhile
            loop.call_soon_threadsafe(settle, outcome)

    try:
        threading.Thread(target=ask, name=f"look up {host}", daemon=True).start()
    except RuntimeError as error:
        raise OSError("the process can start no more threads") from error
    return await answer


class AddressBook:
    """The addresses of some hosts, kept up to date from the first `start` to `close`.

    `changed` is called in the event loop with all that is known, each time a name has other addresses.
    """

    def __init__(
        self,
        hosts: Sequence[tuple[str, int]],
        changed: Callable[[Mapping[str, Sequence[str]]], None],
        *,
        refresh_s: float,
        lookup: Lookup = look_up,
    ) -> None:
        self._names = tuple(dict.fromkeys(host for host in hosts if not is_address(host[0])))
        self._known: dict[str, Sequence[str]] = {host: (host,) for host, _ in hosts if is_address(host)}
        self._changed = changed
        self._refresh_s = refresh_s
        self._lookup = lookup
        self._open = len(self._names)
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._settled = asyncio.Event()
        self.is_started = False

    def start(self) -> None:
        """Begins to look up; numeric addresses are known at once."""
        self.is_started = True
        if self._known:
            self._changed(self._known)
        if not self._names:
            self._settled.set()
        self._tasks = tuple(
            asyncio.create_task(self._follow(host, port), name=f"addresses of {host}")
            for host, port in self._names
        )

    async def first(self) -> None:
        """Waits until an address is known, or until every name was looked up in vain."""
        if not self._known:
            await self._settled.wait()

    def close(self) -> None:
        """Looks up no more."""
        for task in self._tasks:
            task.cancel()
        self._settled.set()

    async def _follow(self, host: str, port: int) -> None:
        is_first = True
        while True:
            try:
                found = tuple(await self._lookup(host, port))[:ADDRESSES_MAX]
            except OSError as error:
                _log.warning(
                    "lookup failed", host=host, error=str(error), addresses=len(self._known.get(host, ()))
                )
                found = ()
            if found and found != self._known.get(host):
                self._known[host] = found
                self._changed(self._known)
            if is_first:
                is_first = False
                self._open -= 1
            if found or not self._open:
                self._settled.set()
            await asyncio.sleep(self._refresh_s if found else min(_RETRY_S, self._refresh_s))


def is_address(host: str) -> bool:
    """Tells whether a host is a numeric address, which needs no lookup."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
