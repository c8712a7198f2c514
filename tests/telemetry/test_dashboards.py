"""The dashboard and the alerts ask for series and labels that the router has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from router.config import MetricsConfig
from router.telemetry.catalogue import all_metrics

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = DEPLOY / "grafana" / "zellige-router.json"
ALERTS = DEPLOY / "prometheus" / "zellige-alerts.yaml"

SERIES = {series: metric for metric in all_metrics() for series in metric.series}
# Of prometheus-client and of Prometheus itself.
FOREIGN = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "up"}
# Given by Prometheus to whatever it scrapes, and by histograms to their buckets.
COMMON_LABELS = {"job", "instance", "le"}

_NAME = re.compile(r"\b(?:zellige_router|process)_[a-z_]+\b|\bup\b")
_SELECTOR = re.compile(r"([a-z_]+)\{([^}]*)\}")
_LABEL = re.compile(r"([a-z_]+)\s*(?:=~|!~|!=|=)")
_BY = re.compile(r"by \(([^)]*)\)")


def panels() -> list[dict[str, Any]]:
    return [panel for panel in json.loads(DASHBOARD.read_text())["panels"] if panel["type"] != "row"]


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expressions() -> Iterator[tuple[str, str]]:
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for variable in json.loads(DASHBOARD.read_text())["templating"]["list"]:
        if variable["type"] == "query":
            yield variable["name"], variable["query"]["query"]


@pytest.mark.parametrize(("title", "expression"), list(expressions()))
def test_every_series_and_label_exists(title: str, expression: str) -> None:
    names = set(_NAME.findall(expression))
    assert names, title
    assert names <= SERIES.keys() | FOREIGN
    for name, selector in _SELECTOR.findall(expression):
        known = set(SERIES[name].labels) if name in SERIES else set()
        assert set(_LABEL.findall(selector)) <= known | COMMON_LABELS
    labels = {label for name in names if name in SERIES for label in SERIES[name].labels} | COMMON_LABELS
    for group in _BY.findall(expression):
        assert {label.strip() for label in group.split(",")} <= labels


def test_counters_are_read_as_rates_and_gauges_are_not() -> None:
    for _, expression in expressions():
        for name in _NAME.findall(expression):
            metric = SERIES.get(name)
            if metric is None or "label_values" in expression:
                continue
            is_rated = re.search(rf"(?:rate|increase)\({name}\b", expression) is not None
            assert is_rated is (metric.kind != "gauge"), f"{name} in {expression}"


def test_panels_stand_beside_each_other_and_have_numbers_of_their_own() -> None:
    taken: set[tuple[int, int]] = set()
    every = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in every}) == len(every)
    for panel in every:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_alerts_say_how_bad_it_is_and_what_to_do() -> None:
    found = rules()
    assert len({rule["alert"] for rule in found}) == len(found)
    for rule in found:
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"].endswith(".")


def test_the_example_scrapes_the_ports_of_the_workers() -> None:
    example = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yaml").read_text())
    (job,) = example["scrape_configs"]
    port = MetricsConfig().port
    assert job["static_configs"][0]["targets"] == [f"127.0.0.1:{port}", f"127.0.0.1:{port + 1}"]
    assert job.get("metrics_path", "/metrics") == MetricsConfig().path
