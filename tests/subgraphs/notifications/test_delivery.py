"""What is due leaves once, for the address, the language and the wishes of the moment it leaves."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from subgraphs.identity.events import RefreshTokenReused
from subgraphs.kit.ids import new_id
from subgraphs.kit.locales import Locale
from subgraphs.notifications.model.suppression_queries import address_hash
from subgraphs.notifications.states import Channel
from tests.subgraphs.notifications.gateway import SECRET, running_gateway
from tests.subgraphs.notifications.happenings import user_of
from tests.subgraphs.notifications.post_office import PostOffice, running_post_office
from tests.support.statements import recorded_statements


@pytest.fixture
async def post() -> AsyncIterator[PostOffice]:
    async with running_post_office() as running:
        yield running


async def test_a_welcome_leaves_once_in_the_recipients_language(post: PostOffice) -> None:
    await post.people.registered("Amina", locale="ar")
    assert await post.deliver() == 1
    assert await post.deliver(hours=1) == 0
    (mail,) = post.mail.received
    assert (mail["Subject"], mail["To"]) == ("مرحبا بك في الزليج", "amina@example.dz")
    assert mail["List-Unsubscribe"].startswith("<https://zellige.example/notifications/unsubscribe?token=")
    page = mail.get_body(("html",))
    assert page is not None
    assert 'dir="rtl"' in page.get_content()
    assert await post.states() == [("EMAIL", "SENT", None)]
    assert await post.people.rows(
        "SELECT t.state_before, t.state_after, t.provider FROM message_transitions t"
        " JOIN messages m ON m.id = t.message_id WHERE m.channel = 'EMAIL' ORDER BY t.sequence"
    ) == [(None, "PENDING", None), ("PENDING", "SENDING", None), ("SENDING", "SENT", "smtp")]
    ((message_id, claim, provider),) = await post.people.rows(
        "SELECT id, claim, provider FROM messages WHERE channel = 'EMAIL'"
    )
    assert mail["Message-ID"] == f"<{message_id}@zellige.example>"
    assert (claim, provider) == (None, "smtp")


async def test_the_address_and_language_are_those_of_the_moment_of_sending(post: PostOffice) -> None:
    bilal = await post.people.registered("Bilal", locale="fr")
    post.people.clock.advance(seconds=5)
    await post.moved(bilal, "new@example.dz", Locale.EN)
    await post.deliver()
    assert post.mail.recipients == ["new@example.dz"]
    assert post.mail.received[0]["Subject"] == "Welcome to Zellige"


async def test_who_no_longer_wants_a_topic_gets_nothing_unless_it_is_critical(post: PostOffice) -> None:
    bilal = await post.people.registered("Bilal")
    await post.write(
        "INSERT INTO preferences (user_id, channel, topic, is_enabled)"
        " SELECT :user, 'EMAIL', topic, false FROM unnest(ARRAY['ACCOUNT', 'SECURITY']) topic",
        user=user_of(bilal),
    )
    reused = RefreshTokenReused(
        subject=str(user_of(bilal)), occurred_at=post.people.now(), session_id=new_id()
    )
    await post.people.told(reused)
    await post.deliver()
    assert await post.states() == [("EMAIL", "SKIPPED", "PREFERENCE_OFF"), ("EMAIL", "SENT", None)]
    (mail,) = post.mail.received
    assert mail["Subject"] == "Nous avons fermé une session pour protéger votre compte"
    assert mail["List-Unsubscribe"] is None


async def test_a_suppressed_address_is_not_written_to(post: PostOffice) -> None:
    await post.people.registered("Bilal")
    await post.write(
        "INSERT INTO suppressions (id, channel, address_hash, address, reason)"
        " VALUES (:id, 'EMAIL', :hash, 'bilal@example.dz', 'COMPLAINED')",
        id=new_id(),
        hash=address_hash(Channel.EMAIL, " Bilal@Example.DZ"),
    )
    await post.deliver()
    assert await post.states() == [("EMAIL", "SUPPRESSED", "COMPLAINED")]
    assert post.mail.received == []


async def test_what_lost_its_cause_is_not_sent_even_when_a_worker_holds_it(post: PostOffice) -> None:
    await post.people.registered("Bilal")
    await post.write("UPDATE notifications SET cancelled_at = now()")
    await post.deliver()
    assert await post.states() == [("EMAIL", "CANCELLED", "CANCELLED")]
    assert post.mail.received == []


async def test_whom_nobody_can_reach_and_what_nobody_carries_is_skipped(post: PostOffice) -> None:
    owner = await post.people.organization()
    bilal = await post.people.registered("Bilal")
    await post.write("UPDATE contacts SET phone = '+213550123456'")
    await post.people.told(post.people.placed(owner, bilal))
    await post.write("UPDATE contacts SET email = NULL")
    await post.deliver()
    assert await post.states() == [("EMAIL", "SKIPPED", "NO_ADDRESS")] * 2
    assert await post.states("SMS") == [("SMS", "SKIPPED", "NO_PROVIDER")]
    # The owner has no device, nor has the customer.
    assert await post.states("PUSH") == [("PUSH", "SKIPPED", "NO_ADDRESS")] * 2


async def test_a_server_that_is_busy_is_asked_again_later_and_given_up_at_last() -> None:
    async with running_post_office(delivery_attempts_max=3) as post:
        await post.people.registered("Bilal")
        post.mail.rcpt_reply = "451 4.3.0 Later"
        assert await post.deliver() == 1
        ((due_at, attempts),) = await post.people.rows(
            "SELECT due_at, attempts FROM messages WHERE channel = 'EMAIL'"
        )
        assert attempts == 1
        assert 15 <= (due_at - post.people.now()).total_seconds() <= 30
        assert await post.deliver() == 0
        assert await post.deliver(minutes=5) == 1
        assert await post.states() == [("EMAIL", "PENDING", "SMTP_451")]
        assert await post.deliver(hours=5) == 1
        assert await post.states() == [("EMAIL", "FAILED", "SMTP_451")]
        assert await post.deliver(days=1) == 0
        events = await post.people.rows(
            "SELECT payload->>'code', payload->>'channel' FROM outbox_events"
            " WHERE type = 'notification.delivery_failed'"
        )
        assert events == [("SMTP_451", "EMAIL")]


async def test_an_address_that_does_not_exist_is_suppressed_for_everybody(post: PostOffice) -> None:
    bilal = await post.people.registered("Bilal")
    post.mail.rcpt_reply = "550 5.1.1 No such user"
    await post.deliver()
    assert await post.states() == [("EMAIL", "FAILED", "SMTP_550")]
    assert await post.people.rows("SELECT organization_id, channel, address, reason FROM suppressions") == [
        (None, "EMAIL", "bilal@example.dz", "BOUNCED")
    ]
    types = await post.people.rows(
        "SELECT type, payload::text FROM outbox_events WHERE type LIKE 'address.%'"
    )
    assert [kind for kind, _ in types] == ["address.suppressed"]
    assert "bilal@" not in types[0][1]
    await post.people.told(
        RefreshTokenReused(subject=str(user_of(bilal)), occurred_at=post.people.now(), session_id=new_id())
    )
    await post.deliver()
    assert (await post.states())[1] == ("EMAIL", "SUPPRESSED", "BOUNCED")


async def test_a_gateway_that_may_have_accepted_keeps_the_message() -> None:
    async with running_gateway(status=500) as first, running_gateway() as second:
        async with running_post_office(sms=[first, second]) as post:
            owner = await post.people.organization()
            bilal = await post.people.registered("Bilal")
            await post.write("UPDATE contacts SET phone = '+213550123456'")
            await post.people.told(post.people.placed(owner, bilal))
            await post.deliver()
            first.status = 429
            await post.deliver(minutes=10)
            assert await post.states("SMS") == [("SMS", "PENDING", "HTTP_429")]
            first.status = 200
            await post.deliver(hours=5)
            assert await post.states("SMS") == [("SMS", "SENT", None)]
        assert second.posted == []
    assert len({each.webhook_id for each in first.posted}) == 1
    assert len(first.posted) == 3
    assert first.posted[0].content["text"] == "Commande n° 1007 reçue : 1\u202f470,00\xa0DA."


async def test_every_device_is_told_and_one_that_is_gone_is_forgotten() -> None:
    async with running_gateway() as gateway, running_post_office(push=[gateway]) as post:
        owner = await post.people.organization()
        bilal = await post.people.registered("Bilal")
        for token in ("phone", "tablet"):
            await post.write(
                "INSERT INTO devices (id, user_id, platform, token, registered_at)"
                " VALUES (:id, :user, 'ANDROID', :token, now())",
                id=new_id(),
                user=user_of(bilal),
                token=token,
            )
        await post.people.told(post.people.placed(owner, bilal))
        await post.deliver()
        assert sorted(each.content["to"] for each in gateway.posted) == ["phone", "tablet"]
        assert len({each.webhook_id for each in gateway.posted}) == 2
        gateway.status, gateway.body = 410, b'{"error": "address_unknown"}'
        await post.people.told(post.people.placed(owner, bilal, 1008))
        await post.deliver()
        assert sorted(await post.states("PUSH")) == [
            ("PUSH", "FAILED", "ADDRESS_UNKNOWN"),
            ("PUSH", "SENT", None),
            ("PUSH", "SKIPPED", "NO_ADDRESS"),
            ("PUSH", "SKIPPED", "NO_ADDRESS"),
        ]
        assert await post.people.rows("SELECT token FROM devices") == []
        assert await post.people.rows("SELECT address FROM suppressions") == []


async def test_an_organization_sends_over_its_own_gateway_in_its_own_words() -> None:
    async with (
        running_gateway() as theirs,
        running_gateway() as ours,
        running_post_office(sms=[ours]) as post,
    ):
        owner = await post.people.organization()
        bilal = await post.people.registered("Bilal")
        await post.write("UPDATE contacts SET phone = '+213550123456'")
        organization = owner.viewer.organization_id
        await post.write(
            "INSERT INTO provider_settings"
            " (id, organization_id, channel, position, provider, url, secret_reference, is_enabled)"
            " VALUES (:id, :organization, 'SMS', 0, 'own', :url, 'theirs', true)",
            id=new_id(),
            organization=organization,
            url=theirs.url,
        )
        await post.write(
            "INSERT INTO templates"
            " (id, organization_id, key, channel, locale, number, status, body, variables, example)"
            " VALUES (:id, :organization, 'order_confirmation', 'SMS', 'fr', 1, 'PUBLISHED',"
            " 'Merci {{ recipient_name }} ! N° {{ number }}', '{}', '{}')",
            id=new_id(),
            organization=organization,
        )
        await post.people.told(post.people.placed(owner, bilal))
        await post.deliver()
        # Taken away while another message waits: the platform's words stand in.
        await post.people.told(post.people.placed(owner, bilal, 1008))
        await post.write("UPDATE templates SET status = 'RETIRED'")
        await post.deliver()
        assert [each.content["text"] for each in theirs.posted] == [
            "Merci Bilal ! N° 1007",
            "Commande n° 1008 reçue : 1\u202f470,00\xa0DA.",
        ]
        assert ours.posted == []
        assert await post.people.rows("SELECT DISTINCT provider FROM messages WHERE channel = 'SMS'") == [
            (f"{organization}/own",)
        ]


async def test_a_template_that_cannot_be_rendered_fails_its_message_alone(post: PostOffice) -> None:
    owner = await post.people.organization()
    bilal = await post.people.registered("Bilal")
    await post.write(
        "INSERT INTO templates"
        " (id, organization_id, key, channel, locale, number, status, subject, body, variables, example)"
        " VALUES (:id, :organization, 'order_confirmation', 'EMAIL', 'fr', 1, 'PUBLISHED',"
        " 'x', '{{ number.absent }}', '{}', '{}')",
        id=new_id(),
        organization=owner.viewer.organization_id,
    )
    await post.people.told(post.people.placed(owner, bilal))
    await post.deliver()
    assert sorted(await post.states(), key=str) == [
        ("EMAIL", "FAILED", "TEMPLATE_FAILED"),
        ("EMAIL", "SENT", None),
    ]


async def test_a_batch_costs_the_same_statements_for_one_message_and_for_forty(post: PostOffice) -> None:
    counts = []
    for number in (1, 40):
        for index in range(number):
            await post.people.registered(f"P{number}x{index}")
        # Only what is shared by the batch: deciding, not each message's own two transactions.
        await post.write("UPDATE messages SET critical = false WHERE state = 'PENDING'")
        await post.write("UPDATE notifications SET cancelled_at = now() WHERE cancelled_at IS NULL")
        with recorded_statements(post.app.database.engine) as statements:
            await post.worker().deliver_batch()
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 20


async def test_no_address_and_no_secret_is_logged() -> None:
    async with running_gateway(status=500) as gateway, running_post_office(sms=[gateway]) as post:
        owner = await post.people.organization()
        bilal = await post.people.registered("Bilal")
        await post.write("UPDATE contacts SET phone = '+213550123456'")
        await post.people.told(post.people.placed(owner, bilal))
        with capture_logs() as logs:
            await post.deliver()
            post.mail.rcpt_reply = "550 5.1.1 <bilal@example.dz> unknown"
            await post.people.told(post.people.placed(owner, bilal, 1008))
            await post.deliver()
    said = repr(logs)
    assert "letter_handed_over" in said
    assert not re.search(r"bilal|\+213|550123456", said, re.IGNORECASE)
    assert SECRET.removeprefix("whsec_") not in said


async def test_an_inbox_item_of_later_is_shown_when_it_is_due(post: PostOffice) -> None:
    bilal = await post.people.registered("Bilal")
    await post.write("DELETE FROM inbox_items")
    await post.write(
        "UPDATE messages SET state = 'PENDING', due_at = :due, sent_at = NULL, delivered_at = NULL"
        " WHERE channel = 'IN_APP'",
        due=post.people.now() + timedelta(days=300),
    )
    await post.deliver()
    assert await post.people.rows("SELECT user_id FROM inbox_items") == []
    await post.deliver(days=301)
    assert await post.people.rows("SELECT user_id, title->>'fr' FROM inbox_items") == [
        (user_of(bilal), "Bienvenue chez Zellige")
    ]
    assert await post.states("IN_APP") == [("IN_APP", "DELIVERED", None)]
