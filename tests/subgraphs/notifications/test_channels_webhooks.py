"""SMS and push are posted to gateways, signed, in order, and never to two that may both have accepted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from subgraphs.kit.clock import SystemClock
from subgraphs.notifications.channels.guarded_connection import AddressGuard, is_public
from subgraphs.notifications.channels.hand_over import HandedOver, LetterTakenError, hand_over
from subgraphs.notifications.channels.letter import Letter, Outcome, Provider, Verdict
from subgraphs.notifications.channels.registry import OwnProvider, Providers
from subgraphs.notifications.channels.settings import DeliverySettings
from subgraphs.notifications.channels.signatures import BadSignatureError, sign, verify
from subgraphs.notifications.channels.sms_segments import SmsSize, measure_sms
from subgraphs.notifications.states import Channel
from tests.subgraphs.notifications.gateway import KEY, SECRET, GatewayServer, running_gateway
from tests.subgraphs.notifications.letters import letter

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


def sms(**changes: Any) -> Letter:
    return letter(
        channel=Channel.SMS, address="+213550123456", subject="", text="رمز طلبك 1007", html=None, **changes
    )


@asynccontextmanager
async def gateways(
    *statuses: int, **options: Any
) -> AsyncIterator[tuple[list[GatewayServer], tuple[Provider, ...]]]:
    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(running_gateway(status=each, **options)) for each in statuses
        ]
        settings = DeliverySettings(
            sms_gateways=[server.setting(f"gateway-{index}") for index, server in enumerate(servers)],  # pyright: ignore[reportArgumentType]
            webhook_hosts_permitted=frozenset({"127.0.0.1"}),
            webhook_timeout_s=60.0,
        )
        yield servers, Providers(settings, SystemClock()).of(Channel.SMS)


async def send(letter: Letter, providers: tuple[Provider, ...], holder: str | None = None) -> HandedOver:
    async def announce(_provider: str) -> bool:
        return True

    return await hand_over(letter, providers, holder, announce)


async def test_a_letter_is_posted_signed_with_its_id_as_idempotency_key() -> None:
    sent = sms()
    async with gateways(200, body=b'{"id": "gw-7"}') as ((server,), (provider,)):
        assert await provider.send(sent) == Outcome(Verdict.ACCEPTED, provider_message_id="gw-7")
    (posted,) = server.posted
    assert posted.webhook_id == posted.headers["idempotency-key"] == str(sent.id)
    assert posted.content == {
        "id": str(sent.id),
        "channel": "SMS",
        "to": "+213550123456",
        "title": "",
        "text": "رمز طلبك 1007",
        "locale": "ar",
        "topic": "ORDERS",
        "organizationId": None,
        "encoding": "UCS-2",
        "segments": 1,
    }


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (202, Verdict.ACCEPTED),
        (302, Verdict.REFUSED),
        (401, Verdict.REFUSED),
        (422, Verdict.REFUSED),
        (429, Verdict.BUSY),
        (500, Verdict.UNCLEAR),
        (503, Verdict.UNCLEAR),
        (0, Verdict.UNCLEAR),
    ],
)
async def test_the_status_says_what_is_known(status: int, verdict: Verdict) -> None:
    async with gateways(status) as (_, (provider,)):
        assert (await provider.send(sms())).verdict is verdict


async def test_an_unknown_address_is_told_by_the_answer() -> None:
    async with gateways(422, body=b'{"error": "address_unknown"}') as (_, (provider,)):
        assert await provider.send(sms()) == Outcome(Verdict.ADDRESS_REFUSED, "ADDRESS_UNKNOWN")


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("120", 120.0, 120.0),
        ("999999999", 86_400.0, 86_400.0),
        (format(datetime.now(UTC) + timedelta(minutes=30), "%a, %d %b %Y %H:%M:%S GMT"), 600.0, 1_800.0),
    ],
    ids=["seconds", "more than a day", "a date"],
)
async def test_retry_after_is_kept_to(header: str, least: float, most: float) -> None:
    async with gateways(429, headers={"retry-after": header}) as (_, (provider,)):
        after_s = (await provider.send(sms())).retry_after_s
    assert after_s is not None
    assert least <= after_s <= most


async def test_a_definite_no_is_followed_by_the_next_gateway() -> None:
    async with gateways(401, 429, 200) as (servers, providers):
        handed = await send(sms(), providers)
    assert (handed.outcome.verdict, handed.provider, handed.holder) == (Verdict.ACCEPTED, "gateway-2", None)
    assert [len(server.posted) for server in servers] == [1, 1, 1]


@pytest.mark.parametrize("status", [500, 0])
async def test_a_gateway_that_may_have_accepted_is_not_followed_by_another(status: int) -> None:
    async with gateways(status, 200) as (servers, providers):
        handed = await send(sms(), providers)
    assert (handed.outcome.verdict, handed.holder) == (Verdict.UNCLEAR, "gateway-0")
    assert [len(server.posted) for server in servers] == [1, 0]


async def test_the_holder_alone_is_asked_again_until_it_says_no() -> None:
    async with gateways(200, 429, 200) as (servers, providers):
        busy = await send(sms(), providers, holder="gateway-1")
        servers[1].status = 400
        refused = await send(sms(), providers, holder="gateway-1")
    assert (busy.outcome.verdict, busy.holder) == (Verdict.BUSY, "gateway-1")
    assert (refused.outcome.verdict, refused.provider) == (Verdict.ACCEPTED, "gateway-2")
    assert [len(server.posted) for server in servers] == [0, 2, 1]


async def test_a_holder_that_is_no_longer_set_up_ends_the_letter() -> None:
    async with gateways(200) as ((server,), providers):
        handed = await send(sms(), providers, holder="gone")
    assert handed == HandedOver(Outcome(Verdict.REFUSED, "PROVIDER_GONE"), "gone", "gone")
    assert server.posted == []


async def test_busy_outlives_a_later_no() -> None:
    async with gateways(429, 401) as (_, providers):
        handed = await send(sms(), providers)
    assert (handed.outcome.verdict, handed.provider) == (Verdict.BUSY, "gateway-0")


async def test_nothing_is_handed_over_once_another_worker_has_the_letter() -> None:
    async def announce(_provider: str) -> bool:
        return False

    async with gateways(200) as ((server,), providers):
        with pytest.raises(LetterTakenError):
            await hand_over(sms(), providers, None, announce)
    assert server.posted == []


async def test_private_addresses_are_not_reached_unless_permitted() -> None:
    async with running_gateway() as server:
        own = OwnProvider("own", server.url.replace("http://127.0.0.1", "https://localhost"), "theirs")
        settings = DeliverySettings(webhook_secrets={"theirs": SECRET})  # pyright: ignore[reportArgumentType]
        (provider,) = Providers(settings, SystemClock()).of(Channel.SMS, [own])
        assert await provider.send(sms()) == Outcome(Verdict.BUSY, "UNREACHABLE")
        plain = OwnProvider("own", server.url, "theirs")
        (provider,) = Providers(settings, SystemClock()).of(Channel.SMS, [plain])
        assert await provider.send(sms()) == Outcome(Verdict.REFUSED, "URL_FORBIDDEN")
    assert server.posted == []


def test_an_organizations_provider_without_a_secret_sends_nothing_unsigned() -> None:
    own = OwnProvider("own", "https://gateway.example/", "unknown")
    assert Providers(DeliverySettings(), SystemClock()).of(Channel.SMS, [own]) == ()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"],
)
def test_addresses_of_one_s_own_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "https://me:pw@example.com/", "https://", "ftp://example.com/", "https://h/#x"],
)
def test_urls_that_may_not_be_posted_to_are_refused(url: str) -> None:
    assert AddressGuard().problem_of(url) is not None


def test_a_signature_is_the_one_of_the_standard_and_does_not_last() -> None:
    # The example of the Standard Webhooks libraries.
    key = bytes.fromhex("31f28b0b8c3ac1b8c3a9f2e14fdb2a1c9dd1d1f6f2b0e7a4")
    headers = sign(key, "msg_1", NOW, b'{"test": 1}')
    assert verify([KEY, key], headers, NOW + timedelta(minutes=4), b'{"test": 1}') == "msg_1"
    for changed, now, body in (
        (headers, NOW + timedelta(minutes=6), b'{"test": 1}'),
        (headers, NOW - timedelta(minutes=6), b'{"test": 1}'),
        (headers, NOW, b'{"test": 2}'),
        ({**headers, "webhook-id": "msg_2"}, NOW, b'{"test": 1}'),
        ({**headers, "webhook-signature": "v1a," + headers["webhook-signature"][3:]}, NOW, b'{"test": 1}'),
        ({**headers, "webhook-timestamp": "soon"}, NOW, b'{"test": 1}'),
        ({}, NOW, b'{"test": 1}'),
    ):
        with pytest.raises(BadSignatureError):
            verify([key], changed, now, body)


def test_wrong_settings_are_refused_without_showing_secrets() -> None:
    bad = {"name": "one", "url": "https://gateway.example/", "secret": "whsec_c2hvcnQ="}
    with pytest.raises(ValidationError) as refusal:
        DeliverySettings(sms_gateways=[bad])  # pyright: ignore[reportArgumentType]
    assert "at least 24 bytes" in str(refusal.value)
    assert "c2hvcnQ" not in str(refusal.value)
    with pytest.raises(ValidationError, match="must begin with https://"):
        DeliverySettings(sms_gateways=[{**bad, "secret": SECRET, "url": "http://gateway.example/"}])  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 160, SmsSize("GSM-7", 160, 1)),
        ("x" * 161, SmsSize("GSM-7", 161, 2)),
        ("x" * 306, SmsSize("GSM-7", 306, 2)),
        ("€" * 80, SmsSize("GSM-7", 160, 1)),
        ("x" * 152 + "€" * 5, SmsSize("GSM-7", 162, 2)),
        ("ا" * 70, SmsSize("UCS-2", 70, 1)),
        ("ا" * 71, SmsSize("UCS-2", 71, 2)),
        ("ا" * 135, SmsSize("UCS-2", 135, 3)),
        ("ê", SmsSize("UCS-2", 1, 1)),
        ("ا" * 66 + "😀" * 3, SmsSize("UCS-2", 72, 2)),
        ("", SmsSize("GSM-7", 0, 1)),
    ],
)
def test_an_sms_is_counted_as_networks_count_it(text: str, expected: SmsSize) -> None:
    assert measure_sms(text) == expected
