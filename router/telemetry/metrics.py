"""Metrics, counted from the records of requests that have ended.

A request costs dictionary look-ups and additions of plain numbers; what components count themselves (pools,
caches) costs it nothing. Both become metrics only when they are asked for, by way of prometheus-client.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
)
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.registry import Collector

from router.telemetry import catalogue
from router.telemetry.bounded_names import OTHER, BoundedNames
from router.telemetry.catalogue import Metric, Readable, Reading
from router.telemetry.durations import Durations
from router.telemetry.record import OperationRecord, RequestRecord
from router.telemetry.series import Distribution, OperationSeries, SubgraphSeries

ANONYMOUS = "(anonymous)"
REFUSED = "(refused)"
SUBGRAPHS_MAX = 1_000


class Metrics:
    """The metrics of one process, counted in one thread.

    `codes` are the error codes that have series of their own; any other, which only a subgraph can invent,
    counts under `(other)`. `before_reading` lets whoever holds records back count them first.
    """

    def __init__(
        self, *, operations_max: int, buckets_s: tuple[float, ...], codes: Collection[str] = ()
    ) -> None:
        self.in_flight = 0
        self.before_reading: Callable[[], None] = lambda: None
        self.loop_lag = Durations(buckets_s)
        self._codes = frozenset(codes)
        self._components: list[Readable] = []
        self._statuses: Counter[int] = Counter()
        self._steps: dict[str, Durations] = {}
        self._bounds = buckets_s
        self._operations = BoundedNames(operations_max, lambda name: OperationSeries(name, buckets_s))
        self._subgraphs = BoundedNames(SUBGRAPHS_MAX, lambda name: SubgraphSeries(name, buckets_s))
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self._registry.register(_Families(self._readings, self._distributions))

    def watch(self, component: Readable) -> None:
        """Reads a component whenever metrics are asked for, until `forget`."""
        self._components.append(component)

    def forget(self, component: Readable) -> None:
        """Ends `watch`."""
        self._components.remove(component)

    def text(self) -> bytes:
        """Returns every metric in the text format of Prometheus."""
        self.before_reading()
        return generate_latest(self._registry)

    def count(self, request: RequestRecord) -> None:
        self._statuses[request.status] += 1
        if not request.operations:
            if request.error_code is not None:
                self._operations.of(REFUSED).errors[self._code(request.error_code)] += 1
            return
        for operation in request.operations:
            self._count_operation(operation, request.error_code)

    def _count_operation(self, operation: OperationRecord, refused: str | None) -> None:
        # A name of a document that was refused is anybody's invention, and would fill the table.
        name = (operation.name or ANONYMOUS) if operation.kind else REFUSED
        series = self._operations.of(name)
        series.durations(operation.kind or "none").add(operation.duration_s)
        if operation.errors or refused is not None:
            self._count_errors(series, operation, refused)
        for phase in operation.phases:
            self._step(phase.name).add(phase.ended_at - phase.started_at)
        series.fetches += len(operation.fetches)
        for fetch in operation.fetches:
            series_of_subgraph = self._subgraphs.of(fetch.service)
            if fetch.error is not None:
                series_of_subgraph.failures[self._code(fetch.error)] += 1
            series_of_subgraph.count(fetch)

    def _count_errors(self, series: OperationSeries, operation: OperationRecord, refused: str | None) -> None:
        codes = {self._code(error.code) for error in operation.errors}
        if refused is not None:
            codes.add(self._code(refused))
        for code in codes:
            series.errors[code] += 1
        for error in operation.errors:
            if error.service is not None:
                self._subgraphs.of(error.service).errors[self._code(error.code)] += 1

    def _step(self, name: str) -> Durations:
        # The names are written in the pipeline: a handful.
        found = self._steps.get(name)
        if found is None:
            found = self._steps[name] = Durations(self._bounds)
        return found

    def _code(self, code: str) -> str:
        return code if code in self._codes else OTHER

    def _readings(self) -> Iterator[Reading]:
        yield Reading(catalogue.REQUESTS_IN_FLIGHT, self.in_flight)
        for status, count in self._statuses.items():
            yield Reading(catalogue.HTTP_RESPONSES, count, (str(status),))
        for series in (*self._operations.values(), *self._subgraphs.values()):
            yield from series.readings()
        for component in self._components:
            yield from component.readings()

    def _distributions(self) -> Iterator[Distribution]:
        yield catalogue.LOOP_LAG, (), self.loop_lag
        for step, durations in self._steps.items():
            yield catalogue.PREPARATION_DURATION, (step,), durations
        for series in (*self._operations.values(), *self._subgraphs.values()):
            yield from series.distributions()


class _Families(Collector):
    """What was counted, as families of metrics."""

    def __init__(
        self,
        readings: Callable[[], Iterable[Reading]],
        distributions: Callable[[], Iterable[Distribution]],
    ) -> None:
        self._readings = readings
        self._distributions = distributions

    def collect(self) -> Iterator[Family]:
        """Yields a family for each metric there is something to say of."""
        # Two components may tell of the same thing, as two clients of one subgraph do during a reload.
        values: dict[Metric, dict[tuple[str, ...], float]] = {}
        for reading in self._readings():
            samples = values.setdefault(reading.metric, {})
            samples[reading.labels] = samples.get(reading.labels, 0) + reading.value
        for metric, samples in values.items():
            yield _family(metric, samples)
        histograms: dict[Metric, HistogramMetricFamily] = {}
        for metric, labels, durations in self._distributions():
            family = histograms.get(metric)
            if family is None:
                family = HistogramMetricFamily(metric.name, metric.help, labels=metric.labels)
                histograms[metric] = family
            family.add_metric(labels, list(durations.buckets()), durations.sum_s)
        yield from histograms.values()

    def describe(self) -> Iterable[Family]:
        """Names nothing in advance: components come later."""
        return ()


def _family(metric: Metric, samples: dict[tuple[str, ...], float]) -> Family:
    assert metric.kind != "histogram", f"{metric.name} is counted as durations"
    made = CounterMetricFamily if metric.kind == "counter" else GaugeMetricFamily
    family = made(metric.name, metric.help, labels=metric.labels)
    for labels, value in samples.items():
        family.add_metric(labels, value)
    return family
