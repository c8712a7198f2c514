"""One process that serves: assemble, listen, serve until told to end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from router.config import RouterConfig
from router.server.serve import listen_on, serve_app
from router.telemetry.logs import configure_logging
from zellige.assembly.standalone import Standalone, assemble_standalone
from zellige.errors import CommandFailed
from zellige.serving.memory import settle_memory
from zellige.serving.plan import ServingPlan


@dataclass(frozen=True, slots=True)
class Parent:
    """Whoever started this process.

    `tell` is called with the URL it answers on. `watch` is called in the event loop with what to do once the
    parent is gone; it may also give it signs of life.
    """

    tell: Callable[[str], None]
    watch: Callable[[Callable[[], None]], None] = lambda _end: None


def serve_process(plan: ServingPlan, parent: Parent, worker: int = 0) -> None:
    """Serves until SIGTERM or SIGINT; raises CommandFailed when it cannot begin."""
    settings = plan.settings()
    configure_logging(settings.logging)
    standalone = assemble_standalone(plan.options(settings), worker)
    with ExitStack() as stack:
        sockets = [stack.enter_context(one) for one in _listen(plan, settings, worker)]
        settle_memory()
        asyncio.run(_serve(standalone, settings, sockets, parent))


async def _serve(
    standalone: Standalone, settings: RouterConfig, sockets: list[socket.socket], parent: Parent
) -> None:
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, standalone.watch.look_now)
    parent.watch(lambda: signal.raise_signal(signal.SIGTERM))
    url = _url_of(sockets[0], settings)
    try:
        await serve_app(standalone.app, settings.server, sockets, on_listening=lambda: parent.tell(url))
    except OSError as error:
        raise CommandFailed(f"The router cannot serve: {error}") from error


def _listen(plan: ServingPlan, settings: RouterConfig, worker: int) -> list[socket.socket]:
    server = settings.server
    try:
        public = plan.listener or listen_on(server.host, server.port, shares_port=plan.shares_port)
        own = [listen_on("127.0.0.1", server.worker_port + worker)] if server.worker_port else []
    except OSError as error:
        raise CommandFailed(f"{server.host}:{server.port} cannot be listened on: {error.strerror}") from error
    return [public, *own]


def _url_of(listener: socket.socket, settings: RouterConfig) -> str:
    host, port = listener.getsockname()[:2]
    name = f"[{host}]" if ":" in host else host
    scheme = "http" if settings.server.tls.cert_file is None else "https"
    return f"{scheme}://{name}:{port}{settings.server.path}"
