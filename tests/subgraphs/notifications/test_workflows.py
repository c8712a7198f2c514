"""Who is told what when something happens elsewhere: once, in their language, and nobody else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from subgraphs.identity.events import (
    EmailChanged,
    MemberAdded,
    MemberRemoved,
    MemberRoleSet,
    PasswordChanged,
    RefreshTokenReused,
    RegistrationRepeated,
    RoleUpserted,
    UserDeleted,
    UserLoggedIn,
)
from subgraphs.inventory.events import StockLow
from subgraphs.kit.ids import new_id
from subgraphs.notifications.service.templates.platform_texts import platform_templates
from subgraphs.notifications.service.workflows.catalogue import ORDER_RECEIVED, WORKFLOWS
from subgraphs.notifications.service.workflows.start_workflow import Start, start_workflow
from tests.subgraphs.notifications.happenings import Happenings, user_of
from tests.support.statements import recorded_statements


async def test_who_registers_is_welcomed_once_however_often_the_event_comes(people: Happenings) -> None:
    amina = await people.registered("Amina", locale="ar")
    inbox = await people.inbox(amina)
    [welcome] = inbox["notifications"]["nodes"]
    assert (inbox["unreadNotificationCount"], welcome["workflow"], welcome["topic"]) == (
        1,
        "welcome",
        "ACCOUNT",
    )
    assert await people.rows("SELECT locale FROM notifications") == [("ar",)]
    assert await people.rows("SELECT channel, state FROM messages ORDER BY step") == [
        ("IN_APP", "DELIVERED"),
        ("EMAIL", "PENDING"),
    ]
    assert await people.rows(
        "SELECT state_before, state_after FROM message_transitions ORDER BY sequence"
    ) == [
        (None, "DELIVERED"),
        (None, "PENDING"),
    ]


async def test_an_order_is_confirmed_to_its_customer_and_told_to_the_staff_who_may_see_orders(
    people: Happenings,
) -> None:
    owner = await people.organization()
    seller = await people.member(owner, "seller", "orders:*")
    keeper = await people.member(owner, "keeper", "inventory:*")
    other = await people.organization()
    customer = await people.registered("Bilal")
    placed = people.placed(owner, customer)
    await people.told(placed)
    [order, _] = (await people.inbox(customer))["notifications"]["nodes"]
    assert order["title"] == {
        "fr": "Votre commande n° 1007 est confirmée",
        "ar": "تأكيد طلبك رقم \N{FIRST STRONG ISOLATE}1007\N{POP DIRECTIONAL ISOLATE}",
        "en": "Your order no. 1007 is confirmed",
    }
    assert order["order"] == {"id": placed.subject}
    assert order["organization"] == {"id": str(owner.viewer.organization_id)}
    assert order["productVariant"] is None
    for caller, count in ((owner, 1), (seller, 1), (keeper, 0), (other, 0)):
        assert len(await people.titles(caller)) == count


async def test_an_event_that_comes_again_under_another_id_tells_nothing_new(people: Happenings) -> None:
    owner = await people.organization()
    customer = await people.registered()
    placed = people.placed(owner, customer)
    again = people.placed(owner, customer)
    object.__setattr__(again, "subject", placed.subject)
    await asyncio.gather(*(people.told(each) for each in (placed, again, placed, again)))
    assert len(await people.titles(owner)) == 1
    assert await people.rows("SELECT count(*) FROM notifications WHERE workflow = 'order_confirmation'") == [
        (1,)
    ]
    assert await people.rows(
        "SELECT count(*) FROM outbox_events WHERE type = 'notification.received'"
        " AND payload->>'workflow' = 'order_confirmation'"
    ) == [(1,)]


async def test_twenty_starts_of_one_workflow_at_once_tell_each_recipient_once(people: Happenings) -> None:
    users = [new_id() for _ in range(10)]
    payload = {"number": 1, "total_minor": 100, "currency": "DZD"}

    async def start() -> int:
        async with people.running.app.database.transaction() as session:
            wanted = Start(workflow=ORDER_RECEIVED, transaction_key="t", recipients=users, payload=payload)
            return len(await start_workflow(session, wanted, people.now()))

    started = await asyncio.gather(*(start() for _ in range(20)))
    assert sorted(started) == [0] * 19 + [10]
    assert await people.rows("SELECT count(*) FROM inbox_items") == [(10,)]
    assert await people.rows("SELECT count(*) FROM messages") == [(30,)]


async def test_what_waits_for_an_order_is_called_off_with_it(people: Happenings) -> None:
    owner = await people.organization()
    customer = await people.registered()
    placed = people.placed(owner, customer)
    await people.told(placed)
    await people.told(people.cancelled(placed))
    states = await people.rows(
        "SELECT DISTINCT workflow, channel, state FROM messages WHERE state <> 'DELIVERED' ORDER BY 1, 2"
    )
    assert ("order_confirmation", "EMAIL", "CANCELLED") in states
    assert ("order_received", "EMAIL", "CANCELLED") in states
    assert ("order_cancelled", "EMAIL", "PENDING") in states
    assert (await people.titles(customer))[:2] == [
        "La commande n° 1007 est annulée",
        "Votre commande n° 1007 est confirmée",
    ]
    assert (await people.titles(owner))[0] == "Le client a annulé la commande n° 1007"
    assert await people.rows(
        "SELECT DISTINCT (SELECT string_agg(t.state_after, ' ' ORDER BY t.sequence)"
        " FROM message_transitions t WHERE t.message_id = m.id) FROM messages m WHERE m.state = 'CANCELLED'"
    ) == [("PENDING CANCELLED",)]


async def test_staff_who_cancel_an_order_are_not_told_of_it(people: Happenings) -> None:
    owner = await people.organization()
    placed = people.placed(owner, None)
    await people.told(placed)
    await people.told(people.cancelled(placed, actor="STAFF"))
    assert len(await people.titles(owner)) == 1


async def test_low_stock_is_told_at_each_crossing_to_those_who_see_stock(people: Happenings) -> None:
    owner = await people.organization()
    seller = await people.member(owner, "seller", "orders:*")
    variant = new_id()
    for available in (3, 4):
        await people.told(
            StockLow(
                subject=str(variant),
                occurred_at=people.now(),
                organization_id=owner.viewer.organization_id,
                available=available,
                threshold=5,
            )
        )
    nodes = (await people.inbox(owner))["notifications"]["nodes"]
    assert [each["productVariant"] for each in nodes] == [{"id": str(variant)}] * 2
    assert await people.titles(seller) == []


async def test_messages_of_one_digest_wait_for_the_end_of_one_window(people: Happenings) -> None:
    owner = await people.organization()
    await asyncio.gather(*(people.told(people.placed(owner, None, number)) for number in range(1, 11)))
    digests = await people.rows("SELECT id, window_starts_at, window_ends_at, state FROM digests")
    [[digest, starts_at, ends_at, state]] = digests
    assert (ends_at - starts_at, starts_at.minute, state) == (timedelta(hours=1), 0, "OPEN")
    found = await people.rows("SELECT digest_id, due_at FROM messages WHERE channel = 'EMAIL'")
    assert found == [(digest, ends_at)] * 10


async def test_a_digest_that_is_closed_is_followed_by_the_next_one(people: Happenings) -> None:
    owner = await people.organization()
    await people.told(people.placed(owner, None))
    await people.rows("UPDATE digests SET state = 'CLOSED' RETURNING id")
    await people.told(people.placed(owner, None))
    assert await people.rows(
        "SELECT d.state, count(m.id) FROM digests d JOIN messages m ON m.digest_id = d.id"
        " GROUP BY d.id ORDER BY d.window_starts_at"
    ) == [("CLOSED", 1), ("OPEN", 1)]


async def test_security_notices_come_whatever_was_switched_off(people: Happenings) -> None:
    user = await people.registered()
    await people.rows(
        "INSERT INTO preferences (user_id, channel, topic, is_enabled)"
        " SELECT :user, c, t, false FROM unnest(ARRAY['IN_APP', 'EMAIL']) c,"
        " unnest(ARRAY['SECURITY', 'ORDERS']) t RETURNING 1",
        user=user_of(user),
    )
    about = {"subject": str(user_of(user)), "occurred_at": people.now()}
    await people.told(RefreshTokenReused(session_id=new_id(), **about))
    await people.told(UserLoggedIn(session_id=new_id(), **about))
    await people.told(people.placed(await people.organization(), user))
    assert await people.rows(
        "SELECT workflow, channel, state, last_error FROM messages WHERE user_id = :user"
        " AND topic <> 'ACCOUNT' AND channel IN ('IN_APP', 'EMAIL') ORDER BY created_at, step",
        user=user_of(user),
    ) == [
        ("refresh_token_reused", "IN_APP", "DELIVERED", None),
        ("refresh_token_reused", "EMAIL", "PENDING", None),
        ("order_confirmation", "IN_APP", "SKIPPED", "PREFERENCE_OFF"),
        ("order_confirmation", "EMAIL", "SKIPPED", "PREFERENCE_OFF"),
    ]
    [notice, _] = (await people.inbox(user))["notifications"]["nodes"]
    assert (notice["workflow"], notice["critical"]) == ("refresh_token_reused", True)


async def test_members_are_those_of_the_newest_event_in_whatever_order_they_come(people: Happenings) -> None:
    owner = await people.organization()
    organization_id = owner.viewer.organization_id
    member = new_id()
    now = people.now()
    moments = [now + timedelta(seconds=number) for number in range(4)]
    about = {"subject": str(member), "organization_id": organization_id, "actor_id": None}
    added = MemberAdded(role="seller", permissions=("orders:*",), occurred_at=moments[0], **about)
    moved = MemberRoleSet(
        role_before="seller",
        role_after="reader",
        permissions=("users:read",),
        occurred_at=moments[1],
        **about,
    )
    raised = RoleUpserted(
        name="reader",
        permissions=("orders:read",),
        occurred_at=moments[2],
        **{**about, "subject": str(new_id())},
    )
    for event in (raised, moved, added):
        await people.told(event)
    await people.told(people.placed(owner, None))
    told = "SELECT count(*) FROM inbox_items WHERE user_id = :member"
    assert await people.rows(told, member=member) == [(1,)]
    await people.told(MemberRemoved(role="reader", occurred_at=moments[3], **about))
    await people.told(people.placed(owner, None))
    assert await people.rows(told, member=member) == [(1,)]


@pytest.mark.parametrize("count", [1, 60])
async def test_telling_many_costs_as_many_statements_as_telling_one(people: Happenings, count: int) -> None:
    users = [new_id() for _ in range(count)]
    payload = {"number": 1, "total_minor": 100, "currency": "DZD"}
    wanted = Start(workflow=ORDER_RECEIVED, transaction_key="t", recipients=users, payload=payload)
    with recorded_statements(people.running.app.database.engine) as statements:
        async with people.running.app.database.transaction() as session:
            assert len(await start_workflow(session, wanted, people.now())) == count
    assert len(statements) == 9, list(statements)


def test_every_workflow_has_its_texts_and_none_can_be_digested_that_is_critical() -> None:
    assert set(WORKFLOWS) == set(platform_templates()) - {"digest"}


async def test_what_a_user_leaves_behind_is_forgotten_and_does_not_come_back(people: Happenings) -> None:
    user = await people.registered("Amina")
    about = {"subject": str(user_of(user)), "occurred_at": people.now() + timedelta(seconds=1)}
    await people.told(EmailChanged(email_before="amina@example.dz", email="new@example.dz", **about))
    of_user = "SELECT name, email FROM contacts WHERE user_id = :user"
    assert await people.rows(of_user, user=user_of(user)) == [("Amina", "new@example.dz")]
    gone = {**about, "occurred_at": people.now() + timedelta(seconds=2)}
    await people.told(UserDeleted(**gone))
    await people.told(EmailChanged(email_before="new@example.dz", email="late@example.dz", **about))
    assert await people.rows(of_user, user=user_of(user)) == [(None, None)]
    assert await people.rows("SELECT channel, state FROM messages ORDER BY step") == [
        ("IN_APP", "DELIVERED"),
        ("EMAIL", "CANCELLED"),
    ]


async def test_repeated_sign_ups_are_told_once_a_day_and_each_new_password(people: Happenings) -> None:
    user = await people.registered()
    about = {"subject": str(user_of(user)), "occurred_at": people.now()}
    for _ in range(3):
        await people.told(RegistrationRepeated(**about))
    for how in ("changed", "reset"):
        await people.told(PasswordChanged(how=how, **about))
    assert await people.rows(
        "SELECT workflow, count(*) FROM messages WHERE channel = 'EMAIL' GROUP BY 1 ORDER BY 1"
    ) == [("password_changed", 2), ("registration_repeated", 1), ("welcome", 1)]
    assert (await people.titles(user))[:2] == ["Votre mot de passe a changé"] * 2
