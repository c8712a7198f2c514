"""The deployment files tell the same story as the code, checked without Docker."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from router.cache.event_rules import EventRules
from router.config import RouterConfig, parse_config
from router.supergraph import load_supergraph
from subgraphs.kit.auth.passport import PASSPORT_HEADER, PASSPORT_ISSUER
from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.events.rabbit_bus.topology import Names
from subgraphs.kit.events.redis_bus.keys import Keys
from subgraphs.kit.settings import KitSettings
from zellige.assembly.passages import PATHS, read_passages
from zellige.assembly.standalone import StandaloneOptions, check_supergraph
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


def test_peoples_pages_and_keys_are_reached_through_the_router() -> None:
    passed = [
        word.partition("=")[2] for word in SERVICES["router"]["command"] if word.startswith("--passage=")
    ]
    ports = {
        entry.name: urlsplit(entry.url).port
        for entry in read_supergraph_file(ROOT / "schema" / "supergraph.yaml")
    }
    expected = {path: f"http://{name}:{ports[name]}" for path, name in PATHS.items()}
    assert read_passages(tuple(passed)) == expected


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


def _router_settings(**more: str) -> RouterConfig:
    router = SERVICES["router"]
    [mount] = [volume for volume in router["volumes"] if "router.yaml" in volume]
    source, target, mode = mount.split(":")
    assert mode == "ro"
    # The image's working directory is /app.
    assert f"--config={target.removeprefix('/app/')}" in router["command"]
    environment = {name: str(value) for name, value in router["environment"].items()}
    return parse_config((ROOT / source).read_text(), environment={**environment, **more})


def test_the_router_has_settings_that_hold_for_the_platform() -> None:
    config = _router_settings()
    check_supergraph(StandaloneOptions(config, str(ROOT / "schema" / "supergraph.graphql")))
    assert config.cache.enabled
    assert (config.cache.store, config.cache.redis.url) == (
        "redis",
        OWN["worker"]["environment"]["REDIS_URL"],
    )
    assert config.cache.invalidation.key is not None
    (issuer,), platform = config.authentication.issuers, KitSettings.model_construct()
    assert (issuer.issuer, issuer.audiences) == (platform.token_issuer, (platform.token_audience,))
    assert issuer.jwks_url == OWN["identity"]["environment"]["ZELLIGE_JWKS"]
    secret = config.authentication.passport.secret
    assert secret is not None
    assert secret.get_secret_value() == OWN["identity"]["environment"]["ZELLIGE_INTERNAL_SECRET"]
    assert config.authentication.passport.header == PASSPORT_HEADER
    assert config.authentication.passport.issuer == PASSPORT_ISSUER


def test_the_router_reads_events_from_the_bus_of_the_platform_whichever_it_is() -> None:
    for url in (OWN["worker"]["environment"]["EVENT_BUS_URL"], "redis://redis:6379/0", ""):
        config = _router_settings(EVENT_BUS_URL=url)
        assert config.cache.events.url == config.subscriptions.feeds.url == (url or None)
        for read in (config.cache.events, config.subscriptions.feeds):
            assert read.stream_prefix == Keys(BusSettings("").name).stream("")
            assert read.queue_prefix == Names(BusSettings("").name).log("")


def test_rules_name_events_and_types_that_exist() -> None:
    events = _router_settings().cache.events
    published = {path.stem for path in (ROOT / "schema" / "events").glob("*.json")}
    topics = {name.partition(".")[0] for name in published}
    types = load_supergraph((ROOT / "schema" / "supergraph.graphql").read_text()).types
    assert set(EventRules(events, 1).topics) <= {*topics, "cache"}
    for rule in events.rules:
        assert rule.event in published | topics
        assert rule.type in types


def test_the_image_does_not_run_as_root() -> None:
    stages = (ROOT / "Dockerfile").read_text().split("FROM ")
    assert "\nUSER zellige\n" in stages[-1]
