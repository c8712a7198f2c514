"""What a scrape tells after real requests through the whole router."""

from __future__ import annotations

import asyncio
import socket

import pytest

from router.config import LoggingConfig, MetricsConfig, RouterConfig, TelemetryConfig
from router.server.metrics_listener import listen_for_scrapes, serve_metrics
from router.telemetry.catalogue import Metric, Reading, all_metrics
from router.telemetry.metrics import Metrics
from tests.telemetry.serving import free_port, free_ports_in_a_row, serve_router
from zellige.errors import CommandFailed

SHELF = "query Shelf { products(first: 3) { name stock reviews { text author { email } } } }"


def config(**settings: object) -> RouterConfig:
    metrics = MetricsConfig(enabled=True, port=free_port(), **settings)  # type: ignore[arg-type]
    return RouterConfig(telemetry=TelemetryConfig(metrics=metrics), logging=LoggingConfig(access_log=False))


async def test_operations_and_subgraphs_are_counted_with_their_durations() -> None:
    async with serve_router(config()) as shop:
        for _ in range(3):
            assert "errors" not in (await shop.post({"query": SHELF})).json
        samples = await shop.samples()
    assert samples.get("operation_duration_seconds_count", operation="Shelf", kind="query") == 3
    assert samples.get("operation_duration_seconds_sum", operation="Shelf", kind="query") > 0
    assert samples.get("http_responses_total", status="200") == 3
    for name in ("products", "inventory", "reviews", "accounts"):
        assert samples.get("subgraph_request_duration_seconds_count", subgraph=name) == 3
        assert samples.get("subgraph_response_bytes_total", subgraph=name) > 0
    assert samples.get("operation_fetches_total", operation="Shelf") == 12
    # Three products in each request.
    assert samples.get("subgraph_entities_total", subgraph="inventory") == 9
    assert samples.get("subgraph_entities_total", subgraph="products") == 0


async def test_the_plan_cache_and_what_preparing_took_are_told() -> None:
    async with serve_router(config()) as shop:
        for _ in range(4):
            await shop.post({"query": SHELF})
        samples = await shop.samples()
    assert samples.get("plan_cache_requests_total", cache="operations", result="miss") == 1
    assert samples.get("plan_cache_requests_total", cache="operations", result="hit") == 3
    assert samples.get("plan_cache_entries", cache="operations") == 1
    for step in ("parse", "validate", "normalize", "plan"):
        assert samples.get("preparation_duration_seconds_count", step=step) == 1


async def test_errors_are_counted_by_code_for_operations_and_subgraphs() -> None:
    async with serve_router(config(), dead=("reviews",)) as shop:
        answer = await shop.post({"query": SHELF})
        assert answer.codes == ["SUBGRAPH_UNREACHABLE"]
        await shop.post({"query": "query Broken { product(id: 1) { broken } }"})
        await shop.post({"query": "{ nothing }", "operationName": "Invented"})
        await shop.post(b"no JSON")
        samples = await shop.samples()
    code = {"code": "SUBGRAPH_UNREACHABLE"}
    assert samples.get("operation_errors_total", operation="Shelf", **code) == 1
    assert samples.get("subgraph_failures_total", subgraph="reviews", **code) == 1
    assert samples.get("subgraph_errors_total", subgraph="reviews", **code) == 1
    broken = samples.labels("operation_errors_total", "operation")
    assert broken == {"Shelf", "Broken", "(refused)"}
    assert samples.get("subgraph_errors_total", subgraph="products", code="DOWNSTREAM_SERVICE_ERROR") == 1
    refused = {"operation": "(refused)"}
    assert samples.get("operation_errors_total", code="GRAPHQL_VALIDATION_FAILED", **refused) == 1
    assert samples.get("operation_errors_total", code="BAD_REQUEST", **refused) == 1


async def test_names_of_operations_are_bounded_and_strangers_cannot_use_them_up() -> None:
    async with serve_router(config(operations_max=3)) as shop:
        for number in range(5):
            # None of these is valid, so none takes a place in the table.
            await shop.post({"query": f"query Bad{number} {{ nothing }}", "operationName": f"Bad{number}"})
        for number in range(6):
            await shop.post({"query": f"query Name{number} {{ me {{ id }} }}"})
        await shop.post({"query": "{ me { id } }"})
        samples = await shop.samples()
    names = samples.labels("operation_duration_seconds_count", "operation")
    assert names == {"(refused)", "Name0", "Name1", "(other)"}
    assert samples.get("operation_duration_seconds_count", operation="(other)", kind="query") == 5


async def test_a_batch_counts_each_of_its_operations() -> None:
    settings = config()
    batching = settings.server.model_copy(
        update={"batching": settings.server.batching.model_copy(update={"enabled": True})}
    )
    async with serve_router(settings.model_copy(update={"server": batching})) as shop:
        await shop.post([{"query": SHELF}, {"query": "query Me { me { id } }"}, {"query": "{ nothing }"}])
        samples = await shop.samples()
    assert samples.get("http_responses_total", status="200") == 1
    assert samples.get("operation_duration_seconds_count", operation="Shelf", kind="query") == 1
    assert samples.get("operation_duration_seconds_count", operation="Me", kind="query") == 1
    assert samples.get("operation_errors_total", operation="(refused)", code="GRAPHQL_VALIDATION_FAILED") == 1


async def test_requests_in_flight_fall_back_to_none() -> None:
    async with serve_router(config()) as shop:
        await asyncio.gather(*(shop.post({"query": SHELF}) for _ in range(10)))
        samples = await shop.samples()
    assert samples.get("requests_in_flight") == 0
    assert samples.get("http_responses_total", status="200") == 10


async def test_the_listener_answers_its_one_page_only() -> None:
    async with serve_router(config(path="/internal/metrics")) as shop:
        assert (await shop.scrape(target="/internal/metrics")).status == 200
        assert (await shop.scrape(target="/metrics")).status == 404
        assert (await shop.scrape("POST", "/internal/metrics")).status == 405
        head = await shop.scrape("HEAD", "/internal/metrics")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-type"].startswith("text/plain; version=0.0.4")


async def test_metrics_stay_off_and_unreachable_by_default() -> None:
    port = free_port()
    metrics = MetricsConfig(port=port)
    async with serve_router(RouterConfig(telemetry=TelemetryConfig(metrics=metrics))) as shop:
        await shop.post({"query": SHELF})
        with pytest.raises(ConnectionError):
            await shop.scrape()


async def test_each_worker_has_a_port_of_its_own() -> None:
    first = Metrics(operations_max=1, buckets_s=(1,))
    settings = MetricsConfig(port=free_ports_in_a_row(2))
    sockets = [listen_for_scrapes(settings, worker) for worker in (0, 1)]
    async with (
        serve_metrics(first, settings, sockets[0]) as one,
        serve_metrics(first, settings, sockets[1]) as two,
    ):
        assert (one, two) == (settings.port, settings.port + 1)


async def test_a_port_that_is_taken_is_said_at_the_start() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = MetricsConfig(port=taken.getsockname()[1])
        taken_by_another = RouterConfig(
            telemetry=TelemetryConfig(metrics=settings.model_copy(update={"enabled": True}))
        )
        with pytest.raises(CommandFailed, match=r"Choose another telemetry\.metrics\.port"):
            async with serve_router(taken_by_another):
                pass


def test_components_that_tell_of_the_same_thing_are_added_up() -> None:
    waiting = Metric("zellige_router_waiting", "gauge", "Waiting.", ("subgraph",))

    class Pool:
        def readings(self) -> list[Reading]:
            return [Reading(waiting, 2, ("products",))]

    metrics = Metrics(operations_max=1, buckets_s=(1,))
    old, new = Pool(), Pool()
    metrics.watch(old)
    metrics.watch(new)
    assert b'zellige_router_waiting{subgraph="products"} 4.0' in metrics.text()
    metrics.forget(old)
    assert b'zellige_router_waiting{subgraph="products"} 2.0' in metrics.text()


def test_every_metric_has_a_name_of_its_own_and_follows_the_conventions() -> None:
    metrics = all_metrics()
    assert len({metric.name for metric in metrics}) == len(metrics)
    for metric in metrics:
        assert metric.name.startswith("zellige_router_")
        assert not metric.name.endswith("_total")
        assert metric.help.endswith(".")
        if metric.kind == "histogram":
            assert metric.name.endswith("_seconds")
