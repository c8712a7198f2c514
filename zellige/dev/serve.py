"""The serving process of `zellige dev`: migrate, compose, load the demo shop, serve, all in one process."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import structlog
import uvicorn

from router.config import (
    CacheConfig,
    FeedsConfig,
    GraphiqlConfig,
    LoggingConfig,
    RevocationConfig,
    RouterConfig,
    ServerConfig,
)
from router.server.app import create_app
from router.telemetry.logs import configure_logging
from router.telemetry.telemetry import Telemetry
from subgraphs.kit.app import SubgraphApp
from subgraphs.kit.settings import KitSettings
from zellige.assembly.background import Background
from zellige.assembly.border import Border
from zellige.assembly.domains import pick_domains, settings_with_own_keys
from zellige.assembly.gate import assemble_gate
from zellige.assembly.passages import PATHS, Passage, add_passages
from zellige.assembly.platform import Platform, assemble_platform, prepare_databases
from zellige.assembly.subscriptions import Subscriptions, assemble_subscriptions
from zellige.assembly.supergraph_file import SubgraphEntry, read_supergraph_file
from zellige.demo.credentials import demo_notes
from zellige.demo.load import load_demo_shop
from zellige.dev.first_query import FIRST_QUERY
from zellige.dev.reports import Reporter
from zellige.errors import CommandFailed

WATCH_PARENT_SECONDS = 0.5
SHUTDOWN_SECONDS_MAX = 5

_log = structlog.stdlib.get_logger("zellige.dev")


def main() -> int:
    """Serves until told to stop; everything that goes wrong before is reported, not only printed."""
    options = parse_arguments()
    end_with_parent()
    reporter = Reporter(options.report)
    try:
        asyncio.run(serve(options, reporter))
    except CommandFailed as failure:
        reporter.failed(str(failure))
        return 1
    except Exception as error:  # noqa: BLE001 - the edge of a process: a fault in edited code is shown, and awaited
        traceback.print_exc()
        reporter.failed(f"{type(error).__name__}: {error}")
        return 1
    return 0


def parse_arguments() -> argparse.Namespace:
    """Returns what the session asks for."""
    parser = argparse.ArgumentParser(description="The serving process of `zellige dev`.")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--report", type=int, required=True, help="descriptor the reports are written to")
    parser.add_argument("--demo", action="store_true")
    return parser.parse_args()


def end_with_parent() -> None:
    """Ends this process when the session is gone, even when it was killed and could not say so."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_PARENT_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


async def serve(options: argparse.Namespace, reporter: Reporter) -> None:
    """Does everything in order and then answers requests."""
    configure_logging(LoggingConfig(format="console"))
    entries = read_supergraph_file(options.config)
    settings = settings_with_own_keys()
    reporter.working("Preparing the databases")
    await prepare_databases(entries, settings)
    reporter.working("Composing the subgraphs")
    # Kept answers show in development what they show in production; who asks sees what was kept.
    config = RouterConfig(server=_server_config(options), cache=CacheConfig(enabled=True, debug=True))
    platform = assemble_platform(entries, settings, config)
    subscriptions = _subscriptions_of(platform.border, settings)
    await platform.start()
    try:
        notes: tuple[str, ...] = ()
        if options.demo:
            await load_demo_shop(platform.router, reporter.working)
            notes = demo_notes()
        async with _working_behind(zip(pick_domains(entries), platform.domains, strict=True), settings):
            await subscriptions.adopt_streams(platform.router, platform.streams)
            subscriptions.hub.start()
            await _answer_requests(platform, subscriptions, reporter, notes)
    finally:
        await subscriptions.close()
        await platform.stop()


@asynccontextmanager
async def _working_behind(
    domains: Iterable[tuple[SubgraphEntry, SubgraphApp]], settings: KitSettings
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    work = asyncio.create_task(Background(tuple(domains), settings).run(stop))
    work.add_done_callback(_say_why_work_ended)
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait([work], timeout=SHUTDOWN_SECONDS_MAX)
        work.cancel()
        await asyncio.wait([work])


def _say_why_work_ended(work: asyncio.Task[None]) -> None:
    # Requests are still answered without it; the person should know.
    if not work.cancelled() and work.exception() is not None:
        _log.error("the background work ended", exc_info=work.exception())


def _subscriptions_of(border: Border, settings: KitSettings) -> Subscriptions:
    """Returns the subscriptions of the platform: feeds from its bus, viewers by its tokens."""
    feeds = FeedsConfig(
        url=settings.event_bus_url or settings.redis_url,
        stream_prefix=f"{settings.event_bus_name}:events:",
        queue_prefix=f"{settings.event_bus_name}.log.",
    )
    revocation = RevocationConfig(event="session.revoked")
    own = border.config.subscriptions.model_copy(update={"feeds": feeds, "revocation": revocation})
    config = border.config.model_copy(update={"subscriptions": own})
    return assemble_subscriptions(replace(border, config=config))


async def _answer_requests(
    platform: Platform, subscriptions: Subscriptions, reporter: Reporter, notes: tuple[str, ...]
) -> None:
    config = platform.config
    telemetry = Telemetry(is_inspectable=config.server.graphiql.enabled)
    gate_parts = assemble_gate(config)
    gate = gate_parts.before(platform.front)
    app = create_app(
        gate,
        config.server,
        is_ready=platform.is_ready,
        limits=config.limits,
        telemetry=telemetry,
        authentication=platform.border.edge,
    )
    apps = {domain.name: domain.asgi for domain in platform.domains}
    passages = [Passage(path, apps[name]) for path, name in PATHS.items() if name in apps]
    add_passages(app.pages, passages, config.server)
    subscriptions.serve(app, platform.front, config, telemetry, gate)
    server = _ReportingServer(
        uvicorn.Config(
            app,
            host=config.server.host,
            port=config.server.port,
            log_level="warning",
            proxy_headers=False,
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            ws_max_size=app.message_bytes_max,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
        ),
        partial(reporter.ready, notes),
    )
    async with gate_parts.running():
        await server.serve()


class _ReportingServer(uvicorn.Server):
    """Says when its port is open."""

    def __init__(self, config: uvicorn.Config, report: Callable[[], None]) -> None:
        super().__init__(config)
        self._report = report

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._report()


def _server_config(options: argparse.Namespace) -> ServerConfig:
    return ServerConfig(
        host=options.host, port=options.port, graphiql=GraphiqlConfig(enabled=True, default_query=FIRST_QUERY)
    )


if __name__ == "__main__":
    sys.exit(main())
