"""Settings that cannot work are refused where they stand."""

from __future__ import annotations

from typing import Any

import pytest

from router.config import ConfigError, parse_config


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("deadline_header: Content-Length", "transport.deadline_header: Value error, 'Content-Length'"),
        ("deadline_header: 'x y'", "transport.deadline_header: Value error, 'x y'"),
        ("propagate_headers: [Transfer-Encoding]", "'Transfer-Encoding' cannot be passed on"),
        ("propagate_headers: [host]", "'host' cannot be passed on"),
        ("subgraphs: {shop: {headers: {content-length: '3'}}}", "'content-length' cannot be set"),
        ("subgraphs: {shop: {url: []}}", "transport.subgraphs.shop.url"),
        ("subgraphs: {shop: {read_timeout_ms: 0}}", "transport.subgraphs.shop.read_timeout_ms"),
        ("subgraphs: {shop: {compression: {coding: br}}}", "transport.subgraphs.shop.compression.coding"),
        ("retry: {attempts_max: 0}", "transport.retry.attempts_max"),
        ("retry: {statuses: [200]}", "transport.retry.statuses"),
        ("breaker: {failures_percent: 0}", "transport.breaker.failures_percent"),
        ("breaker: {failure_percent: 10}", "transport.breaker.failure_percent: unknown key"),
        ("ejection: {percent_max: 101}", "transport.ejection.percent_max"),
        ("accept_codings: [br]", "transport.accept_codings"),
    ],
)
def test_it_is_refused_by_name(text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(f"transport:\n  {text}\n")
    assert problem in str(caught.value)
    assert str(caught.value).startswith("router.yaml:2: ")


@pytest.mark.parametrize(
    ("url", "urls"),
    [
        ("http://a.test/", ("http://a.test/",)),
        (["http://a.test/", "http://b.test/"], ("http://a.test/", "http://b.test/")),
        ("", ()),
        (None, ()),
    ],
)
def test_one_url_or_several(url: Any, urls: tuple[str, ...]) -> None:
    written = "null" if url is None else url if isinstance(url, list) else f'"{url}"'
    config = parse_config(f"transport: {{subgraphs: {{shop: {{url: {written}}}}}}}")
    assert config.transport.subgraphs["shop"].urls == urls
