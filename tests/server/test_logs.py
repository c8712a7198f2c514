"""What is logged of a request, and what never is."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
import structlog

from router.config import LoggingConfig
from router.telemetry.logs import configure_logging
from router.telemetry.redaction import REDACTED, redact_secrets
from tests.server.serving import serve

TOKEN = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


def read(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_each_request_is_one_line_without_its_content(log_lines: io.StringIO) -> None:
    async with serve() as served:
        payload = {
            "query": "query Named($x: ID!) { tile(id: $x) { id } }",
            "operationName": "Named",
            "variables": {"x": "private"},
        }
        await served.post(payload, x_request_id="id-1", authorization=f"Bearer {TOKEN}")
        await served.send("GET", "/graphql?query=%7Bprivate%7D")
    first, second = read(log_lines)
    assert first.pop("duration_ms") > 0
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "request",
        "level": "info",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "operation_name": "Named",
        "operation_hash": None,
        "operation_kind": None,
        "error_codes": [],
        "fetches": 0,
        "client": "127.0.0.1",
        "request_id": "id-1",
        "trace_id": None,
    }
    assert (second["status"], second["error_codes"]) == (200, ["GRAPHQL_VALIDATION_FAILED"])
    assert "private" not in log_lines.getvalue()
    assert TOKEN not in log_lines.getvalue()


async def test_a_masked_fault_is_logged_in_full_with_the_request_id(log_lines: io.StringIO) -> None:
    async with serve() as served:
        await served.post({"query": "{ crash }"}, x_request_id="id-2")
    fault, access = read(log_lines)
    assert (fault["event"], fault["request_id"]) == ("request failed", "id-2")
    assert "CrashError" in fault["exception"]
    assert (access["status"], access["request_id"]) == (500, "id-2")


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"authorization": "x"}, {"authorization": REDACTED}),
        ({"headers": {"Cookie": "a=b", "accept": "c"}}, {"headers": {"Cookie": REDACTED, "accept": "c"}}),
        ({"list": [{"apiKey": "k"}, 1]}, {"list": [{"apiKey": REDACTED}, 1]}),
        ({"event": f"got Bearer {TOKEN}"}, {"event": f"got Bearer {REDACTED}"}),
        ({"event": f"token is {TOKEN}."}, {"event": f"token is {REDACTED}."}),
        ({"url": "redis://user:hunter2@cache:6379/0"}, {"url": f"redis://user:{REDACTED}@cache:6379/0"}),
        ({"max_tokens": 15}, {"max_tokens": 15}),
        ({"event": "bearer of bad news"}, {"event": "bearer of bad news"}),
    ],
)
def test_secrets_are_redacted_and_the_rest_is_kept(event: dict[str, Any], expected: dict[str, Any]) -> None:
    assert redact_secrets(None, "info", event) == expected


def test_levels_below_the_configured_one_are_dropped(log_lines: io.StringIO) -> None:
    log = structlog.stdlib.get_logger()
    log.debug("quiet")
    log.warning("loud")
    assert [entry["event"] for entry in read(log_lines)] == ["loud"]


def test_the_console_format_is_for_people() -> None:
    stream = io.StringIO()
    configure_logging(LoggingConfig(format="console"), stream=stream)
    structlog.stdlib.get_logger().info("ready", port=4000, password="x")
    assert "ready" in stream.getvalue()
    assert "port=4000" in stream.getvalue()
    assert f"password={REDACTED}" in stream.getvalue()
