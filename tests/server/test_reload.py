"""A new supergraph takes over: nothing is dropped, a bad one is refused, connections are kept."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from router.telemetry.catalogue import PLAN_CACHE_ENTRIES
from tests.server.reloading import SHOP, STOCK, Reloading, replace_file, run_standalone, supergraph_of
from tests.support.gated_subgraph import GatedSubgraph, gated_subgraph
from tests.support.processes import wait_until_async

NAME = {"query": "{ name }"}
RICHER = SHOP.replace("price", "color: String price")


@pytest.fixture
def shop() -> Iterator[GatedSubgraph]:
    with gated_subgraph({"name": "Khatim", "price": 1450, "color": "blue"}) as running:
        yield running


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "supergraph.graphql"
    path.write_text(supergraph_of({"shop": SHOP}))
    return path


async def wait_for_field(running: Reloading, query: str, *, is_there: bool = True) -> None:
    """Returns once the schema that serves has the field, or has it no more."""
    async with asyncio.timeout(60):
        while True:
            answer = await running.served.post({"query": query})
            if ("errors" not in answer.json) is is_there:
                return
            await asyncio.sleep(0.02)


async def test_no_request_is_dropped_and_connections_are_kept(path: Path, shop: GatedSubgraph) -> None:
    async with run_standalone(
        path, {"shop": shop.url}, server={"deduplication": {"enabled": False}}
    ) as running:
        seen: list[tuple[int, object]] = []
        is_over = asyncio.Event()

        async def keep_asking() -> None:
            while not is_over.is_set():
                answer = await running.served.post(NAME)
                seen.append((answer.status, answer.json))

        clients = [asyncio.create_task(keep_asking()) for _ in range(4)]
        for _ in range(3):
            running.put(supergraph_of({"shop": RICHER}))
            await wait_for_field(running, "{ color }")
            running.put(supergraph_of({"shop": SHOP}))
            await wait_for_field(running, "{ color }", is_there=False)
        is_over.set()
        await asyncio.gather(*clients)
        assert len(seen) > 0
        assert {json.dumps(one) for one in seen} == {json.dumps([200, {"data": {"name": "Khatim"}}])}
        # Four clients and the one that looks: no reload made them connect anew.
        assert shop.connections_total <= 5


async def test_what_cannot_be_served_is_refused_and_the_old_one_stays(
    path: Path, shop: GatedSubgraph, log_lines: io.StringIO
) -> None:
    async with run_standalone(path, {"shop": shop.url}) as running:

        async def refused(text: str, problem: str) -> None:
            running.put(text)
            await wait_until_async(lambda: problem in log_lines.getvalue())
            assert (await running.served.post(NAME)).json == {"data": {"name": "Khatim"}}

        await refused("type Query {", "Syntax Error")
        await refused("type Query { name: String }", "does not link the join spec")
        both = supergraph_of({"shop": SHOP, "stock": STOCK})
        await refused(both.replace("http://stock.test/graphql", ""), "stock has no address")
        await refused(both.replace("http://stock.test", "ftp://stock.test"), "a subgraph cannot be asked")
        running.path.unlink()
        running.standalone.watch.look_now()
        await wait_until_async(lambda: "cannot be read" in log_lines.getvalue())
        assert (await running.served.post(NAME)).json == {"data": {"name": "Khatim"}}
        running.put(supergraph_of({"shop": RICHER}))
        await wait_for_field(running, "{ color }")


async def test_running_requests_end_on_the_old_one_which_then_closes(path: Path, shop: GatedSubgraph) -> None:
    with gated_subgraph({"stock": 3}) as stock:
        replace_file(path, supergraph_of({"shop": SHOP, "stock": STOCK}))
        async with run_standalone(
            path, {"shop": shop.url}, transport=subgraph_urls(stock=stock.url)
        ) as running:
            stock.gate.clear()
            begun = asyncio.create_task(running.served.post({"query": "{ stock }"}))
            await wait_until_async(lambda: stock.requests_begun == 1)
            running.put(supergraph_of({"shop": RICHER}))
            await wait_for_field(running, "{ color }")
            # New requests know nothing of the old one's fields; the one that runs ends as it began.
            assert (await running.served.post({"query": "{ stock }"})).codes == ["GRAPHQL_VALIDATION_FAILED"]
            assert stock.connections_open == 1
            stock.gate.set()
            assert (await begun).json == {"data": {"stock": 3}}
            await wait_until_async(lambda: stock.connections_open == 0)
            assert shop.connections_open >= 1


def subgraph_urls(**urls: str) -> dict[str, object]:
    return {"subgraphs": {name: {"url": url} for name, url in urls.items()}}


async def test_what_is_used_most_is_planned_before_the_swap(path: Path, shop: GatedSubgraph) -> None:
    async with run_standalone(path, {"shop": shop.url}, supergraph={"warm_operations_max": 2}) as running:
        for count, query in ((5, "{ name }"), (4, "{ price }"), (1, "{ name price }")):
            for _ in range(count):
                await running.served.post({"query": query})
        before = running.standalone.router.current
        running.put(supergraph_of({"shop": RICHER}))
        await wait_until_async(lambda: running.standalone.router.current is not before)
        entries = {
            one.labels: one.value
            for one in running.standalone.router.current.readings()
            if one.metric is PLAN_CACHE_ENTRIES
        }
        assert entries["operations",] == 2


async def test_planning_ahead_has_its_time(path: Path, shop: GatedSubgraph, log_lines: io.StringIO) -> None:
    async with run_standalone(path, {"shop": shop.url}, supergraph={"warm_timeout_ms": 0}) as running:
        await running.served.post(NAME)
        running.put(supergraph_of({"shop": RICHER}))
        await wait_for_field(running, "{ color }")
        assert "before all was planned" in log_lines.getvalue()


async def test_a_changed_file_is_found_without_being_told(path: Path, shop: GatedSubgraph) -> None:
    async with run_standalone(path, {"shop": shop.url}, supergraph={"poll_interval_ms": 20}) as running:
        replace_file(path, supergraph_of({"shop": RICHER}))
        await wait_for_field(running, "{ color }")
