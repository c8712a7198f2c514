"""The settings the guide shows are settings, and its defaults are the defaults."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from router.config import RouterConfig, TransportConfig, parse_config
from router.executor.transport.counts import TransportCounts
from router.telemetry.catalogue import PREFIX, all_metrics

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "router-transport.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_each_example_is_accepted(example: str) -> None:
    config = parse_config(example, environment={"PRODUCTS_KEY": "secret"})
    assert config != RouterConfig()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("| `connect_timeout_ms` | {:,} |", TransportConfig().connect_timeout_ms),
        ("| `read_timeout_ms` | {:,} |", TransportConfig().read_timeout_ms),
        ("| `request_timeout_ms` | {:,} |", TransportConfig().request_timeout_ms),
        ("| `server.request_timeout_ms` | {:,} |", RouterConfig().server.request_timeout_ms),
        ("`deadline_margin_ms` ({})", TransportConfig().deadline_margin_ms),
        ("`connections_per_host_max` ({})", TransportConfig().connections_per_host_max),
        ("`connections_max` ({})", TransportConfig().connections_max),
        ("`queue_per_host_max` ({:,})", TransportConfig().queue_per_host_max),
        ("in `{}`", TransportConfig().deadline_header),
        ("at least {} requests within 10 s", TransportConfig().breaker.requests_min),
    ],
)
def test_its_figures_are_the_defaults(text: str, value: object) -> None:
    assert text.format(value) in GUIDE


def test_every_metric_of_the_transport_is_named() -> None:
    named = {f"{PREFIX}{name}" for name in re.findall(r"`(\w+?)(?:_total)?(?:\{[\w,]+\})?`", GUIDE)}
    about = {
        metric.name
        for metric in all_metrics()
        if re.search(r"pool|breaker|address|subgraph_(retries|shared)", metric.name)
    }
    assert about <= named
    assert not list(TransportCounts().readings())
