"""Headers as rules change them, on their way in and out."""

from __future__ import annotations

from typing import Any

import pytest

from router.config import ConfigError, RouterConfig, parse_config
from router.server.header_rules import HeaderRules
from tests.telemetry.serving import serve_router

QUERY = {"query": "{ me { name } products { stock } }"}


async def test_headers_are_removed_renamed_and_inserted_on_their_way_in() -> None:
    rules = {
        "remove": ["x-internal-*", "x-debug"],
        "rename": {"x-shop": "x-tenant"},
        "insert": {"x-edge": "algiers-1"},
    }
    sent_on = ["x-internal-user", "x-debug", "x-tenant", "x-shop", "x-edge"]
    config = {"server": {"request_headers": rules}, "transport": {"propagate_headers": sent_on}}
    async with serve_router(RouterConfig.model_validate(config)) as shop:
        forged = {"x_tenant": "forged", "x_edge": "forged", "x_internal_user": "admin", "x_debug": "1"}
        await shop.post(QUERY, x_shop="42", **forged)
        assert {name: value for name, value in shop.seen[-1].items() if name in sent_on} == {
            "x-tenant": "42",
            "x-edge": "algiers-1",
        }
        await shop.post(QUERY, **forged)
        assert "x-tenant" not in shop.seen[-1]


async def test_a_subgraph_may_be_sent_other_headers_than_the_rest() -> None:
    subgraphs = {"accounts": {"propagate_headers": ["x-only"], "headers": {"x-own": "accounts"}}}
    transport = {"propagate_headers": ["x-all"], "subgraphs": subgraphs}
    async with serve_router(RouterConfig.model_validate({"transport": transport})) as shop:
        await shop.post(QUERY, x_all="a", x_only="o")
        found = {(one.get("x-own"), one.get("x-all"), one.get("x-only")) for one in shop.seen}
        assert found == {("accounts", None, "o"), (None, "a", None)}


async def test_responses_carry_what_the_settings_say() -> None:
    headers = {
        "permissions-policy": "interest-cohort=()",
        "referrer-policy": None,
        "x-frame-options": "SAMEORIGIN",
    }
    async with serve_router(RouterConfig.model_validate({"server": {"response_headers": headers}})) as shop:
        answer = await shop.post(QUERY)
        assert answer.headers["permissions-policy"] == "interest-cohort=()"
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "referrer-policy" not in answer.headers


def test_a_pattern_takes_no_time_whatever_a_client_sends() -> None:
    rules = HeaderRules(
        RouterConfig.model_validate(
            {"server": {"request_headers": {"remove": ["x-*a*a*b"]}}}
        ).server.request_headers
    )
    headers = {"x-" + "a" * 60_000: "1", "x-aab": "1", "x-keep": "1"}
    rules.apply(headers)
    assert sorted(headers, key=len)[0] == "x-keep" and len(headers) == 2


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("request_headers: {insert: {host: x}}", "'host' belongs to the connection or to the edge"),
        ("request_headers: {rename: {origin: x-o}}", "'origin' belongs to the connection or to the edge"),
        ("request_headers: {rename: {x-a: Transfer-Encoding}}", "is no header's name in lower case"),
        ('request_headers: {insert: {x-a: "a\\r\\nb"}}', "the value of 'x-a' is not one line of Latin-1"),
        ("request_headers: {remove: ['(a+)+']}", "'(a+)+' is no lower-case name with at most three *"),
        ("response_headers: {set-cookie: a}", "'set-cookie' is written by the router itself"),
        ("response_headers: {access-control-allow-origin: '*'}", "is written by the router itself"),
    ],
)
def test_a_rule_that_would_open_something_is_refused(settings: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=r"router\.yaml:2: server\.re") as found:
        parse_config(f"server:\n  {settings}\n")
    assert problem in str(found.value)


@pytest.mark.parametrize("name", ["te", "proxy-authorization", "Keep-Alive", "trailer"])
def test_headers_of_a_connection_are_never_sent_on(name: str) -> None:
    for place in (f"propagate_headers: [{name}]", f"subgraphs: {{a: {{propagate_headers: [{name}]}}}}"):
        with pytest.raises(ConfigError, match="belongs to the connection"):
            parse_config(f"transport:\n  {place}\n")


def rules_of(**settings: Any) -> HeaderRules:
    config = RouterConfig.model_validate({"server": {"request_headers": settings}})
    return HeaderRules(config.server.request_headers)


def test_two_headers_can_change_places() -> None:
    headers = {"a": "1", "b": "2"}
    rules_of(rename={"a": "b", "b": "a"}).apply(headers)
    assert headers == {"a": "2", "b": "1"}
