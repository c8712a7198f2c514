"""Traces as a collector receives them, and the context subgraphs are sent."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from router.config import LoggingConfig, MetricsConfig, RouterConfig, TelemetryConfig, TracingConfig
from router.telemetry.logs import configure_logging
from tests.telemetry.collector import Collector, ReceivedSpan, collect
from tests.telemetry.serving import free_port, serve_router, wait_until

SHELF = "query Shelf { products(first: 3) { name stock reviews { text } } }"
PARENT_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT_SPAN = "00f067aa0ba902b7"
SERVER, CLIENT = 2, 3


def config(collector: Collector, **settings: Any) -> RouterConfig:
    tracing = TracingConfig(
        **{
            "enabled": True,
            "endpoint": collector.url,
            "sampling_ratio": 1.0,
            "export_interval_ms": 50,
            **settings,
        }
    )
    metrics = MetricsConfig(enabled=True, port=free_port())
    return RouterConfig(telemetry=TelemetryConfig(tracing=tracing, metrics=metrics))


def only(spans: list[ReceivedSpan]) -> ReceivedSpan:
    assert len(spans) == 1
    return spans[0]


async def test_a_request_is_one_trace_with_its_steps_and_fetches() -> None:
    with collect() as collector:
        async with serve_router(config(collector, service_name="shop")) as shop:
            answer = await shop.post({"query": SHELF}, x_request_id="id-1")
            assert "errors" not in answer.json
        request = only(collector.named("POST /graphql"))
    assert (request.kind, request.parent_id, request.is_error) == (SERVER, "", False)
    expected = {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "graphql.operation.name": "Shelf",
        "graphql.operation.type": "query",
        "zellige.fetches": 3,
        "zellige.request.id": "id-1",
    }
    assert expected.items() <= request.attributes.items()
    below = [span for span in collector.spans if span is not request]
    assert {span.parent_id for span in below} == {request.span_id}
    assert {span.trace_id for span in below} == {request.trace_id}
    assert {"graphql.parse", "graphql.validate", "graphql.plan"} <= {span.name for span in below}
    fetch = only(collector.named("fetch inventory"))
    assert fetch.kind == CLIENT
    assert fetch.attributes["zellige.fetch.entities"] == 3
    assert fetch.attributes["http.response.status_code"] == 200
    assert fetch.attributes["http.response.body.size"] > 0
    for span in below:
        assert request.start_ns <= span.start_ns <= span.end_ns <= request.end_ns
    assert collector.resources[0]["service.name"] == "shop"


async def test_subgraphs_get_the_context_of_their_own_fetch() -> None:
    with collect() as collector:
        async with serve_router(config(collector)) as shop:
            await shop.post(
                {"query": SHELF}, traceparent=f"00-{PARENT_TRACE}-{PARENT_SPAN}-01", tracestate="a=1"
            )
        fetches = [span for span in collector.spans if span.name.startswith("fetch ")]
        request = only(collector.named("POST /graphql"))
    assert (request.trace_id, request.parent_id, request.trace_state) == (PARENT_TRACE, PARENT_SPAN, "a=1")
    sent = {headers["traceparent"] for headers in shop.seen}
    assert sent == {f"00-{PARENT_TRACE}-{span.span_id}-01" for span in fetches}
    assert len(sent) == 3
    assert {headers["tracestate"] for headers in shop.seen} == {"a=1"}


async def test_sampling_follows_the_parent() -> None:
    with collect() as collector:
        async with serve_router(config(collector)) as shop:
            await shop.post({"query": SHELF}, traceparent=f"00-{PARENT_TRACE}-{PARENT_SPAN}-00")
        assert collector.spans == []
        async with serve_router(config(collector, sampling_ratio=0)) as other:
            await other.post({"query": SHELF}, traceparent=f"00-{PARENT_TRACE}-{PARENT_SPAN}-01")
            await other.post({"query": SHELF})
        assert len(collector.named("POST /graphql")) == 1
    versions = [headers["traceparent"].split("-") for headers in shop.seen]
    assert {(trace, flags) for _, trace, _, flags in versions} == {(PARENT_TRACE, "00")}
    assert PARENT_SPAN not in {span for _, _, span, _ in versions}


async def test_a_parent_that_is_not_trusted_is_linked_to() -> None:
    with collect() as collector:
        async with serve_router(config(collector, follow_parent=False)) as shop:
            await shop.post(
                {"query": SHELF}, traceparent=f"00-{PARENT_TRACE}-{PARENT_SPAN}-00", tracestate="a=1"
            )
        request = only(collector.named("POST /graphql"))
    assert request.trace_id != PARENT_TRACE
    assert (request.parent_id, request.links) == ("", (PARENT_TRACE,))
    assert all("tracestate" not in headers for headers in shop.seen)


async def test_no_variable_no_document_and_no_secret_is_in_a_span() -> None:
    query = 'query Private($id: ID!) { product(id: $id) { name } other: product(id: "in-text") { name } }'
    with collect() as collector:
        async with serve_router(config(collector, headers={"x-key": "collector-key"})) as shop:
            await shop.post(
                {"query": query, "variables": {"id": "private-value"}},
                authorization="Bearer private-token",
                cookie="session=private",
            )
        assert collector.named("POST /graphql")
        text = repr(collector.spans)
    assert "private" not in text
    assert "in-text" not in text
    assert collector.headers[0]["x-key"] == "collector-key"


async def test_errors_mark_the_request_and_the_fetch() -> None:
    with collect() as collector:
        async with serve_router(config(collector), dead=("reviews",)) as shop:
            await shop.post({"query": SHELF})
            await shop.post({"query": "{ nothing }"})
        failed, refused = collector.named("POST /graphql")
        fetch = only(collector.named("fetch reviews"))
    assert failed.is_error
    assert failed.attributes["zellige.error.codes"] == ["SUBGRAPH_UNREACHABLE"]
    assert fetch.is_error
    assert fetch.attributes["error.type"] == "SUBGRAPH_UNREACHABLE"
    # The server did its work: the client's mistake is no error of ours.
    assert not refused.is_error
    assert refused.attributes["error.type"] == "GRAPHQL_VALIDATION_FAILED"


async def test_operations_of_a_batch_have_spans_of_their_own() -> None:
    with collect() as collector:
        settings = config(collector)
        batching = settings.server.batching.model_copy(update={"enabled": True})
        server = settings.server.model_copy(update={"batching": batching})
        async with serve_router(settings.model_copy(update={"server": server})) as shop:
            await shop.post([{"query": SHELF}, {"query": "query Me { me { id } }"}])
        request = only(collector.named("POST /graphql"))
        operations = {
            span.attributes["graphql.operation.name"]: span for span in collector.named("graphql query")
        }
        fetch = only(collector.named("fetch accounts"))
    assert {span.parent_id for span in operations.values()} == {request.span_id}
    assert fetch.parent_id == operations["Me"].span_id


async def test_a_slow_collector_costs_spans_and_nothing_else() -> None:
    with collect() as collector:
        collector.may_answer.clear()
        settings = config(collector, queue_spans_max=40, batch_spans_max=20, export_timeout_ms=2_000)
        async with serve_router(settings) as shop:
            for _ in range(60):
                assert (await shop.post({"query": "{ me { id } }"})).status == 200
            samples = await shop.samples()
            assert samples.get("spans_dropped_total") > 0
            collector.may_answer.set()
            await wait_until(lambda: len(collector.spans) >= 40)
            before = len(collector.spans)
            await shop.post({"query": "query After { me { id } }"})
            await wait_until(lambda: len(collector.spans) > before)


async def test_a_collector_that_fails_is_told_once_and_when_it_is_well_again(
    log_lines: io.StringIO,
) -> None:
    configure_logging(LoggingConfig(), stream=log_lines)
    with collect() as collector:
        collector.status = 400
        async with serve_router(config(collector)) as shop:
            for exports in (1, 2):
                await shop.post({"query": "{ me { id } }"})
                await wait_until(lambda exports=exports: collector.exports >= exports)
            collector.status = 200
            await shop.post({"query": "query After { me { id } }"})
            await wait_until(lambda: collector.spans)
    events = [json.loads(line)["event"] for line in log_lines.getvalue().splitlines()]
    told = [event for event in events if event.startswith("traces")]
    assert told == ["traces cannot be exported", "traces are exported again"]


async def test_an_export_is_tried_again_while_the_collector_is_busy() -> None:
    with collect() as collector:
        collector.status = 503
        async with serve_router(config(collector)) as shop:
            await shop.post({"query": SHELF})
            await wait_until(lambda: collector.exports >= 2)
            assert collector.spans == []
            collector.status = 200
            await wait_until(lambda: collector.named("POST /graphql"))
            samples = await shop.samples()
    assert samples.get("spans_dropped_total") == 0
    assert len(collector.named("POST /graphql")) == 1


async def test_what_waits_is_sent_at_the_end() -> None:
    with collect() as collector:
        async with serve_router(config(collector, export_interval_ms=60_000)) as shop:
            await shop.post({"query": SHELF})
            assert collector.spans == []
        assert len(collector.named("POST /graphql")) == 1


async def test_a_dead_collector_holds_nobody_up_at_the_end() -> None:
    settings = TracingConfig(
        enabled=True,
        endpoint=f"http://127.0.0.1:{free_port()}/v1/traces",
        sampling_ratio=1,
        export_timeout_ms=500,
    )
    async with serve_router(RouterConfig(telemetry=TelemetryConfig(tracing=settings))) as shop:
        assert (await shop.post({"query": SHELF})).status == 200


async def test_without_tracing_a_clients_context_goes_on_as_it_came() -> None:
    async with serve_router() as shop:
        await shop.post({"query": SHELF}, traceparent=f"00-{PARENT_TRACE}-{PARENT_SPAN}-01")
        await shop.post({"query": SHELF})
    sent = [headers.get("traceparent") for headers in shop.seen]
    assert sent == [f"00-{PARENT_TRACE}-{PARENT_SPAN}-01"] * 3 + [None] * 3


@pytest.fixture
def log_lines() -> io.StringIO:
    """Where the log goes."""
    return io.StringIO()
