"""`router.yaml`: defaults, environment, and the line of every mistake."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from router.config import ConfigError, RouterConfig, SubgraphConfig, load_config, parse_config


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "router.yaml"
    path.write_text("# nothing yet\n")
    assert load_config(path) == RouterConfig()


def test_values_are_read_into_their_sections() -> None:
    config = parse_config(
        """
        server: {port: 4100, status_policy: draft, cors: {allow_origins: [https://shop.example]}}
        limits: {max_depth: 12}
        transport:
          propagate_headers: [authorization]
          subgraphs:
            products: {url: "unix:///run/products.sock", headers: {x-internal: "yes"}}
        """
    )
    assert (config.server.port, config.server.status_policy) == (4100, "draft")
    assert config.server.cors.allow_origins == ("https://shop.example",)
    assert config.limits.max_depth == 12
    assert config.transport.propagate_headers == ("authorization",)
    assert config.transport.subgraphs == {
        "products": SubgraphConfig(url="unix:///run/products.sock", headers={"x-internal": "yes"})
    }


def test_variables_are_expanded_with_their_types_and_defaults() -> None:
    text = """
    server:
      port: ${PORT:-4100}
      host: ${HOST}
    limits:
      max_depth: ${EMPTY:-7}
    transport:
      subgraphs:
        a: {headers: {x-a: "v-${NUMBER}-${NONE:-}", x-b: "${NUMBER}"}}
    """
    environment = {"HOST": "0.0.0.0", "EMPTY": "", "NUMBER": "12"}
    config = parse_config(text, environment=environment)
    assert (config.server.port, config.server.host, config.limits.max_depth) == (4100, "0.0.0.0", 7)
    assert config.transport.subgraphs["a"].headers == {"x-a": "v-12-", "x-b": "12"}
    assert parse_config(text, environment={**environment, "PORT": "5"}).server.port == 5


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("server:\n  prot: 1\n", "router.yaml:2: server.prot: unknown key"),
        ("sever: {}\n", "router.yaml:1: sever: unknown key"),
        (
            "\nlimits:\n  max_depth: deep\n",
            "router.yaml:3: limits.max_depth: Input should be a valid integer",
        ),
        (
            "server:\n  port: 70000\n",
            "router.yaml:2: server.port: Input should be less than or equal to 65535",
        ),
        ("a: [", "router.yaml:1: expected the node content"),
        ("- 1\n", "router.yaml:1: the file: Input should be a valid dictionary"),
        ("limits: {}\nlimits: {}\n", 'router.yaml:2: "limits" is written twice'),
        ("server:\n  host: ${NOPE}\n", "router.yaml:2: the environment has no NOPE"),
        ("a: &a\n  b: *a\n", "nested too deeply"),
        (
            'transport:\n  subgraphs:\n    a:\n      headers: {x-a: "1\\r\\nx-b: 2"}\n',
            "router.yaml:4: transport.subgraphs.a.headers: Value error, the header 'x-a' cannot be sent",
        ),
        (
            'transport:\n  subgraphs:\n    a:\n      headers: {"x a": "1"}\n',
            "router.yaml:4: transport.subgraphs.a.headers: Value error, the header 'x a' cannot be sent",
        ),
        (
            "server:\n  cors:\n    allow_origins: ['*']\n    allow_credentials: true\n",
            "router.yaml:2: server.cors: Value error, allow_credentials",
        ),
    ],
)
def test_every_mistake_is_told_with_its_line(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text)
    assert problem in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config("server:\n  prot: 1\nlimits:\n  max_depth: 0\n")
    assert len(caught.value.problems) == 2


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        RouterConfig().limits.max_depth = 1  # type: ignore[misc] - the point of the test


def test_the_json_schema_knows_every_section_and_refuses_other_keys() -> None:
    schema = RouterConfig.json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == set(RouterConfig.model_fields)
    assert schema["additionalProperties"] is False
    assert (
        "before anything is parsed"
        in schema["$defs"]["LimitsConfig"]["properties"]["max_body_bytes"]["description"]
    )
