"""The deployment files tell the same story as the code, checked without Docker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from zellige.assembly.supergraph_file import read_supergraph_file
from zellige.cli import COMMANDS

ROOT = Path(__file__).parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OWN = {name: service for name, service in SERVICES.items() if service["image"] == "zellige"}


def test_every_subgraph_is_a_service_that_answers_where_the_router_asks() -> None:
    routed = [word for word in SERVICES["router"]["command"] if word.startswith("--subgraph-url=")]
    for entry in read_supergraph_file(ROOT / "schema" / "supergraph.yaml"):
        port = re.search(r":(\d+)/", entry.url)
        assert port is not None
        assert SERVICES[entry.name]["command"] == [
            *("subgraph", entry.name, "--host", "0.0.0.0", "--port", port[1])
        ]
        assert f"--subgraph-url={entry.name}=http://{entry.name}:{port[1]}/graphql" in routed
        assert f":{port[1]}/health/ready" in SERVICES[entry.name]["healthcheck"]["test"][-1]


def test_own_services_run_commands_that_exist() -> None:
    assert {service["command"][0] for service in OWN.values()} <= set(COMMANDS)


def test_a_service_waits_only_for_services_that_can_be_waited_for() -> None:
    for service in SERVICES.values():
        for name, how in service.get("depends_on", {}).items():
            assert how["condition"] == "service_completed_successfully" or "healthcheck" in SERVICES[name]


def test_only_the_router_is_open_to_the_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["router"]


def test_no_secret_has_a_default_and_only_identity_can_sign() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert set(re.findall(r"\$\{(\w+)", text)) == set(re.findall(r"\$\{(\w+):\?", text))
    assert [name for name, service in OWN.items() if "ZELLIGE_SIGNING_KEY" in service["environment"]] == [
        "identity"
    ]


def test_the_image_does_not_run_as_root() -> None:
    stages = (ROOT / "Dockerfile").read_text().split("FROM ")
    assert "\nUSER zellige\n" in stages[-1]
