"""`zellige router` as processes: draining, workers, reload by signal, and what keeps it from serving."""

from __future__ import annotations

import concurrent.futures
import contextlib
import http.client
import json
import os
import signal
import socket
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.reloading import SHOP, replace_file, supergraph_of
from tests.support.command import RunningCommand, ask, status_of
from tests.support.gated_subgraph import GatedSubgraph, gated_subgraph
from tests.support.processes import descendants_of, is_running, wait_until
from zellige.services.process import free_port

NAME = "{ name }"
RICHER = SHOP.replace("price", "color: String price")


@pytest.fixture
def shop() -> Iterator[GatedSubgraph]:
    with gated_subgraph({"name": "Khatim", "color": "blue"}) as running:
        yield running


@pytest.fixture
def supergraph(tmp_path: Path) -> Path:
    path = tmp_path / "supergraph.graphql"
    path.write_text(supergraph_of({"shop": SHOP}))
    return path


class Running:
    """A router command on a port of its own."""

    def __init__(self, command: RunningCommand, port: int) -> None:
        self.command = command
        self.url = f"http://127.0.0.1:{port}/graphql"
        self.port = port

    def is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            return status_of(f"http://127.0.0.1:{self.port}/health/ready") == 200
        return False

    def end(self, number: signal.Signals) -> int:
        self.command.process.send_signal(number)
        return self.command.process.wait(60)


@contextlib.contextmanager
def running_router(
    supergraph: Path, shop: GatedSubgraph, *arguments: str, settings: str = ""
) -> Iterator[Running]:
    port = free_port()
    config = supergraph.with_name("router.yaml")
    config.write_text(settings or "{}")
    words = ["router", "--supergraph", str(supergraph), "--port", str(port), "--config", str(config)]
    with RunningCommand(*words, "--subgraph-url", f"shop={shop.url}", *arguments) as command:
        command.wait_until_ready(f"http://127.0.0.1:{port}/health/ready")
        yield Running(command, port)


def connect(router: Running) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", router.port, timeout=60)


def post(connection: http.client.HTTPConnection, query: str = NAME) -> http.client.HTTPResponse:
    body = json.dumps({"query": query})
    connection.request("POST", "/graphql", body, {"content-type": "application/json"})
    return connection.getresponse()


def test_sigterm_ends_what_is_in_hand_and_says_before_that_it_will(
    supergraph: Path, shop: GatedSubgraph
) -> None:
    settings = "server: {shutdown: {notice_ms: 4000}, deduplication: {enabled: false}}"
    with (
        running_router(supergraph, shop, settings=settings) as router,
        concurrent.futures.ThreadPoolExecutor() as threads,
    ):
        shop.gate.clear()
        in_hand = threads.submit(ask, router.url, NAME)
        wait_until(lambda: shop.requests_begun == 1)
        router.command.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not router.is_ready())
        assert status_of(f"http://127.0.0.1:{router.port}/health") == 200
        with contextlib.closing(connect(router)) as connection:
            late = post(connection, "{ __typename }")
            assert (late.status, late.headers["connection"]) == (200, "close")
        wait_until(lambda: not _is_listening(router.port))
        assert router.command.process.poll() is None, "it waits for the request in hand"
        shop.gate.set()
        assert in_hand.result(60) == {"data": {"name": "Khatim"}}
        assert router.command.process.wait(60) == 0


def test_what_takes_too_long_is_answered_503(supergraph: Path, shop: GatedSubgraph) -> None:
    settings = "server: {shutdown: {notice_ms: 0, drain_ms_max: 1000}}"
    with (
        running_router(supergraph, shop, settings=settings) as router,
        concurrent.futures.ThreadPoolExecutor() as threads,
    ):
        shop.gate.clear()
        in_hand = threads.submit(ask, router.url, NAME)
        wait_until(lambda: shop.requests_begun == 1)
        assert router.end(signal.SIGTERM) == 0
        refused = in_hand.exception(60)
        assert isinstance(refused, urllib.error.HTTPError)
        with refused:
            assert (refused.code, refused.headers["connection"]) == (503, "close")
            assert json.load(refused)["errors"][0]["extensions"]["code"] == "OVERLOADED"
        assert "Traceback" not in router.command.said


def test_a_second_signal_ends_it_at_once(supergraph: Path, shop: GatedSubgraph) -> None:
    settings = "server: {shutdown: {notice_ms: 600000}}"
    with running_router(supergraph, shop, settings=settings) as router:
        router.command.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not router.is_ready())
        assert router.end(signal.SIGTERM) == 0


def test_an_idle_connection_is_closed_at_the_end(supergraph: Path, shop: GatedSubgraph) -> None:
    with (
        running_router(supergraph, shop, settings="server: {shutdown: {notice_ms: 0}}") as router,
        contextlib.closing(connect(router)) as connection,
    ):
        response = post(connection)
        assert (response.status, response.headers["connection"]) == (200, None)
        response.read()
        assert router.end(signal.SIGTERM) == 0
        assert connection.sock.recv(1) == b""


def test_workers_share_the_port_and_are_replaced_when_they_die(supergraph: Path, shop: GatedSubgraph) -> None:
    with running_router(supergraph, shop, "--workers", "2") as router:
        wait_until(lambda: router.command.said.count("a worker listens") == 2)
        assert router.command.said.count("The router answers on") == 1
        workers = set(descendants_of(router.command.process.pid))
        assert len(workers) == 2
        for _ in range(10):
            assert ask(router.url, NAME) == {"data": {"name": "Khatim"}}
        os.kill(min(workers), signal.SIGKILL)
        wait_until(lambda: router.command.said.count("a worker listens") == 3)
        assert "a worker died" in router.command.said
        replaced = set(descendants_of(router.command.process.pid))
        assert (len(replaced), len(replaced & workers)) == (2, 1)
        for _ in range(10):
            assert ask(router.url, NAME) == {"data": {"name": "Khatim"}}
        assert router.end(signal.SIGTERM) == 0
        assert not any(is_running(worker) for worker in replaced)


def test_a_worker_that_hangs_is_replaced(supergraph: Path, shop: GatedSubgraph) -> None:
    settings = "server: {worker_silence_ms_max: 5000}"
    with running_router(supergraph, shop, "--workers", "2", settings=settings) as router:
        wait_until(lambda: router.command.said.count("a worker listens") == 2)
        hung = descendants_of(router.command.process.pid)[0]
        os.kill(hung, signal.SIGSTOP)
        wait_until(lambda: not is_running(hung))
        assert "a worker hangs and is killed" in router.command.said
        wait_until(lambda: router.command.said.count("a worker listens") >= 3)
        assert ask(router.url, NAME) == {"data": {"name": "Khatim"}}


def test_workers_end_when_their_command_was_killed(supergraph: Path, shop: GatedSubgraph) -> None:
    with running_router(supergraph, shop, "--workers", "2") as router:
        wait_until(lambda: router.command.said.count("a worker listens") == 2)
        workers = descendants_of(router.command.process.pid)
        router.command.kill()
        wait_until(lambda: not any(is_running(worker) for worker in workers))


def test_ctrl_c_lets_all_workers_end_what_they_have_in_hand(supergraph: Path, shop: GatedSubgraph) -> None:
    settings = "server: {deduplication: {enabled: false}}\ntransport: {deduplication: {enabled: false}}"
    with (
        running_router(supergraph, shop, "--workers", "2", settings=settings) as router,
        concurrent.futures.ThreadPoolExecutor() as threads,
    ):
        wait_until(lambda: router.command.said.count("a worker listens") == 2)
        shop.gate.clear()
        in_hand = [threads.submit(ask, router.url, NAME) for _ in range(6)]
        wait_until(lambda: shop.requests_begun == 6)
        router.command.process.send_signal(signal.SIGINT)
        wait_until(lambda: not _is_listening(router.port))
        shop.gate.set()
        assert [one.result(60) for one in in_hand] == [{"data": {"name": "Khatim"}}] * 6
        assert router.command.process.wait(60) == 0


def test_sighup_has_every_worker_look_at_its_supergraph(supergraph: Path, shop: GatedSubgraph) -> None:
    settings = "supergraph: {poll_interval_ms: 0}"
    with running_router(supergraph, shop, "--workers", "2", settings=settings) as router:
        wait_until(lambda: router.command.said.count("a worker listens") == 2)
        replace_file(supergraph, supergraph_of({"shop": RICHER}))
        router.command.process.send_signal(signal.SIGHUP)
        wait_until(lambda: router.command.said.count("a new supergraph took over") == 2)
        for _ in range(10):
            assert ask(router.url, "{ color }") == {"data": {"color": "blue"}}


def test_each_worker_answers_for_itself_on_a_port_of_its_own(supergraph: Path, shop: GatedSubgraph) -> None:
    base = free_port()
    with running_router(
        supergraph, shop, "--workers", "2", settings=f"server: {{worker_port: {base}}}"
    ) as router:
        wait_until(lambda: router.command.said.count("a worker listens") == 2)
        for worker in range(2):
            assert status_of(f"http://127.0.0.1:{base + worker}/health/ready") == 200


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_that_is_taken_is_named(supergraph: Path, shop: GatedSubgraph, workers: str) -> None:
    with running_router(supergraph, shop, "--workers", workers) as router:
        words = ["router", "--supergraph", str(supergraph), "--port", str(router.port), "--workers", workers]
        with RunningCommand(*words, "--subgraph-url", f"shop={shop.url}") as second:
            assert second.process.wait(60) == 1
            assert f"127.0.0.1:{router.port} cannot be listened on: Address already in use" in second.said


def test_workers_that_cannot_begin_end_the_command(supergraph: Path) -> None:
    words = ["router", "--supergraph", str(supergraph), "--port", str(free_port()), "--workers", "2"]
    with RunningCommand(*words, "--subgraph-url", "shop=ftp://nowhere") as command:
        assert command.process.wait(60) == 1
        assert "a subgraph cannot be asked" in command.said
        assert "could not begin" in command.said


def _is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
