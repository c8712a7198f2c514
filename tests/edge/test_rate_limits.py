"""Rate limits as clients meet them: through the whole router, over real sockets."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from router.config import ConfigError, RouterConfig, parse_config
from tests.server.serving import HttpAnswer
from tests.support.engines import redis_url
from tests.telemetry.serving import ServedShop, serve_router

QUERY = {"query": "{ me { id } }"}
RENAME = 'mutation { rename(id: 1, name: "x") { id } }'


def config(*rules: dict[str, Any], **sections: Any) -> RouterConfig:
    server = {"trusted_proxies": ["127.0.0.1"], "batching": {"enabled": True}}
    return RouterConfig.model_validate({"rate_limits": {"rules": rules}, "server": server, **sections})


async def from_address(shop: ServedShop, address: str, payload: Any = QUERY, **headers: str) -> HttpAnswer:
    return await shop.post(payload, x_forwarded_for=address, **headers)


async def test_a_client_over_its_limit_is_told_when_to_come_back() -> None:
    rule = {"name": "per-ip", "by": ["ip"], "limit": 3, "window_s": 3_600}
    async with serve_router(config(rule)) as shop:
        answers = [await from_address(shop, "203.0.113.1") for _ in range(4)]
        assert [one.status for one in answers] == [200, 200, 200, 429]
        assert [one.headers["ratelimit"].partition(";t=")[0] for one in answers] == [
            '"per-ip";r=2',
            '"per-ip";r=1',
            '"per-ip";r=0',
            '"per-ip";r=0',
        ]
        assert answers[0].headers["ratelimit-policy"] == '"per-ip";q=3;w=3600'
        last = answers[3]
        wait_s = int(last.headers["retry-after"])
        assert 1 <= wait_s <= 7_200
        assert last.codes == ["RATE_LIMITED"]
        assert last.json["errors"][0]["extensions"]["retryAfterSeconds"] == wait_s
        assert "data" not in last.json
        assert (await from_address(shop, "203.0.113.2")).status == 200


async def test_addresses_of_one_ipv6_network_are_one_client() -> None:
    rule = {"name": "per-ip", "by": ["ip"], "limit": 2}
    async with serve_router(config(rule)) as shop:
        statuses = [(await from_address(shop, f"2001:db8:1:2::{n}")).status for n in range(1, 5)]
        assert statuses == [200, 200, 429, 429]
        assert (await from_address(shop, "2001:db8:1:3::1")).status == 200


async def test_a_forged_header_changes_nothing_where_no_proxy_is_trusted() -> None:
    rule = {"name": "per-ip", "by": ["ip"], "limit": 2}
    async with serve_router(config(rule, server={})) as shop:
        statuses = [(await from_address(shop, f"203.0.113.{n}")).status for n in range(4)]
        assert statuses == [200, 200, 429, 429]


async def test_rules_hold_for_what_they_name() -> None:
    rules = (
        {"name": "viewers", "by": ["viewer"], "limit": 1},
        {"name": "old-app", "by": ["client", "ip"], "limit": 1, "clients": ["old"]},
        {"name": "report", "by": ["operation"], "limit": 1, "operations": ["Report"]},
    )
    async with serve_router(config(*rules)) as shop:
        report = {"query": "query Report { me { id } }", "operationName": "Report"}
        assert [(await shop.post(QUERY)).status for _ in range(3)] == [200, 200, 200]
        assert [(await shop.post(QUERY, authorization="Bearer a")).status for _ in range(2)] == [200, 429]
        assert (await shop.post(QUERY, authorization="Bearer b")).status == 200
        named = {"apollographql_client_name": "old"}
        assert [(await shop.post(QUERY, **named)).status for _ in range(2)] == [200, 429]
        assert [(await shop.post(report)).status for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    "payload",
    [
        {
            "query": "mutation { "
            + " ".join(f'a{n}: rename(id: 1, name: "x") {{ id }}' for n in range(4))
            + " }"
        },
        [{"query": RENAME}] * 4,
    ],
    ids=["aliases", "a batch"],
)
async def test_many_guesses_in_one_request_are_many(payload: Any) -> None:
    rule = {"name": "guesses", "by": ["ip"], "limit": 3, "fields": ["rename"]}
    async with serve_router(config(rule)) as shop:
        answer = await shop.post(payload)
        results = answer.json if isinstance(answer.json, list) else [answer.json]
        refused = [one for one in results if "data" not in one]
        assert len(refused) == 1
        assert refused[0]["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert (await shop.post({"query": "{ me { id name } }"})).status == 200


async def test_several_rules_are_counted_together_in_redis() -> None:
    prefix = f"zellige:test:{uuid4()}:"
    counters = {"store": "redis", "redis_url": redis_url(), "key_prefix": prefix, "timeout_ms": 10_000}
    names = ("one", "two", "three", "four")
    rules = [{"name": name, "by": ["ip"], "limit": 100, "window_s": 3_600} for name in names]
    async with serve_router(config(*rules, counters=counters)) as shop, Redis.from_url(redis_url()) as redis:
        assert (await shop.post(QUERY)).status == 200  # the script is known now
        before = await counters_under(redis, prefix)
        answer = await shop.post(QUERY)
        assert answer.headers["ratelimit"].count(";r=98;") == 4
        assert before == 4
        assert await counters_under(redis, prefix) == 4  # the same four counters


async def counters_under(redis: Redis, prefix: str) -> int:
    return len([key async for key in redis.scan_iter(f"{prefix}*")])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules: [{name: a, by: [], limit: 1}]", "by: Tuple should have at least 1 item"),
        ("rules: [{name: a, by: [ip], limit: 0}]", "limit: Input should be greater than or equal to 1"),
        ("rules: [{name: A b, by: [ip], limit: 1}]", "name: String should match pattern"),
        ("rules: [{name: a, by: [ip], limit: 1, fields: ['.*']}]", "'.*' is no field's name"),
        ("rules: [{name: a, by: [ip], limit: 1}, {name: a, by: [ip], limit: 2}]", "the same name"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=r"router\.yaml:2: rate_limits\.rules") as found:
        parse_config(f"rate_limits:\n  {text}\n")
    assert problem in str(found.value)
