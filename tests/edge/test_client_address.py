"""Which address a request is counted for, when anybody can write any header."""

from __future__ import annotations

import pytest

from router.config import ConfigError, ServerConfig, parse_config
from router.server.client_address import ClientAddresses


def address(headers: dict[str, str], peer: str = "10.0.0.9", **settings: object) -> str:
    config = ServerConfig.model_validate({"trusted_proxies": ("10.0.0.0/8", "2001:db8::/48"), **settings})
    return ClientAddresses(config).of({"client": (peer, 1)}, headers)


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.1.1.1", "203.0.113.7"),
        ("1.1.1.1, 203.0.113.7, 10.1.1.1", "203.0.113.7"),  # what stands further left is a stranger's word
        ("10.9.9.9, 10.1.1.1", "10.9.9.9"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db9::1]:443", "2001:db9::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "10.0.0.9"),
        ("203.0.113.7, _hidden", "10.0.0.9"),
        ("", "10.0.0.9"),
        (", ".join(["10.1.1.1"] * 5_000), "10.1.1.1"),
    ],
)
def test_the_list_is_read_from_the_right_over_trusted_hops(listed: str, found: str) -> None:
    assert address({"x-forwarded-for": listed}) == found


def test_a_stranger_is_not_believed() -> None:
    assert address({"x-forwarded-for": "203.0.113.7"}, peer="198.51.100.1") == "198.51.100.1"
    assert address({"x-forwarded-for": "203.0.113.7"}, trusted_proxies=()) == "10.0.0.9"


def test_only_the_header_the_proxies_write_is_read() -> None:
    headers = {
        "x-forwarded-for": "203.0.113.7",
        "forwarded": 'for="[2001:db9::5]:80";proto=https, for=10.1.1.1',
    }
    assert address(headers) == "203.0.113.7"
    assert address(headers, forwarded_header="forwarded") == "2001:db9::5"
    assert address({"forwarded": "proto=https"}, forwarded_header="forwarded") == "10.0.0.9"


def test_a_connection_without_address_has_none() -> None:
    assert ClientAddresses(ServerConfig()).of({"client": None}, {}) == ""


def test_a_network_that_is_none_is_refused_with_its_line() -> None:
    with pytest.raises(ConfigError, match=r"router.yaml:2: .*'10.0.0.0/99' is no address and no network"):
        parse_config("server:\n  trusted_proxies: [10.0.0.0/99]\n")


def test_the_address_is_told_on_and_never_as_the_client_says() -> None:
    headers = {"x-client-address": "1.1.1.1"}
    assert ClientAddresses(ServerConfig()).mark({"client": ("192.0.2.7", 1)}, headers) == "192.0.2.7"
    assert headers == {"x-client-address": "192.0.2.7"}
    assert ClientAddresses(ServerConfig()).mark({"client": None}, headers) == ""
    assert headers == {}
