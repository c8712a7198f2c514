"""The link in a mail and the receipts of providers, over HTTP as browsers and providers use them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi import FastAPI

from router.config import ServerConfig
from subgraphs.kit.http_client import HttpAnswer, call_http
from subgraphs.kit.ids import new_id
from subgraphs.notifications.channels.signatures import sign
from tests.subgraphs.notifications.gateway import KEY, SECRET, running_gateway
from tests.subgraphs.notifications.post_office import PostOffice, running_post_office
from zellige.assembly.passages import Passage, add_passages

LOOPBACK = "127.0.0.1"


class Door:
    """The subgraph as it is reached, through a passage of the router, and those who knock."""

    def __init__(self, post: PostOffice, url: str) -> None:
        self.post = post
        self.url = url

    async def follow(self, method: str, link: str, **headers: str) -> HttpAnswer:
        """Opens a link of a mail, here instead of at its public address."""
        parts = urlsplit(link)
        url = f"{self.url}{parts.path}?{parts.query}"
        return await call_http(method, url, timeout_s=30, headers=headers, body=b"")

    async def receipt(self, provider: str, content: dict[str, Any], **changes: Any) -> int:
        """Posts a receipt, signed well unless changed, and returns the status."""
        body = json.dumps(content).encode()
        headers = sign(
            changes.get("key", KEY), changes.get("id", str(new_id())), self.post.people.now(), body
        )
        url = f"{self.url}/notifications/receipts/{provider}"
        answer = await call_http(
            "POST", url, timeout_s=30, headers={**headers, "content-type": "application/json"}, body=body
        )
        return answer.status


@asynccontextmanager
async def opened(post: PostOffice) -> AsyncIterator[Door]:
    pages = FastAPI()
    add_passages(pages, [Passage("/notifications", post.app.asgi)], ServerConfig())
    server = uvicorn.Server(uvicorn.Config(pages, LOOPBACK, 0, log_level="error", ws="none"))
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(30):
        while not server.started:  # noqa: ASYNC110 - uvicorn has a flag and no event
            await asyncio.sleep(0.01)
    try:
        yield Door(post, f"http://{LOOPBACK}:{server.servers[0].sockets[0].getsockname()[1]}")
    finally:
        server.should_exit = True
        await running


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with running_post_office(mail_receipt_secret=SECRET) as post, opened(post) as running:
        yield running


async def link_in_mail(post: PostOffice) -> str:
    await post.people.registered("Bilal")
    await post.deliver()
    return post.mail.received[0]["List-Unsubscribe"].strip("<>")


async def sent_mail(post: PostOffice) -> str:
    await link_in_mail(post)
    ((message_id,),) = await post.people.rows("SELECT id FROM messages WHERE channel = 'EMAIL'")
    return str(message_id)


PREFERENCES = "SELECT channel, topic, is_enabled FROM preferences"


async def test_opening_the_link_asks_and_changes_nothing(door: Door) -> None:
    link = await link_in_mail(door.post)
    for language, direction, words in (
        ("ar-DZ,ar;q=0.9", "rtl", "هل تريد إيقاف رسائل البريد الإلكتروني حول «الحساب»؟"),
        ("fr", "ltr", "Voulez-vous ne plus recevoir d&#39;e-mails au sujet de « Compte » ?"),
        ("de,en;q=0.5", "ltr", "Do you want to stop receiving e-mails about “Account”?"),
    ):
        answer = await door.follow("GET", link, **{"accept-language": language})
        page = answer.body.decode()
        assert answer.status == 200
        assert f'dir="{direction}"' in page
        assert words in page
        assert '<form method="post">' in page
        assert "bilal" not in page.lower()
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert await door.post.people.rows(PREFERENCES) == []


async def test_one_click_unsubscribes_from_that_kind_alone_and_may_be_repeated(door: Door) -> None:
    link = await link_in_mail(door.post)
    for _ in range(2):
        answer = await door.follow("POST", link, **{"accept-language": "en"})
        assert answer.status == 200
        assert "You will receive no more e-mails about “Account”" in answer.body.decode()
    assert await door.post.people.rows(PREFERENCES) == [("EMAIL", "ACCOUNT", False)]


async def test_a_link_that_was_changed_or_is_too_old_does_nothing(door: Door) -> None:
    link = await link_in_mail(door.post)
    for bad in (link[:-4] + "AAAA", link.partition("?")[0] + "?token=", link.partition("?")[0] + "?x=1"):
        assert (await door.follow("POST", bad)).status == 400
    door.post.people.clock.advance(days=366)
    assert (await door.follow("POST", link)).status == 400
    assert (await door.follow("GET", link)).status == 400
    assert await door.post.people.rows(PREFERENCES) == []


async def test_a_receipt_takes_its_message_on_once(door: Door) -> None:
    message_id = await sent_mail(door.post)
    content = {"type": "delivered", "messageId": message_id}
    assert [await door.receipt("smtp", content, id="r1") for _ in range(3)] == [204, 204, 204]
    assert await door.receipt("smtp", {**content, "type": "opened"}, id="r2") == 204
    assert await door.post.states() == [("EMAIL", "DELIVERED", None)]
    steps = await door.post.people.rows(
        "SELECT state_after, code FROM message_transitions WHERE message_id = :id ORDER BY sequence",
        id=message_id,
    )
    assert steps[3:] == [("DELIVERED", None), ("DELIVERED", "OPENED")]


async def test_equal_receipts_at_once_have_one_effect(door: Door) -> None:
    message_id = await sent_mail(door.post)
    content = {"type": "bounced", "messageId": message_id}
    statuses = await asyncio.gather(*(door.receipt("smtp", content, id="same") for _ in range(8)))
    assert statuses == [204] * 8
    assert await door.post.states() == [("EMAIL", "BOUNCED", "BOUNCED")]
    assert await door.post.people.rows(
        "SELECT count(*) FROM message_transitions WHERE state_after = 'BOUNCED'"
    ) == [(1,)]


async def test_a_bounce_and_a_complaint_suppress_the_address_it_went_to(door: Door) -> None:
    message_id = await sent_mail(door.post)
    soft = {"type": "bounced", "messageId": message_id, "permanent": False}
    assert await door.receipt("smtp", soft) == 204
    assert await door.post.people.rows("SELECT address FROM suppressions") == []
    assert await door.receipt("smtp", {"type": "complained", "messageId": message_id}) == 204
    assert await door.post.people.rows("SELECT address, reason, organization_id FROM suppressions") == [
        ("bilal@example.dz", "COMPLAINED", None)
    ]


async def test_an_address_changed_since_is_not_suppressed_for_the_old_ones_bounce(door: Door) -> None:
    bilal = await door.post.people.registered("Bilal")
    await door.post.deliver()
    ((message_id,),) = await door.post.people.rows("SELECT id FROM messages WHERE channel = 'EMAIL'")
    door.post.people.clock.advance(minutes=1)
    await door.post.moved(bilal, "new@example.dz")
    bounced = {"type": "bounced", "messageId": str(message_id)}
    assert await door.receipt("smtp", bounced) == 204
    assert await door.post.people.rows("SELECT address FROM suppressions") == []
    assert await door.receipt("smtp", {**bounced, "to": "bilal@example.dz"}) == 204
    assert await door.post.people.rows("SELECT address FROM suppressions") == [("bilal@example.dz",)]


async def test_what_is_not_signed_or_no_receipt_is_refused(door: Door) -> None:
    message_id = await sent_mail(door.post)
    good = {"type": "bounced", "messageId": message_id}
    assert await door.receipt("smtp", good, key=b"x" * 32) == 401
    assert await door.receipt("unknown", good) == 401
    assert await door.receipt("smtp", {"type": "bounced"}) == 400
    assert await door.receipt("smtp", {**good, "type": "eaten"}) == 400
    assert await door.receipt("smtp", {**good, "to": "x" * 30_000}) == 413
    assert await door.post.states() == [("EMAIL", "SENT", None)]
    # Of another provider's message, or of none.
    assert await door.receipt("smtp", {**good, "messageId": str(new_id())}) == 204


async def test_an_organizations_provider_speaks_for_its_own_messages_alone() -> None:
    async with (
        running_gateway(body=b'{"id": "gw-1"}') as gateway,
        running_post_office(sms=[gateway]) as post,
        opened(post) as door,
    ):
        owner, other = await post.people.organization(), await post.people.organization()
        bilal = await post.people.registered("Bilal")
        await post.write("UPDATE contacts SET phone = '+213550123456'")
        for each in (owner, other):
            await post.write(
                "INSERT INTO provider_settings"
                " (id, organization_id, channel, position, provider, url, secret_reference, is_enabled)"
                " VALUES (:id, :organization, 'SMS', 0, 'own', :url, 'theirs', true)",
                id=new_id(),
                organization=each.viewer.organization_id,
                url=gateway.url,
            )
        await post.people.told(post.people.placed(owner, bilal))
        await post.deliver()
        bounced = {"type": "bounced", "providerMessageId": "gw-1", "to": "+213550123456"}
        assert await door.receipt(f"{other.viewer.organization_id}/own", bounced) == 204
        assert await door.receipt("sms-0", bounced) == 204
        assert await post.states("SMS") == [("SMS", "SENT", None)]
        assert await door.receipt(f"{owner.viewer.organization_id}/own", bounced) == 204
        assert await post.states("SMS") == [("SMS", "BOUNCED", "BOUNCED")]
        assert await post.people.rows("SELECT organization_id, address FROM suppressions") == [
            (owner.viewer.organization_id, "+213550123456")
        ]
