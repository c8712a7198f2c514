"""The telemetry of one process, after its settings."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from router.config import ConfigError, RouterConfig, TelemetryConfig
from router.response.codes import ErrorCode
from router.server.metrics_listener import serve_metrics
from router.telemetry.catalogue import Readable
from router.telemetry.metrics import Metrics
from router.telemetry.record import CANCELLED
from router.telemetry.sampling import TraceSampler
from router.telemetry.telemetry import SpanExport, Telemetry


def create_telemetry(config: RouterConfig) -> Telemetry:
    """Returns what the settings switch on; raises ConfigError when a part of it is not installed."""
    settings = config.telemetry
    metrics, sampler, spans = None, None, None
    if settings.metrics.enabled:
        metrics = Metrics(
            operations_max=settings.metrics.operations_max,
            buckets_s=settings.metrics.duration_buckets_s,
            codes=[*ErrorCode.__members__, CANCELLED],
        )
    if settings.tracing.enabled:
        sampler = TraceSampler(settings.tracing.sampling_ratio, follow_parent=settings.tracing.follow_parent)
        spans = _create_spans(config)
    inspects = settings.inspection.enabled
    return Telemetry(
        metrics=metrics,
        sampler=sampler,
        spans=spans,
        access_log=config.logging.access_log,
        is_inspectable=config.server.graphiql.enabled if inspects is None else inspects,
    )


@asynccontextmanager
async def run_telemetry(
    telemetry: Telemetry,
    config: TelemetryConfig,
    listener: socket.socket | None,
    components: Sequence[Readable],
) -> AsyncIterator[None]:
    """Does the background work of one worker while the block runs, and answers scrapes on `listener`, if any.

    `components` are read at each scrape.
    """
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(telemetry.running())
        if telemetry.metrics is not None:
            for component in components:
                telemetry.metrics.watch(component)
            if listener is not None:
                await stack.enter_async_context(serve_metrics(telemetry.metrics, config.metrics, listener))
        yield


def _create_spans(config: RouterConfig) -> SpanExport:
    try:
        # An extra, and 20 MB of memory: loaded only where traces are wanted.
        from router.telemetry.otlp import OtlpSpans  # noqa: PLC0415
    except ImportError as error:
        problem = (
            f"telemetry.tracing is enabled and {error.name} is not installed: pip install 'zellige[tracing]'"
        )
        raise ConfigError([problem]) from error
    return OtlpSpans(config.telemetry.tracing)
