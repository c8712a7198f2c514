"""The subgraphs and the gateways of one run, each a process on its core."""

from __future__ import annotations

import http.client
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from benchmarks.gateways.catalogue import Gateway, Setting
from benchmarks.gateways.processes import Process, StartFailedError, free_port, share_cores
from benchmarks.gateways.worlds import WORLDS


class Arena:
    """Holds the subgraphs, which run throughout, and the files all share; starts gateways on request."""

    def __init__(self) -> None:
        self.gateway_cores, self.other_cores = share_cores()
        self._stack = ExitStack()

    def __enter__(self) -> Arena:
        if sys.platform != "linux":
            raise StartFailedError("gateways are measured on Linux: CPU time and memory are read from /proc")
        _warn_of_other_work()
        with ExitStack() as opening:
            folder = tempfile.TemporaryDirectory(prefix="zellige-bench-")
            self.folder = Path(opening.enter_context(folder))
            port = free_port()
            command = [sys.executable, "-m", "benchmarks.gateways.subgraphs", str(port)]
            log = self.folder / "subgraphs.log"
            self.subgraphs = opening.enter_context(
                Process(command, port=port, cores=self.other_cores, log=log)
            )
            self.subgraphs.wait_for_port()
            self._stack = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._stack.close()

    @property
    def subgraphs_url(self) -> str:
        """Where the subgraphs of all worlds are; a world's name follows."""
        return f"http://127.0.0.1:{self.subgraphs.port}"

    def start_gateway(self, gateway: Gateway, world_name: str) -> Process:
        """Starts one gateway and waits for its port; the caller stops it. Raises StartFailedError."""
        world = WORLDS[world_name]()
        supergraph = self.folder / f"{world_name}.graphql"
        supergraph.write_text(world.supergraph_at(self.subgraphs_url), "utf-8")
        setting = Setting(
            supergraph, free_port(), f"{self.subgraphs_url}/{world_name}", tuple(world.subgraph_sdls)
        )
        process = Process(
            gateway.command(setting),
            port=setting.port,
            cores=self.gateway_cores,
            log=self.folder / f"{gateway.name}.log",
            environment={**gateway.environment, "BENCH_TRACES_URL": f"{self.subgraphs_url}/v1/traces"},
        )
        try:
            process.wait_for_port()
        except BaseException:
            process.stop()
            raise
        return process

    def bodies_file(self, name: str, bodies: Sequence[str]) -> Path:
        """Returns a file with a request body on each line."""
        path = self.folder / f"{name}.bodies"
        path.write_text("".join(f"{body}\n" for body in bodies), "utf-8")
        return path

    def requests_to_subgraphs(self) -> int:
        """Returns how many requests the subgraphs have had."""
        connection = http.client.HTTPConnection("127.0.0.1", self.subgraphs.port, timeout=30)
        try:
            connection.request("GET", "/counts")
            counts = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return int(counts["hits"]) + int(counts["misses"])


def _warn_of_other_work() -> None:
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load > cores / 2:
        print(
            f"others use this machine (load {load:.1f} on {cores} cores): trust ratios of CPU, not latencies",
            file=sys.stderr,
        )
