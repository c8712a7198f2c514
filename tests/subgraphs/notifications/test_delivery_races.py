"""Each message leaves once, however many workers there are and whenever one of them dies."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from datetime import timedelta
from uuid import uuid4

from aiosmtpd.smtp import Envelope

from subgraphs.kit.events.bus_settings import BusSettings
from subgraphs.kit.ids import new_id
from subgraphs.notifications.model.claim_queries import Claim, Move, claim_due, move_claimed, renew_claim
from subgraphs.notifications.states import MessageState
from tests.events.cleaning import remove_bus
from tests.subgraphs.notifications.gateway import running_gateway
from tests.subgraphs.notifications.post_office import SENDER, PostOffice, running_post_office
from tests.support.command import RunningCommand
from tests.support.engines import redis_url

SECONDS_MAX = 90.0


async def test_twenty_workers_send_each_of_many_messages_once() -> None:
    async with running_post_office(delivery_batch_max=3) as post:
        await asyncio.gather(*(post.people.registered(f"P{number}") for number in range(60)))
        claimed = await asyncio.gather(*(post.worker().run(60.0) for _ in range(20)))
        assert sum(claimed) == 60
        assert sum(1 for each in claimed if each) > 1
        assert Counter(post.mail.recipients) == Counter(f"p{number}@example.dz" for number in range(60))
        assert await post.people.rows(
            "SELECT state, attempts, count(*) FROM messages WHERE channel = 'EMAIL' GROUP BY 1, 2"
        ) == [("SENT", 1, 60)]


async def test_a_claim_that_lapsed_is_no_claim() -> None:
    async with running_post_office() as post:
        await post.people.registered("Bilal")
        lost = await _claim(post, timedelta(seconds=10))
        assert await post.deliver(seconds=5) == 0
        assert await post.deliver(seconds=6) == 1
        async with post.app.database.transaction() as session:
            ((message_id,),) = await post.people.rows("SELECT id FROM messages WHERE channel = 'EMAIL'")
            assert not await renew_claim(session, message_id, lost.id, "smtp", lost.until)
            failed = Move(message_id=message_id, state=MessageState.FAILED, code="LATE")
            assert await move_claimed(session, lost.id, [failed], post.people.now()) == set()
        assert await post.states() == [("EMAIL", "SENT", None)]
        assert len(post.mail.received) == 1


async def test_a_message_whose_workers_always_die_is_given_up() -> None:
    async with running_post_office(delivery_attempts_max=2) as post:
        await post.people.registered("Bilal")
        for _ in range(2):
            await _claim(post, timedelta(seconds=10))
            post.people.clock.advance(seconds=11)
        await post.deliver()
        assert await post.states() == [("EMAIL", "FAILED", "ATTEMPTS_EXHAUSTED")]
        assert post.mail.received == []


async def test_what_was_handed_to_a_gateway_before_a_crash_goes_to_no_other() -> None:
    async with running_gateway(status=401) as first, running_gateway() as second:
        async with running_post_office(sms=[second, first]) as post:
            owner = await post.people.organization()
            bilal = await post.people.registered("Bilal")
            await post.write("UPDATE contacts SET phone = '+213550123456'")
            await post.people.told(post.people.placed(owner, bilal))
            await post.write("UPDATE messages SET due_at = due_at + interval '1 day' WHERE channel <> 'SMS'")
            lost = await _claim(post, timedelta(seconds=10))
            ((message_id,),) = await post.people.rows("SELECT id FROM messages WHERE channel = 'SMS'")
            # The second of the order was asked, and then its worker died.
            async with post.app.database.transaction() as session:
                assert await renew_claim(session, message_id, lost.id, "sms-1", lost.until)
            assert await post.deliver(seconds=11) == 1
            assert await post.states("SMS") == [("SMS", "FAILED", "HTTP_401")]
        assert (len(first.posted), len(second.posted)) == (1, 0)


async def test_a_worker_killed_between_sending_and_noting_it_is_followed_by_one_that_sends_the_same() -> None:
    bus = BusSettings(url=redis_url(), name=f"ztev-{uuid4().hex[:10]}")
    async with running_post_office() as post:
        await post.people.registered("Bilal")
        arguments = ("worker", "--domain", "notifications", "--only", "jobs")
        taken = asyncio.Event()
        with RunningCommand(*arguments, environment=_environment(post, bus.name)) as worker:

            def kill(_envelope: Envelope) -> None:
                worker.process.send_signal(signal.SIGKILL)
                taken.set()

            post.mail.on_data = kill
            async with asyncio.timeout(SECONDS_MAX):
                await taken.wait()
            await asyncio.to_thread(worker.process.wait, SECONDS_MAX)
        post.mail.on_data = None
        assert await post.people.rows("SELECT state, provider FROM messages WHERE channel = 'EMAIL'") == [
            ("SENDING", "smtp")
        ]
        assert await post.deliver() == 0
        assert await post.deliver(hours=2) == 1
        first, second = post.mail.received
        assert first["Message-ID"] == second["Message-ID"]
        assert await post.states() == [("EMAIL", "SENT", None)]
    await remove_bus(bus)


async def _claim(post: PostOffice, lease: timedelta) -> Claim:
    """Claims what is due and does nothing with it, as a worker that dies."""
    now = post.people.now()
    claim = Claim(new_id(), now, now + lease)
    async with post.app.database.transaction() as session:
        assert len(await claim_due(session, claim, 50)) == 1
    return claim


def _environment(post: PostOffice, name: str) -> dict[str, str]:
    settings = post.app.settings
    assert settings.internal_secret is not None
    return {
        "DATABASE_URL": settings.database_url,
        "DATABASE_URL_NOTIFICATIONS": settings.database_overrides["notifications"],
        "REDIS_URL": settings.redis_url,
        "EVENT_BUS_URL": settings.redis_url,
        "ZELLIGE_EVENT_BUS_NAME": name,
        "ZELLIGE_INTERNAL_SECRET": settings.internal_secret,
        "SMTP_URL": post.mail.url,
        "ZELLIGE_MAIL_FROM": SENDER,
    }
