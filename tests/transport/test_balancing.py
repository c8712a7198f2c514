"""One subgraph at several addresses: balancing, passing over, leaving out, and names that move."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from router.errors import SubgraphError
from router.executor.transport.addresses import ADDRESSES_MAX, look_up
from router.executor.transport.budget import ConnectionBudget
from router.executor.transport.client import RequestScope, SubgraphRequest, SubgraphResponse
from router.executor.transport.http import HttpClient
from router.executor.transport.resources import TransportResources
from tests.transport.raw_server import (
    MUTATION,
    QUERY,
    Behaviour,
    Peer,
    RawServer,
    Received,
    answer_one,
    client_of,
    only_listen,
    outcome,
    raw_server,
    until,
)

ONE = SubgraphResponse({"a": 1})


class Names:
    """A name server: `addresses` is what it knows at the moment, None a failure to answer."""

    def __init__(self, *addresses: str) -> None:
        self.addresses: Sequence[str] | None = addresses
        self.asked = 0

    async def look_up(self, _host: str, _port: int) -> Sequence[str]:
        self.asked += 1
        if self.addresses is None:
            raise OSError("no answer")
        return self.addresses


@contextlib.asynccontextmanager
async def servers_at(*behaviours: Behaviour) -> AsyncIterator[list[RawServer]]:
    """Servers on 127.0.0.1, 127.0.0.2 and so on, on one port."""
    async with contextlib.AsyncExitStack() as stack:
        servers: list[RawServer] = []
        for number, behaviour in enumerate(behaviours, start=1):
            port = servers[0].port if servers else 0
            server = raw_server(behaviour, host=f"127.0.0.{number}", port=port)
            servers.append(await stack.enter_async_context(server))
        yield servers


@contextlib.asynccontextmanager
async def client_by_name(names: Names, port: int, **settings: Any) -> AsyncIterator[HttpClient]:
    """A client of http://shop.test, which is where `names` says."""
    resources = TransportResources(ConnectionBudget(100), lookup=names.look_up)
    async with client_of(f"http://shop.test:{port}/graphql", None, resources, **settings) as client:
        yield client


async def bad_gateway(peer: Peer, _request: Received) -> None:
    peer.answer(b"", status="503 Service Unavailable")


def counts(servers: Sequence[RawServer]) -> list[int]:
    return [len(server.received) for server in servers]


async def test_several_urls_share_the_requests() -> None:
    async with (
        servers_at(answer_one, answer_one, answer_one) as servers,
        client_of([server.url for server in servers]) as client,
    ):
        for _ in range(9):
            assert await client.execute(QUERY) == ONE
        assert counts(servers) == [3, 3, 3]
        assert {server.received[0].headers["host"] for server in servers} == {
            f"127.0.0.{number}:{servers[0].port}" for number in (1, 2, 3)
        }


async def test_each_url_has_its_own_path_and_kind(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.sock")
    async with raw_server(answer_one) as tcp, raw_server(answer_one, socket_path=path) as unix:
        urls = [f"http://127.0.0.1:{tcp.port}/over/tcp", f"unix://{path}?path=/over/unix"]
        async with client_of(urls) as client:
            for _ in range(4):
                assert await client.execute(QUERY) == ONE
        lines = [{one.request_line for one in server.received} for server in (tcp, unix)]
        assert lines == [{"POST /over/tcp HTTP/1.1"}, {"POST /over/unix HTTP/1.1"}]


async def test_requests_go_where_the_least_is_in_flight() -> None:
    release = asyncio.Event()

    async def hold(peer: Peer, request: Received) -> None:
        await release.wait()
        await answer_one(peer, request)

    async with (
        servers_at(hold, answer_one) as servers,
        client_of([server.url for server in servers]) as client,
    ):
        held = [asyncio.create_task(client.execute(QUERY)) for _ in range(2)]
        await until(lambda: servers[0].received)
        for _ in range(10):
            assert await client.execute(QUERY) == ONE
        assert len(servers[0].received) == 1
        release.set()
        assert await asyncio.gather(*held) == [ONE, ONE]


async def test_an_address_that_cannot_be_reached_is_passed_over_even_for_mutations() -> None:
    names = Names("127.0.0.2", "127.0.0.1")
    async with raw_server(answer_one) as server, client_by_name(names, server.port) as client:
        for request in (MUTATION, QUERY, MUTATION):
            assert await client.execute(request) == ONE
        addresses = {one.address: one.is_ejected for one in client.snapshot().addresses}
        assert addresses == {f"127.0.0.2:{server.port}": True, f"127.0.0.1:{server.port}": False}


async def test_when_no_address_can_be_reached_the_call_fails() -> None:
    names = Names("127.0.0.2", "127.0.0.3")
    async with raw_server(answer_one) as server, client_by_name(names, server.port) as client:
        assert [await outcome(client) for _ in range(3)] == ["SUBGRAPH_UNREACHABLE"] * 3
        # The last address is never left out.
        assert sum(one.is_ejected for one in client.snapshot().addresses) == 1
    assert server.connections == 0


@pytest.mark.parametrize("failing", [bad_gateway], ids=["503"])
async def test_an_address_that_fails_in_a_row_is_left_out_and_comes_back_by_probe(failing: Behaviour) -> None:
    ejection = {"failures": 3, "base_ms": 50, "max_ms": 50}
    async with (
        servers_at(answer_one, failing) as servers,
        client_of([server.url for server in servers], ejection=ejection) as client,
    ):

        def is_ejected() -> bool:
            return client.snapshot().addresses[1].is_ejected

        await client.execute(QUERY)
        while not is_ejected():
            await outcome(client)
        assert len(servers[1].received) == 3
        servers[1].behaviour = answer_one
        await until(lambda: not is_ejected())
        before = counts(servers)
        for _ in range(10):
            assert await client.execute(QUERY) == ONE
        after = counts(servers)
        assert [after[0] - before[0], after[1] - before[1]] == [5, 5]


async def test_an_address_on_trial_gets_one_request_and_is_left_out_again_by_one_failure() -> None:
    release, failures = asyncio.Event(), 0

    async def fail_late(peer: Peer, request: Received) -> None:
        await release.wait()
        await bad_gateway(peer, request)

    ejection = {"failures": 2, "base_ms": 20, "max_ms": 20}
    async with (
        servers_at(answer_one, bad_gateway) as servers,
        client_of([server.url for server in servers], ejection=ejection) as client,
    ):

        def is_ejected() -> bool:
            return client.snapshot().addresses[1].is_ejected

        await client.execute(QUERY)
        while not is_ejected():
            await outcome(client)
        failures = len(servers[1].received)
        servers[1].behaviour = fail_late
        await until(lambda: not is_ejected())
        calls = [asyncio.create_task(outcome(client)) for _ in range(6)]
        await until(lambda: sum(call.done() for call in calls) == 5)
        assert len(servers[1].received) == failures + 1
        release.set()
        codes = sorted(await asyncio.gather(*calls))
        assert codes == ["SUBGRAPH_HTTP_ERROR", *["answered"] * 5]
        assert is_ejected()


async def test_at_most_a_share_of_the_addresses_is_left_out() -> None:
    ejection = {"failures": 1, "percent_max": 50, "base_ms": 60_000}
    async with (
        servers_at(answer_one, bad_gateway, bad_gateway, bad_gateway) as servers,
        client_of([server.url for server in servers], ejection=ejection) as client,
    ):
        for _ in range(20):
            await outcome(client)
        assert sum(one.is_ejected for one in client.snapshot().addresses) == 2


async def test_a_connection_that_was_idle_for_too_long_says_nothing_about_its_address() -> None:
    async def drop_second(peer: Peer, request: Received) -> None:
        if sum(server.connections for server in servers) == 2 and len(servers[0].received) == 2:
            peer.writer.close()
        else:
            await answer_one(peer, request)

    async with (
        servers_at(drop_second, answer_one) as servers,
        client_of([server.url for server in servers], ejection={"failures": 1}) as client,
    ):
        for _ in range(6):
            assert await client.execute(QUERY) == ONE
        assert servers[0].connections == 2
        assert not any(one.is_ejected for one in client.snapshot().addresses)


async def test_a_client_in_a_hurry_says_nothing_about_an_address() -> None:
    async with (
        servers_at(only_listen, answer_one) as servers,
        client_of([server.url for server in servers], ejection={"failures": 1}) as client,
    ):
        scope = RequestScope(deadline_at=asyncio.get_running_loop().time() + 0.1)
        assert await outcome(client, SubgraphRequest("{ a }", scope=scope)) == "SUBGRAPH_TIMEOUT"
        assert not any(one.is_ejected for one in client.snapshot().addresses)


async def test_a_silent_address_is_left_out() -> None:
    settings: Any = {"read_timeout_ms": 300, "ejection": {"failures": 2, "base_ms": 60_000}}
    async with (
        servers_at(only_listen, answer_one) as servers,
        client_of([server.url for server in servers], **settings) as client,
    ):
        assert (
            sorted([await outcome(client) for _ in range(4)]) == ["SUBGRAPH_TIMEOUT"] * 2 + ["answered"] * 2
        )
        assert [await outcome(client) for _ in range(10)] == ["answered"] * 10
        assert len(servers[0].received) == 2


async def test_requests_go_on_while_a_name_moves() -> None:
    names = Names("127.0.0.1")
    async with (
        servers_at(answer_one, answer_one) as servers,
        client_by_name(names, servers[0].port, dns_refresh_ms=10) as client,
    ):
        assert await client.execute(QUERY) == ONE
        names.addresses = ("127.0.0.2",)
        await until(lambda: [one.address[:9] for one in client.snapshot().addresses] == ["127.0.0.2"])
        assert await client.execute(QUERY) == ONE
        assert counts(servers) == [1, 1]
        # What was open to the old address is closed, though its server never closed it.
        await servers[0].closed_by_client.wait()


async def test_a_request_under_way_survives_that_its_address_goes() -> None:
    release = asyncio.Event()

    async def hold(peer: Peer, request: Received) -> None:
        await release.wait()
        await answer_one(peer, request)

    names = Names("127.0.0.1")
    async with (
        servers_at(hold, answer_one) as servers,
        client_by_name(names, servers[0].port, dns_refresh_ms=10) as client,
    ):
        call = asyncio.create_task(client.execute(QUERY))
        await until(lambda: servers[0].received)
        names.addresses = ("127.0.0.2",)
        await until(lambda: [one.address[:9] for one in client.snapshot().addresses] == ["127.0.0.2"])
        release.set()
        assert await call == ONE
        await servers[0].closed_by_client.wait()


async def test_an_address_that_is_gone_is_not_probed() -> None:
    release = asyncio.Event()

    async def fail_late(peer: Peer, request: Received) -> None:
        await release.wait()
        await bad_gateway(peer, request)

    names = Names("127.0.0.1", "127.0.0.2")
    settings: Any = {"dns_refresh_ms": 10, "ejection": {"failures": 1, "base_ms": 1}}
    async with (
        servers_at(fail_late, answer_one, answer_one) as servers,
        client_by_name(names, servers[0].port, **settings) as client,
    ):
        call = asyncio.create_task(outcome(client))
        await until(lambda: servers[0].received)
        names.addresses = ("127.0.0.2", "127.0.0.3")
        await until(lambda: client.snapshot().addresses[-1].address.startswith("127.0.0.3"))
        release.set()
        assert await call == "SUBGRAPH_HTTP_ERROR"
        assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("probe")]


async def test_a_name_server_that_fails_later_changes_nothing() -> None:
    names = Names("127.0.0.1")
    async with (
        raw_server(answer_one) as server,
        client_by_name(names, server.port, dns_refresh_ms=5) as client,
    ):
        assert await client.execute(QUERY) == ONE
        names.addresses = None
        asked = names.asked
        await until(lambda: names.asked > asked + 2)
        assert await client.execute(QUERY) == ONE


async def test_a_name_without_addresses_fails_until_it_has_some() -> None:
    names = Names()
    names.addresses = None
    async with (
        raw_server(answer_one) as server,
        client_by_name(names, server.port, dns_refresh_ms=5) as client,
    ):
        assert await outcome(client) == "SUBGRAPH_UNREACHABLE"
        names.addresses = ("127.0.0.1",)
        await until(lambda: client.snapshot().addresses)
        assert await client.execute(QUERY) == ONE


async def test_a_lookup_that_never_ends_ends_with_the_call() -> None:
    async def look_forever(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        raise AssertionError("nothing wakes it")

    resources = TransportResources(ConnectionBudget(100), lookup=look_forever)
    async with client_of("http://shop.test/", None, resources, request_timeout_ms=30) as client:
        with pytest.raises(SubgraphError) as caught:
            await client.execute(QUERY)
        assert caught.value.code == "SUBGRAPH_TIMEOUT"


async def test_the_other_family_is_used_only_when_the_preferred_one_fails() -> None:
    names = Names("127.0.0.1", "::1")
    async with raw_server(answer_one) as v4, contextlib.AsyncExitStack() as stack:
        try:
            v6 = await stack.enter_async_context(raw_server(answer_one, host="::1", port=v4.port))
        except OSError:
            pytest.skip("this machine has no IPv6 on its loopback")
        async with client_by_name(names, v4.port) as client:
            await asyncio.gather(*(client.execute(QUERY) for _ in range(6)))
            assert (len(v4.received), len(v6.received)) == (6, 0)
            names.addresses = ("::1", "127.0.0.1")
        async with client_by_name(Names("::1", "127.0.0.1"), v4.port) as client:
            assert await client.execute(QUERY) == ONE
            assert len(v6.received) == 1


async def test_the_systems_own_names_are_known() -> None:
    found = await look_up("localhost", 80)
    assert set(found) & {"127.0.0.1", "::1"}
    for unknown in ("no-such-host.invalid", f"{'a' * 70}.test"):
        with pytest.raises(OSError, match=r"."):
            await look_up(unknown, 80)


async def test_localhost_is_reached_whichever_family_the_server_listens_on() -> None:
    async with (
        raw_server(answer_one) as server,
        client_of(f"http://localhost:{server.port}/graphql") as client,
    ):
        assert [await outcome(client) for _ in range(3)] == ["answered"] * 3


async def test_addresses_of_one_name_are_bounded() -> None:
    names = Names("127.0.0.1", *(f"127.0.1.{number}" for number in range(1, 100)))
    async with raw_server(answer_one) as server, client_by_name(names, server.port) as client:
        await outcome(client)
        assert len(client.snapshot().addresses) == ADDRESSES_MAX
