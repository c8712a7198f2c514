"""W3C Trace Context: what is read, what is refused, what is written."""

from __future__ import annotations

import random

import pytest

from router.telemetry.sampling import TraceSampler
from router.telemetry.trace_context import RemoteParent, read_parent

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("header", "is_sampled"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE}-{SPAN}-00", False),
        (f"00-{TRACE}-{SPAN}-03", True),
        (f" 00-{TRACE}-{SPAN}-01 ", True),
        (f"01-{TRACE}-{SPAN}-01-what-comes-later", True),
    ],
)
def test_a_parent_is_read(header: str, is_sampled: bool) -> None:
    assert read_parent(header, "a=1") == RemoteParent(int(TRACE, 16), int(SPAN, 16), is_sampled, "a=1")


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "00",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-0g",
        f"00-{TRACE}-{SPAN}-01, 00-{TRACE}-{SPAN}-01",
    ],
)
def test_what_is_not_well_formed_is_no_parent(header: str | None) -> None:
    assert read_parent(header, None) is None


def test_a_long_tracestate_is_left_behind() -> None:
    parent = read_parent(f"00-{TRACE}-{SPAN}-01", "a=" + "1" * 600)
    assert parent is not None
    assert parent.state is None


def test_the_ratio_is_kept_and_agrees_with_the_sampler_of_opentelemetry() -> None:
    from opentelemetry.sdk.trace.sampling import Decision, TraceIdRatioBased  # noqa: PLC0415

    ours, theirs = TraceSampler(0.25, follow_parent=True), TraceIdRatioBased(0.25)
    contexts = [ours.begin({}) for _ in range(4_000)]
    for context in contexts:
        decision = theirs.should_sample(None, context.trace_id, "x").decision
        assert context.is_sampled is (decision is Decision.RECORD_AND_SAMPLE)
    # 1,000 are expected; six standard deviations are 164.
    assert 836 < sum(context.is_sampled for context in contexts) < 1_164


def test_the_headers_carry_the_requests_own_span(seed: int) -> None:
    random.seed(seed)
    headers = {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "a=1"}
    context = TraceSampler(1, follow_parent=True).begin(headers)
    assert headers == {"traceparent": f"00-{TRACE}-{context.span_id:016x}-01", "tracestate": "a=1"}
    assert context.span_id != int(SPAN, 16)
