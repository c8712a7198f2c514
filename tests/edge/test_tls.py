"""TLS at the router itself, with and without certificates of clients."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from router.config import ConfigError, ServerConfig, ServerTlsConfig, parse_config
from router.server.app import create_app
from router.server.serve import listen_on, serve_app
from tests.server.local_router import LocalRouter
from tests.transport.certificates import Certificate, make_certificate
from zellige.cli import app


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("own"))


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("clients"))


@contextlib.asynccontextmanager
async def served(tls: ServerTlsConfig) -> AsyncIterator[int]:
    """Serves as `zellige router` does while the block runs; yields the port."""
    config = ServerConfig(tls=tls)
    with listen_on("127.0.0.1", 0) as listener:
        listening = asyncio.Event()
        app = create_app(LocalRouter(), config, is_ready=lambda: True)
        serving = asyncio.create_task(serve_app(app, config, [listener], on_listening=listening.set))
        async with asyncio.timeout(30):
            await listening.wait()
        try:
            yield listener.getsockname()[1]
        finally:
            signal.raise_signal(signal.SIGINT)
            await serving


async def ask(port: int, trusted: Certificate, shown: Certificate | None = None) -> bytes:
    """Returns what is answered over TLS, or raises what the handshake raises."""
    context = ssl.create_default_context(cafile=str(trusted.path))
    if shown is not None:
        context.load_cert_chain(shown.path, shown.key_path)
    async with asyncio.timeout(30):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname="localhost"
        )
        try:
            writer.write(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            return await reader.read()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


async def test_the_router_speaks_tls(own: Certificate) -> None:
    async with served(ServerTlsConfig(cert_file=str(own.path), key_file=str(own.key_path))) as port:
        assert (await ask(port, own)).startswith(b"HTTP/1.1 200")


async def test_who_shows_no_certificate_is_cut_off_where_one_is_demanded(
    own: Certificate, clients: Certificate
) -> None:
    tls = ServerTlsConfig(
        cert_file=str(own.path), key_file=str(own.key_path), client_ca_file=str(clients.path)
    )
    async with served(tls) as port:
        assert (await ask(port, own, clients)).startswith(b"HTTP/1.1 200")
        for shown in (None, own):
            with contextlib.suppress(OSError):
                assert await ask(port, own, shown) == b""


def test_certificates_that_cannot_be_used_are_said_before_serving(tmp_path: Path) -> None:
    path = tmp_path / "router.yaml"
    path.write_text(f"server:\n  tls: {{cert_file: {tmp_path}/none.pem}}\n")
    arguments = ["router", "--config", str(path), "--check-config"]
    result = CliRunner().invoke(app, arguments, prog_name="zellige")
    assert result.exit_code == 1
    assert "server.tls: the certificates cannot be used" in result.stderr


def test_a_key_without_a_certificate_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"router\.yaml:2: server\.tls: .*need a cert_file"):
        parse_config("server:\n  tls: {key_file: key.pem}\n")
