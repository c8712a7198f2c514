"""When something leaves: not at night, not too much at once, and many things as one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest

from subgraphs.identity.events import RefreshTokenReused
from subgraphs.kit.ids import new_id
from subgraphs.kit.jobs.declaration import JobContext
from subgraphs.notifications.channels.settings import RateLimits
from subgraphs.notifications.jobs import deliver_messages, purge_delivery
from subgraphs.notifications.model.tables import QuietHoursRow
from subgraphs.notifications.service.delivery.decide import end_of_quiet
from tests.subgraphs.notifications.happenings import user_of
from tests.subgraphs.notifications.post_office import GENEROUS, PostOffice, running_post_office
from tests.support.subgraph import Caller

QUIET = (
    "INSERT INTO quiet_hours (user_id, zone, starts_at, ends_at)"
    " VALUES (:user, 'Africa/Algiers', :begin, :end)"
)


@pytest.mark.parametrize(
    ("zone", "span", "now", "expected"),
    [
        # Algiers is an hour ahead of UTC, all year.
        ("Africa/Algiers", (22, 7), "2026-11-20T20:59", None),
        ("Africa/Algiers", (22, 7), "2026-11-20T21:00", "2026-11-21T06:00"),
        ("Africa/Algiers", (22, 7), "2026-11-20T23:30", "2026-11-21T06:00"),
        ("Africa/Algiers", (22, 7), "2026-11-21T05:59", "2026-11-21T06:00"),
        ("Africa/Algiers", (22, 7), "2026-11-21T06:00", None),
        ("Africa/Algiers", (13, 15), "2026-11-20T12:30", "2026-11-20T14:00"),
        ("Africa/Algiers", (13, 15), "2026-11-20T14:00", None),
        # Half-hour zone.
        ("Asia/Kolkata", (22, 7), "2026-11-20T17:00", "2026-11-21T01:30"),
        # Clocks go forward at 02:00: the night is an hour shorter.
        ("Europe/Paris", (22, 7), "2026-03-28T22:00", "2026-03-29T05:00"),
        # 02:30 does not exist that night; it is over when clocks show 03:30.
        ("Europe/Paris", (22, 2), "2026-03-28T22:00", "2026-03-29T00:00"),
        # Clocks go back at 03:00: the night is an hour longer, and 02:30 comes twice.
        ("Europe/Paris", (22, 7), "2026-10-24T21:00", "2026-10-25T06:00"),
        ("Europe/Paris", (22, 2), "2026-10-24T21:00", "2026-10-25T01:00"),
    ],
)
def test_quiet_hours_are_those_of_the_users_own_clock(
    zone: str, span: tuple[int, int], now: str, expected: str | None
) -> None:
    hours = QuietHoursRow(zone=zone, starts_at=time(span[0]), ends_at=time(span[1]))
    found = end_of_quiet(hours, datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == (datetime.fromisoformat(expected).replace(tzinfo=UTC) if expected is not None else None)


async def test_what_falls_into_quiet_hours_leaves_at_their_end_and_what_is_critical_at_once() -> None:
    async with running_post_office() as post:
        bilal = await post.people.registered("Bilal")
        local = post.people.now() + timedelta(hours=1)
        begin = (local - timedelta(hours=1)).time().replace(second=0, microsecond=0, tzinfo=None)
        end = (local + timedelta(hours=2)).time().replace(second=0, microsecond=0, tzinfo=None)
        await post.write(QUIET, user=user_of(bilal), begin=begin, end=end)
        await post.people.told(_reuse(post, bilal))
        await post.deliver()
        assert sorted(await post.states(), key=str) == [
            ("EMAIL", "PENDING", "QUIET_HOURS"),
            ("EMAIL", "SENT", None),
        ]
        ((due_at, attempts),) = await post.people.rows(
            "SELECT due_at, attempts FROM messages WHERE state = 'PENDING'"
        )
        assert (due_at + timedelta(hours=1)).time() == end
        assert attempts == 0
        assert await post.deliver(hours=2) == 1
        assert [mail["Subject"] for mail in post.mail.received][1] == "Bienvenue chez Zellige"


async def test_more_than_a_users_share_waits_its_turn_and_is_not_lost() -> None:
    limits = {**GENEROUS, "user_per_minute": 1.0, "user_burst": 2}
    async with running_post_office(rate_limits=RateLimits(**limits)) as post:
        owner = await post.people.organization()
        bilal, amina = await post.people.registered("Bilal"), await post.people.registered("Amina")
        for number in range(4):
            await post.people.told(post.people.placed(owner, bilal, number))
        await post.people.told(_reuse(post, bilal))
        await post.deliver()
        # Two of his five, the critical one, and hers.
        assert sorted(post.mail.recipients) == ["amina@example.dz"] + ["bilal@example.dz"] * 3
        due = await post.people.rows(
            "SELECT due_at - min(due_at) OVER (), last_error, attempts FROM messages"
            " WHERE channel = 'EMAIL' AND state = 'PENDING' AND digest_id IS NULL ORDER BY due_at"
        )
        assert due == [(timedelta(minutes=each), "RATE_LIMITED", 0) for each in range(3)]
        assert await post.deliver(seconds=61) == 1
        assert await post.deliver(minutes=2) == 2
        assert post.mail.recipients.count("bilal@example.dz") == 6
        assert amina.viewer.user_id is not None


async def test_an_organizations_share_is_its_own() -> None:
    limits = {**GENEROUS, "organization_per_minute": 1.0, "organization_burst": 1}
    async with running_post_office(rate_limits=RateLimits(**limits)) as post:
        customers = [await post.people.registered(f"Customer{each}") for each in range(3)]
        await post.deliver()
        for shop in (await post.people.organization(), await post.people.organization()):
            for number, customer in enumerate(customers):
                await post.people.told(post.people.placed(shop, customer, number))
        before = len(post.mail.received)
        await post.deliver()
        assert len(post.mail.received) - before == 2
        await post.deliver(minutes=3)
        assert len(post.mail.received) - before == 6


async def test_turns_hold_among_workers_side_by_side() -> None:
    limits = {**GENEROUS, "channel_per_minute": 0.001, "channel_burst": 7}
    async with running_post_office(rate_limits=RateLimits(**limits), delivery_batch_max=3) as post:
        for number in range(20):
            await post.people.registered(f"P{number}")
        await asyncio.gather(*(post.worker().run(60.0) for _ in range(8)))
        assert len(post.mail.received) == 7
        assert (
            sorted(await post.states(), key=str)
            == [("EMAIL", "PENDING", "RATE_LIMITED")] * 13 + [("EMAIL", "SENT", None)] * 7
        )


async def test_what_comes_in_one_window_is_one_mail_whoever_closes_it() -> None:
    async with running_post_office() as post:
        owner = await post.people.organization()
        await post.moved(owner, "owner@example.dz")
        await asyncio.gather(
            *(post.people.told(post.people.placed(owner, None, number)) for number in range(1, 24))
        )
        assert await post.deliver() == 23  # push, which nobody takes here; mail waits for its window
        assert post.mail.received == []
        post.people.clock.advance(hours=1)
        closed = await asyncio.gather(*(post.worker().close_digests() for _ in range(5)))
        assert sorted(closed) == [0, 0, 0, 0, 1]
        await asyncio.gather(*(post.worker().run(60.0) for _ in range(5)))
        (mail,) = post.mail.received
        assert mail["Subject"] == "Vos nouvelles notifications : 23"
        text = mail.get_body(("plain",))
        assert text is not None
        assert text.get_content().count("Nouvelle commande n°") == 20
        assert "- (+3)" in text.get_content()
        assert await post.people.rows(
            "SELECT state, last_error, count(*) FROM messages WHERE channel = 'EMAIL'"
            " GROUP BY 1, 2 ORDER BY 3"
        ) == [("SENT", None, 1), ("SKIPPED", "DIGESTED", 22)]
        assert await post.deliver(hours=2) == 0


async def test_a_digest_of_one_is_the_message_itself_and_the_cancelled_are_left_out() -> None:
    async with running_post_office() as post:
        owner = await post.people.organization()
        await post.moved(owner, "owner@example.dz")
        first, second = (post.people.placed(owner, None, number) for number in (1, 2))
        await post.people.told(first)
        await post.people.told(second)
        await post.people.told(post.people.cancelled(first, actor="STAFF"))
        await post.deliver(hours=1, minutes=1)
        subjects = [mail["Subject"] for mail in post.mail.received]
        assert subjects == ["Nouvelle commande n° 2"]


async def test_a_digest_survives_the_end_of_its_first_cause() -> None:
    async with running_post_office() as post:
        owner = await post.people.organization()
        await post.moved(owner, "owner@example.dz")
        placed = [post.people.placed(owner, None, number) for number in (1, 2, 3)]
        for each in placed:
            await post.people.told(each)
        post.people.clock.advance(hours=1, minutes=1)
        await post.worker().close_digests()
        # Called off when the first message speaks for the others already, and the last cannot be written.
        await post.write(
            "UPDATE notifications SET cancelled_at = now() WHERE cause = :cause",
            cause=f"order:{placed[0].subject}",
        )
        await post.write(
            "UPDATE notifications SET payload = '{}' WHERE cause = :cause", cause=f"order:{placed[2].subject}"
        )
        await post.deliver()
        (mail,) = post.mail.received
        text = mail.get_body(("plain",))
        assert text is not None
        assert "Nouvelle commande n° 2 " in text.get_content()
        assert "- (+1)" in text.get_content()


async def test_two_events_that_race_with_the_closing_are_told_once_each() -> None:
    async with running_post_office() as post:
        owner = await post.people.organization()
        await post.moved(owner, "owner@example.dz")
        await post.people.told(post.people.placed(owner, None, 1))
        post.people.clock.advance(hours=1)
        # The window has ended: who still joins it does so before it is closed, or joins the next one.
        await asyncio.gather(
            post.worker().close_digests(),
            *(post.people.told(post.people.placed(owner, None, number)) for number in range(2, 8)),
        )
        await post.deliver()
        await post.deliver(hours=1, minutes=1)
        told = sum(_numbers_in(mail.as_string()) for mail in post.mail.received)
        assert told == 7
        assert await post.people.rows(
            "SELECT count(*) FROM messages WHERE state IN ('PENDING', 'SENDING')"
        ) == [(0,)]


def _numbers_in(mail: str) -> int:
    digest = "Vos_nouvelles_notifications" in mail or "Vos nouvelles notifications" in mail
    return mail.count("\n- ") if digest else 1


def _reuse(post: PostOffice, user: Caller) -> RefreshTokenReused:
    return RefreshTokenReused(subject=str(user_of(user)), occurred_at=post.people.now(), session_id=new_id())


async def test_what_is_no_longer_needed_is_forgotten() -> None:
    async with running_post_office() as post:
        await post.people.registered("Bilal")
        context = JobContext(post.app, "job", 1)
        assert await deliver_messages(context) == 1
        await post.write(
            "INSERT INTO receipts (provider, receipt_id, received_at) VALUES ('smtp', 'r', :now)",
            now=post.people.now(),
        )
        await purge_delivery(context)
        assert await post.people.rows("SELECT count(*) FROM receipts") == [(1,)]
        assert await post.people.rows("SELECT scope LIKE 'channel:email' FROM send_slots ORDER BY scope") == [
            (True,),
            (False,),
        ]
        post.people.clock.advance(days=31)
        await purge_delivery(context)
        assert await post.people.rows("SELECT scope FROM send_slots") == []
        assert await post.people.rows("SELECT receipt_id FROM receipts") == []
