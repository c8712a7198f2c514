"""Metrics of several workers: each is a target of its own, and together they counted every request."""

from __future__ import annotations

import contextlib
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from tests.interop.shop import RECORDS, SUBGRAPHS
from tests.support.command import RunningCommand
from tests.support.local_subgraphs import local_federation
from tests.support.local_subgraphs_http import serve_subgraphs
from tests.support.processes import wait_until
from tests.support.run_router import compose
from tests.telemetry.serving import free_ports_in_a_row
from zellige.services.process import free_port

WORKERS = 2


@contextlib.contextmanager
def running_workers(folder: Path, metrics_port: int) -> Iterator[str]:
    """Runs the command with two workers; yields the address of the router."""
    sdl = compose(SUBGRAPHS).supergraph_sdl
    assert sdl is not None
    (folder / "supergraph.graphql").write_text(sdl)
    settings = {"telemetry": {"metrics": {"enabled": True, "port": metrics_port}}}
    (folder / "router.yaml").write_text(json.dumps(settings))
    port = free_port()
    words = ["router", "--supergraph", str(folder / "supergraph.graphql"), "--port", str(port)]
    words += ["--config", str(folder / "router.yaml"), "--workers", str(WORKERS)]
    with serve_subgraphs(local_federation(SUBGRAPHS, RECORDS).clients) as urls:
        addresses = [word for name, url in urls.items() for word in ("--subgraph-url", f"{name}={url}")]
        with RunningCommand(*words, *addresses) as command:
            command.wait_until_ready(f"http://127.0.0.1:{port}/health/ready")
            yield f"http://127.0.0.1:{port}/graphql"


def answered(port: int) -> float | None:
    """Returns how many responses a worker counted; None while it does not listen."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as page:
            families = text_string_to_metric_families(page.read().decode())
    except OSError:
        return None
    return sum(
        sample.value
        for family in families
        for sample in family.samples
        if sample.name == "zellige_router_http_responses_total"
    )


def test_each_worker_is_a_target_and_none_of_their_requests_is_lost(tmp_path: Path) -> None:
    first = free_ports_in_a_row(WORKERS)
    ports = range(first, first + WORKERS)
    with running_workers(tmp_path, first) as url:
        wait_until(lambda: all(answered(port) is not None for port in ports))
        for _ in range(40):
            # A connection for each: the kernel chooses a worker by connection.
            body = json.dumps({"query": "query Me { me { id } }"}).encode()
            request = urllib.request.Request(url, body, {"content-type": "application/json"})
            with urllib.request.urlopen(request, timeout=60) as answer:
                assert answer.status == 200
        counts = [answered(port) for port in ports]
    assert sum(count or 0 for count in counts) == 40
    assert all(counts), f"one worker got everything: {counts}"
