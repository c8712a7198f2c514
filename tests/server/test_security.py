"""CSRF, CORS, request ids, common headers and masked faults."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping

import pytest

from router.config import CorsConfig, CsrfConfig, ServerConfig
from tests.server.serving import Served, serve

pytestmark = pytest.mark.asyncio(loop_scope="module")

GET = "/graphql?query=%7B__typename%7D"
SHOP = "https://shop.example"
EVIL = "https://evil.example"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"accept": "*/*"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://router.test"},
        {"sec-fetch-site": "cross-site", "x-zellige-csrf": "1"},
        {"sec-fetch-site": "cross-site", "apollo-require-preflight": "true"},
        {"sec-fetch-site": "cross-site", "graphql-preflight": "1"},
        {"sec-fetch-site": "cross-site", "content-type": "application/json"},
    ],
)
async def test_a_get_of_ones_own_or_after_a_preflight_is_answered(
    served: Served, headers: Mapping[str, str]
) -> None:
    assert (await served.send("GET", GET, headers=headers)).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": EVIL},
        {"origin": "null"},
        {"origin": EVIL, "content-type": "text/plain"},
    ],
)
async def test_a_get_of_a_foreign_page_is_refused(served: Served, headers: Mapping[str, str]) -> None:
    before = len(served.router.contexts)
    answer = await served.send("GET", GET, headers=headers)
    assert (answer.status, answer.codes) == (403, ["CSRF_PREVENTED"])
    assert len(served.router.contexts) == before


async def test_a_form_post_of_a_foreign_page_is_refused(served: Served) -> None:
    headers = {"origin": EVIL, "content-type": "application/x-www-form-urlencoded"}
    answer = await served.send(headers=headers, body=b"query=mutation%7B__typename%7D")
    assert (answer.status, answer.codes) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


async def test_csrf_settings_are_obeyed() -> None:
    async with serve(ServerConfig(csrf=CsrfConfig(get_requires_header=True))) as served:
        assert (await served.send("GET", GET)).codes == ["CSRF_PREVENTED"]
        assert (await served.send("GET", GET, headers={"x-zellige-csrf": "1"})).status == 200
    async with serve(ServerConfig(csrf=CsrfConfig(enabled=False))) as served:
        assert (await served.send("GET", GET, headers={"origin": EVIL})).status == 200


async def test_no_origin_is_allowed_unless_named(served: Served) -> None:
    preflight = {"origin": SHOP, "access-control-request-method": "POST"}
    answer = await served.send("OPTIONS", headers=preflight)
    assert (answer.status, answer.codes) == (403, ["FORBIDDEN"])
    answer = await served.post({"query": "{ __typename }"}, origin=SHOP)
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_a_named_origin_is_answered_and_others_are_not() -> None:
    async with serve(ServerConfig(cors=CorsConfig(allow_origins=(SHOP,), allow_credentials=True))) as served:
        preflight = {"origin": SHOP, "access-control-request-method": "POST"}
        answer = await served.send("OPTIONS", headers=preflight)
        assert answer.status == 204
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert answer.headers["access-control-allow-credentials"] == "true"
        assert answer.headers["access-control-allow-methods"] == "GET, POST, PUT, DELETE, OPTIONS"
        assert "content-type" in answer.headers["access-control-allow-headers"].split(", ")
        assert answer.headers["access-control-max-age"] == "600"
        answer = await served.post({"query": "{ __typename }"}, origin=SHOP)
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert answer.headers["vary"] == "Accept, Origin, Accept-Encoding"
        answer = await served.send("GET", GET, headers={"origin": SHOP, "sec-fetch-site": "cross-site"})
        assert answer.status == 200
        answer = await served.send("OPTIONS", headers={**preflight, "origin": EVIL})
        assert answer.status == 403


async def test_options_without_an_origin_names_the_methods(served: Served) -> None:
    answer = await served.send("OPTIONS")
    assert (answer.status, answer.headers["allow"]) == (204, "GET, POST, OPTIONS")


async def test_a_sane_request_id_is_kept_and_put_into_errors(served: Served) -> None:
    answer = await served.post({"query": "{"}, x_request_id="order-7:a.b")
    assert answer.headers["x-request-id"] == "order-7:a.b"
    assert answer.json["errors"][0]["extensions"]["requestId"] == "order-7:a.b"
    assert served.router.contexts[-1].request_id == "order-7:a.b"


@pytest.mark.parametrize("offered", ["", "two words", "x" * 129, 'a"b', "<script>"])
async def test_any_other_request_id_is_replaced(served: Served, offered: str) -> None:
    answer = await served.post({"query": "{ __typename }"}, x_request_id=offered)
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


@pytest.mark.parametrize("target", ["/graphql", "/health", "/", "/nothing"])
async def test_every_response_carries_the_security_headers(served: Served, target: str) -> None:
    answer = await served.send("GET", target)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
    assert "strict-transport-security" not in answer.headers


async def test_hsts_is_sent_when_configured() -> None:
    async with serve(ServerConfig(hsts_max_age_s=60)) as served:
        answer = await served.send("GET", "/health")
        assert answer.headers["strict-transport-security"] == "max-age=60; includeSubDomains"


async def test_graphql_answers_are_never_stored_by_caches(served: Served) -> None:
    answer = await served.send("GET", GET)
    assert answer.headers["cache-control"] == "no-store"


async def test_a_fault_is_masked_and_the_process_lives_on(served: Served, log_lines: io.StringIO) -> None:
    answer = await served.post({"query": "{ crash }"}, x_request_id="id-1")
    assert answer.status == 500
    assert answer.json == {
        "errors": [
            {
                "message": "Internal server error",
                "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "id-1"},
            }
        ]
    }
    assert "CrashError" in log_lines.getvalue()
    assert (await served.post({"query": "{ __typename }"})).status == 200


async def test_context_carries_lower_case_headers_and_what_may_run(served: Served) -> None:
    await served.post({"query": "{ __typename }"}, Authorization="Bearer x")
    assert served.router.contexts[-1].headers["authorization"] == "Bearer x"
    assert served.router.contexts[-1].allow_mutations is True
    await served.send("GET", GET)
    assert served.router.contexts[-1].allow_mutations is False
