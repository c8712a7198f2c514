"""The whole router over real sockets, with subgraphs that note the headers they are sent."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import tempfile
import threading
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from router.config import RouterConfig
from tests.interop.shop import RECORDS, SUBGRAPHS
from tests.server.local_router import LocalRouter
from tests.server.serving import HttpAnswer, Served
from tests.support.local_subgraphs import LocalSubgraph, local_federation
from tests.support.local_subgraphs_http import serve_subgraphs
from tests.support.run_router import compose
from zellige.assembly.standalone import StandaloneOptions, assemble_standalone

DEADLINE_S = 30


@dataclass(slots=True)
class ServedShop:
    """A router that answers; `seen` are the headers of the requests its subgraphs got."""

    port: int
    metrics_port: int
    seen: list[Mapping[str, str]]

    async def post(self, payload: Any, **headers: str) -> HttpAnswer:
        """Posts a request; underscores in header names become dashes."""
        return await _on(self.port).post(payload, **headers)

    async def scrape(self, method: str = "GET", target: str = "/metrics") -> HttpAnswer:
        """Asks the listener of the metrics."""
        return await _on(self.metrics_port).send(method, target)

    async def samples(self) -> Samples:
        """Scrapes the metrics."""
        answer = await self.scrape()
        assert answer.status == 200
        families = text_string_to_metric_families(answer.body.decode())
        return Samples([sample for family in families for sample in family.samples])


class Samples:
    """The values of one scrape."""

    def __init__(self, samples: list[Sample]) -> None:
        self._samples = samples

    def get(self, name: str, **labels: str) -> float:
        """Returns the value of a series; 0 when there is none. The name goes without `zellige_router_`."""
        found = [
            one.value
            for one in self._samples
            if one.name == f"zellige_router_{name}" and one.labels == labels
        ]
        assert len(found) <= 1, f"{name} {labels} stands there twice"
        return found[0] if found else 0.0

    def labels(self, name: str, label: str) -> set[str]:
        """Returns the values a label takes in a metric."""
        return {one.labels[label] for one in self._samples if one.name == f"zellige_router_{name}"}

    def names(self) -> set[str]:
        """Returns the name of every series."""
        return {one.name for one in self._samples}


def _on(port: int) -> Served:
    return Served(port, LocalRouter())


def free_port() -> int:
    """Returns a port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def free_ports_in_a_row(count: int) -> int:
    """Returns the first of so many ports that nobody listens on now."""
    for first in range(7500, 7600 - count, count):
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for port in range(first, first + count):
                probe = stack.enter_context(socket.socket())
                probe.bind(("127.0.0.1", port))
            return first
    raise AssertionError("no ports are free")


@contextlib.asynccontextmanager
async def serve_router(
    config: RouterConfig | None = None, *, dead: tuple[str, ...] = ()
) -> AsyncIterator[ServedShop]:
    """Serves the shop while the block runs; leaving it shuts the router down as a signal would.

    Nobody listens where the subgraphs in `dead` should be.
    """
    config = config or RouterConfig()
    federation = local_federation(SUBGRAPHS, RECORDS)
    seen: list[Mapping[str, str]] = []
    sdl = compose(SUBGRAPHS).supergraph_sdl
    assert sdl is not None
    subgraphs: Mapping[str, LocalSubgraph] = federation.clients
    with (
        tempfile.TemporaryDirectory() as folder,
        serve_subgraphs(subgraphs, seen=seen) as urls,
        socket.socket() as listener,
    ):
        source = Path(folder, "supergraph.graphql")
        await asyncio.to_thread(source.write_text, sdl, encoding="utf-8")
        addresses = {**urls, **{name: f"http://127.0.0.1:{free_port()}/" for name in dead}}
        app = assemble_standalone(StandaloneOptions(config, str(source), addresses)).app
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, lifespan="on", ws="none", proxy_headers=False)
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not server.started:
                    if serving.done():
                        await serving
                        raise AssertionError("the router did not start")
                    await asyncio.sleep(0.01)  # uvicorn tells it by this flag alone
            yield ServedShop(listener.getsockname()[1], config.telemetry.metrics.port, seen)
        finally:
            server.should_exit = True
            await serving


async def wait_until(holds: Any) -> None:
    """Returns once `holds()` is true; fails when that takes longer than any machine needs."""
    async with asyncio.timeout(DEADLINE_S):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in other threads
            await asyncio.sleep(0.02)


class Collected:
    """What a peer in another thread received."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.items: list[Any] = []

    def add(self, *items: Any) -> None:
        """Takes what came."""
        with self.lock:
            self.items += items

    def all(self) -> list[Any]:
        """Returns what came until now."""
        with self.lock:
            return list(self.items)
