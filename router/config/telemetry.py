"""What the router tells about itself: metrics, traces, and plans for tools."""

from __future__ import annotations

from itertools import pairwise

from pydantic import Field, field_validator

from router.config.section import Section


class MetricsConfig(Section):
    """Metrics in the text format of Prometheus."""

    enabled: bool = False
    """Off, nothing is counted and no port is opened."""
    host: str = "127.0.0.1"
    """Where the listener binds. Metrics name operations and subgraphs: keep them off the Internet."""
    port: int = Field(default=9464, ge=0, le=65_535)
    """The listener's own port, so that no client of the router can reach it. Worker n of `--workers` listens
    on port + n and is a scrape target of its own; 0 takes any free port."""
    path: str = Field(default="/metrics", pattern=r"^/[^?#]*$")
    operations_max: int = Field(default=200, ge=1, le=10_000)
    """So many names of operations have series of their own, the first seen; all others share `(other)`."""
    duration_buckets_s: tuple[float, ...] = (
        0.001,
        0.0025,
        0.005,
        0.01,
        0.025,
        0.05,
        0.1,
        0.25,
        0.5,
        1,
        2.5,
        5,
        10,
        30,
    )
    """Upper bounds of the buckets of every duration, in seconds, ascending."""

    @field_validator("duration_buckets_s")
    @classmethod
    def _refuse_unsorted_buckets(cls, buckets: tuple[float, ...]) -> tuple[float, ...]:
        if not buckets or buckets[0] <= 0 or any(a >= b for a, b in pairwise(buckets)):
            raise ValueError("buckets are positive and ascend")
        if len(buckets) > 50:
            raise ValueError("more than 50 buckets make more series than anybody reads")
        return buckets


class TracingConfig(Section):
    """OpenTelemetry traces, sent by OTLP over HTTP; needs the extra `zellige[tracing]`."""

    enabled: bool = False
    endpoint: str = Field(default="http://127.0.0.1:4318/v1/traces", pattern=r"^https?://")
    headers: dict[str, str] = Field(default_factory=dict)
    """Sent to the collector with every export; its credentials go here, by `${VARIABLE}`."""
    service_name: str = Field(default="zellige-router", min_length=1)
    resource_attributes: dict[str, str] = Field(default_factory=dict)
    """What else every trace says of this service, as `deployment.environment.name`."""
    sampling_ratio: float = Field(default=0.1, ge=0, le=1)
    """The share of traces that begin here and are kept."""
    follow_parent: bool = True
    """A request that comes with a `traceparent` is sampled as its parent was. Off, for a router that
    strangers reach directly: the parent is only linked to, and the ratio decides."""
    queue_spans_max: int = Field(default=4_096, ge=1, le=1_000_000)
    """Spans that wait for their export; when a collector is too slow, the oldest are dropped."""
    batch_spans_max: int = Field(default=512, ge=1, le=100_000)
    export_interval_ms: int = Field(default=2_000, ge=10)
    export_timeout_ms: int = Field(default=5_000, ge=10)
    """The longest an export may take, and the longest that shutting down waits for the last one."""


class InspectionConfig(Section):
    """Plans and timings for developers' tools, in `extensions.zellige` of those who ask by header.

    `x-zellige-plan: only` answers the plan without running it; `x-zellige-trace: 1` adds plan and timings to
    the answer.
    """

    enabled: bool | None = None
    """Whether plans, the names of subgraphs and timings are shown; unset, they are where GraphiQL is on."""


class TelemetryConfig(Section):
    """What the router tells about itself."""

    metrics: MetricsConfig = MetricsConfig()
    tracing: TracingConfig = TracingConfig()
    inspection: InspectionConfig = InspectionConfig()
