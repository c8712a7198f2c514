"""What people are told when something happens in another domain, and what is learnt of people there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from subgraphs.kit.events.consumer import Consumer, EventContext
from subgraphs.kit.jobs.request import request_job
from subgraphs.kit.locales import Locale
from subgraphs.notifications.service.account_letters import SEND_ACCOUNT_LETTER
from subgraphs.notifications.service.people import (
    forget_user,
    learn_contact,
    learn_email,
    learn_member,
    learn_role,
)
from subgraphs.notifications.service.workflows.audiences import staff_with
from subgraphs.notifications.service.workflows.call_off import call_off
from subgraphs.notifications.service.workflows.catalogue import (
    NEW_LOGIN,
    ORDER_CANCELLED,
    ORDER_CONFIRMATION,
    ORDER_LOST,
    ORDER_RECEIVED,
    REFRESH_TOKEN_REUSED,
    STOCK_LOW,
    WELCOME,
)
from subgraphs.notifications.service.workflows.start_workflow import Start, start_workflow

READ_ORDERS, READ_STOCK = "orders:read", "inventory:read"
BY_CUSTOMER = "CUSTOMER"


@dataclass(frozen=True, slots=True)
class Registered:
    """What is read of `user.registered`."""

    email: str
    name: str
    locale: str


@dataclass(frozen=True, slots=True)
class EmailChanged:
    """What is read of `user.email_changed`."""

    email: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """What is read of `user.deleted`: nothing but its subject."""


@dataclass(frozen=True, slots=True)
class Created:
    """What is read of `organization.created`."""

    owner_id: UUID
    owner_role: str = "owner"
    owner_permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """What is read of `member.added`."""

    role: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RoleSet:
    """What is read of `member.role_set`."""

    role_after: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """What is read of `member.removed`."""

    role: str


@dataclass(frozen=True, slots=True)
class RoleUpserted:
    """What is read of `role.upserted`."""

    name: str
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """What is read of `order.placed`."""

    number: int
    customer_id: UUID | None
    total_minor: int
    currency: str
    locale: str


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What is read of `order.cancelled`."""

    number: int
    customer_id: UUID | None
    actor: str


@dataclass(frozen=True, slots=True)
class Low:
    """What is read of `stock.low`."""

    available: int
    threshold: int


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """What is read of `user.logged_in`."""

    session_id: UUID
    new_device: bool = False


@dataclass(frozen=True, slots=True)
class Reused:
    """What is read of `user.refresh_token_reused`."""

    session_id: UUID


@dataclass(frozen=True, slots=True)
class LetterWanted:
    """What is read of the events that ask for a letter with the way into an account."""

    email: str
    name: str
    locale: str
    sealed_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EmailChangeWanted(LetterWanted):
    """What is read of `user.email_change_requested`."""

    side: str
    new_email: str


@dataclass(frozen=True, slots=True)
class Invited:
    """What is read of `invitation.created`."""

    email: str
    organization_name: str
    inviter_name: str
    locale: str
    sealed_token: str
    expires_at: datetime


async def welcome(context: EventContext, user: Registered) -> None:
    """Learns how the user is reached, and greets them."""
    event, user_id = context.event, UUID(context.event.subject)
    locale = _locale_of(user.locale)
    await learn_contact(context.session, user_id, event.time, name=user.name, email=user.email, locale=locale)
    start = Start(
        workflow=WELCOME,
        transaction_key=event.subject,
        recipients=[user_id],
        locale=locale,
    )
    await start_workflow(context.session, start, context.now())


async def change_email(context: EventContext, user: EmailChanged) -> None:
    """Learns the user's new address; what still waits goes there."""
    await learn_email(context.session, UUID(context.event.subject), context.event.time, user.email)


async def forget(context: EventContext, _: Deleted) -> None:
    """Forgets a user who has left for good."""
    await forget_user(context.session, UUID(context.event.subject), context.event.time)


async def add_owner(context: EventContext, organization: Created) -> None:
    """Learns who owns a new organization."""
    organization_id = UUID(context.event.subject)
    await learn_role(
        context.session,
        organization_id,
        organization.owner_role,
        organization.owner_permissions,
        context.event.time,
    )
    await learn_member(
        context.session,
        organization_id,
        organization.owner_id,
        organization.owner_role,
        context.event.time,
    )


async def add_member(context: EventContext, member: Joined) -> None:
    """Learns who joined an organization."""
    await _learn_place(context, member.role, member.permissions)


async def set_role(context: EventContext, member: RoleSet) -> None:
    """Learns which role a member has now."""
    await _learn_place(context, member.role_after, member.permissions)


async def remove_member(context: EventContext, _: Removed) -> None:
    """Learns who left an organization."""
    await _learn_place(context, None, ())


async def change_role(context: EventContext, role: RoleUpserted) -> None:
    """Learns what a role permits now."""
    organization_id = _tenant(context)
    await learn_role(context.session, organization_id, role.name, role.permissions, context.event.time)


async def confirm_order(context: EventContext, order: Placed) -> None:
    """Confirms an order to its customer, and tells the shop's staff."""
    start: dict[str, Any] = {
        "transaction_key": context.event.subject,
        "payload": {
            "order_id": context.event.subject,
            "number": order.number,
            "total_minor": order.total_minor,
            "currency": order.currency,
        },
        "organization_id": context.organization_id,
        "cause": f"order:{context.event.subject}",
    }
    if order.customer_id is not None:
        bought = Start(
            workflow=ORDER_CONFIRMATION,
            recipients=[order.customer_id],
            locale=_locale_of(order.locale),
            **start,
        )
        await start_workflow(context.session, bought, context.now())
    staff = await staff_with(context.session, context.organization_id, READ_ORDERS)
    sold = Start(workflow=ORDER_RECEIVED, recipients=staff, **start)
    await start_workflow(context.session, sold, context.now())


async def cancel_order(context: EventContext, order: Cancelled) -> None:
    """Calls off what still waits about the order; tells its customer, and the staff when it was not them."""
    cause = f"order:{context.event.subject}"
    await call_off(context.session, cause, [ORDER_CONFIRMATION, ORDER_RECEIVED], context.now())
    start: dict[str, Any] = {
        "transaction_key": context.event.subject,
        "payload": {"order_id": context.event.subject, "number": order.number},
        "organization_id": context.organization_id,
        "cause": cause,
    }
    if order.customer_id is not None:
        told = Start(workflow=ORDER_CANCELLED, recipients=[order.customer_id], **start)
        await start_workflow(context.session, told, context.now())
    if order.actor == BY_CUSTOMER:
        staff = await staff_with(context.session, context.organization_id, READ_ORDERS)
        await start_workflow(
            context.session, Start(workflow=ORDER_LOST, recipients=staff, **start), context.now()
        )


async def warn_of_low_stock(context: EventContext, stock: Low) -> None:
    """Warns those who may see the stock; each crossing is an event of its own, so its id is the key."""
    start = Start(
        workflow=STOCK_LOW,
        transaction_key=str(context.event.id),
        recipients=await staff_with(context.session, context.organization_id, READ_STOCK),
        payload={
            "variant_id": context.event.subject,
            "available": stock.available,
            "threshold": stock.threshold,
        },
        organization_id=context.organization_id,
        cause=f"variant:{context.event.subject}",
    )
    await start_workflow(context.session, start, context.now())


async def warn_of_new_device(context: EventContext, login: LoggedIn) -> None:
    """Warns a user of a log-in from a device they had not used before."""
    if not login.new_device:
        return
    start = Start(
        workflow=NEW_LOGIN,
        transaction_key=str(login.session_id),
        recipients=[UUID(context.event.subject)],
        payload={"session_id": str(login.session_id), "at": context.event.time.isoformat()},
    )
    await start_workflow(context.session, start, context.now())


async def warn_of_reuse(context: EventContext, reuse: Reused) -> None:
    """Warns a user whose session was ended because a used refresh token came back."""
    start = Start(
        workflow=REFRESH_TOKEN_REUSED,
        transaction_key=str(reuse.session_id),
        recipients=[UUID(context.event.subject)],
        payload={"session_id": str(reuse.session_id), "at": context.event.time.isoformat()},
    )
    await start_workflow(context.session, start, context.now())


async def write_verification(context: EventContext, letter: LetterWanted) -> None:
    """Has the letter sent that proves an address."""
    await _request_letter(context, "email_verification", letter, letter.name)


async def write_password_reset(context: EventContext, letter: LetterWanted) -> None:
    """Has the letter sent by which a new password is chosen."""
    await _request_letter(context, "password_reset", letter, letter.name)


async def write_email_change(context: EventContext, letter: EmailChangeWanted) -> None:
    """Has the letter sent to one side of a change of address."""
    kind = "email_change_old" if letter.side == "old" else "email_change_new"
    await _request_letter(context, kind, letter, letter.name, new_email=letter.new_email)


async def write_invitation(context: EventContext, letter: Invited) -> None:
    """Has the letter sent that invites into an organization."""
    await _request_letter(
        context,
        "invitation",
        letter,
        "",
        organization_name=letter.organization_name,
        inviter_name=letter.inviter_name,
    )


async def _request_letter(
    context: EventContext, kind: str, letter: LetterWanted | Invited, name: str, **variables: str
) -> None:
    """Leaves the job behind; what it is handed holds the token sealed, as the event does."""
    event = context.event
    given = {
        "id": str(event.id),
        "kind": kind,
        "email": letter.email,
        "name": name,
        "locale": letter.locale,
        "sealed_token": letter.sealed_token,
        "expires_at": letter.expires_at.isoformat(),
        "written_at": event.time.isoformat(),
        "variables": variables,
    }
    await request_job(
        context.session, SEND_ACCOUNT_LETTER, given, now=context.now(), key=f"letter:{event.id}"
    )


async def _learn_place(context: EventContext, role: str | None, permissions: tuple[str, ...]) -> None:
    organization_id, as_of = _tenant(context), context.event.time
    if role is not None:
        await learn_role(context.session, organization_id, role, permissions, as_of)
    await learn_member(context.session, organization_id, UUID(context.event.subject), role, as_of)


def _tenant(context: EventContext) -> UUID:
    assert context.organization_id is not None, "events about members and roles belong to an organization"
    return context.organization_id


def _locale_of(text: str) -> Locale:
    return Locale(text) if text in {each.value for each in Locale} else Locale.FR


CONSUMERS = (
    Consumer("welcome", on="user.registered", reads=Registered, handle=welcome),
    Consumer("email_changed", on="user.email_changed", reads=EmailChanged, handle=change_email),
    Consumer("user_deleted", on="user.deleted", reads=Deleted, handle=forget),
    Consumer("owner", on="organization.created", reads=Created, handle=add_owner),
    Consumer("member_added", on="member.added", reads=Joined, handle=add_member),
    Consumer("member_role_set", on="member.role_set", reads=RoleSet, handle=set_role),
    Consumer("member_removed", on="member.removed", reads=Removed, handle=remove_member),
    Consumer("role_upserted", on="role.upserted", reads=RoleUpserted, handle=change_role),
    Consumer(
        "email_verification",
        on="user.email_verification_requested",
        reads=LetterWanted,
        handle=write_verification,
    ),
    Consumer(
        "password_reset", on="user.password_reset_requested", reads=LetterWanted, handle=write_password_reset
    ),
    Consumer(
        "email_change", on="user.email_change_requested", reads=EmailChangeWanted, handle=write_email_change
    ),
    Consumer("invitation", on="invitation.created", reads=Invited, handle=write_invitation),
    Consumer("order_placed", on="order.placed", reads=Placed, handle=confirm_order),
    Consumer("order_cancelled", on="order.cancelled", reads=Cancelled, handle=cancel_order),
    Consumer("low_stock", on="stock.low", reads=Low, handle=warn_of_low_stock),
    Consumer("new_login", on="user.logged_in", reads=LoggedIn, handle=warn_of_new_device),
    Consumer("refresh_reuse", on="user.refresh_token_reused", reads=Reused, handle=warn_of_reuse),
)
