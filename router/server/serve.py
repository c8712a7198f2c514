"""Serves the application until the process is told to end, and ends without dropping a request.

SIGTERM: the router says that it is not ready, and each response closes its connection, while new requests
are still answered; after the notice it takes no new connections, ends what is in hand within its bound, and
returns. SIGINT, from a person: the same without the notice. A second signal ends it at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence

import structlog
import uvicorn

from router.config import ServerConfig, ServerTlsConfig
from router.server.app import RouterApp
from router.server.connection import connection_type

_log = structlog.stdlib.get_logger("router.server")

BACKLOG = 2_048


async def serve_app(
    app: RouterApp,
    config: ServerConfig,
    sockets: Sequence[socket.socket],
    *,
    on_listening: Callable[[], None] = lambda: None,
) -> None:
    """Serves on bound sockets until SIGTERM or SIGINT; returns when the last request has its answer."""
    server = _Server(
        uvicorn.Config(
            app,
            http=connection_type(config),
            ws="websockets-sansio",
            # A deflate context costs a hundred times what an idle subscriber may.
            ws_per_message_deflate=False,
            ws_max_size=app.message_bytes_max,
            log_level="warning",
            access_log=False,
            server_header=False,
            # uvicorn would take any client on this machine at its word; whose word counts is a setting.
            proxy_headers=False,
            backlog=BACKLOG,
            timeout_keep_alive=max(1, round(config.keep_alive_ms / 1000)),
            timeout_graceful_shutdown=max(1, round(config.shutdown.drain_ms_max / 1000)),
            ssl_certfile=config.tls.cert_file,
            ssl_keyfile=config.tls.key_file,
            ssl_ca_certs=config.tls.client_ca_file,
            ssl_cert_reqs=ssl.CERT_REQUIRED if config.tls.client_ca_file else ssl.CERT_NONE,
        ),
        on_listening,
    )
    ending = _Ending(app, server, config.shutdown.notice_ms / 1000)
    with ending.on_signals():
        await server.serve(sockets=list(sockets))
    if not server.started:
        raise OSError("the server did not start; its log says why")


def check_tls(config: ServerTlsConfig) -> None:
    """Raises OSError when the certificates of the settings cannot be used."""
    if config.cert_file is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=config.client_ca_file)
        context.load_cert_chain(config.cert_file, config.key_file)


class _Server(uvicorn.Server):
    """uvicorn's server, with the signals left to us: its own handling ends in an exit code that is not 0."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_listening()


class _Ending:
    """What signals do."""

    def __init__(self, app: RouterApp, server: uvicorn.Server, notice_s: float) -> None:
        self._app = app
        self._server = server
        self._notice_s = notice_s

    @contextlib.contextmanager
    def on_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self.begin, self._notice_s)
        loop.add_signal_handler(signal.SIGINT, self.begin, 0.0)
        try:
            yield
        finally:
            loop.remove_signal_handler(signal.SIGTERM)
            loop.remove_signal_handler(signal.SIGINT)

    def begin(self, notice_s: float) -> None:
        """Begins the end; the second time, does not wait for anything."""
        if self._app.drain.is_begun:
            self._server.should_exit = self._server.force_exit = True
            return
        _log.info("ending: not ready any more", notice_ms=round(notice_s * 1000))
        self._app.drain.begin()
        if notice_s:
            asyncio.get_running_loop().call_later(notice_s, self._close)
        else:
            self._close()

    def _close(self) -> None:
        self._server.should_exit = True


def listen_on(host: str, port: int, *, shares_port: bool = False) -> socket.socket:
    """Returns a socket bound to the address; with `shares_port` other processes may bind to it, too.

    Raises OSError when the address is taken or not ours.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shares_port:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    listener.set_inheritable(True)
    return listener
