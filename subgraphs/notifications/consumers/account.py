"""What users are told of their own account: a welcome, and what concerns its security."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from subgraphs.kit.events.consumer import Consumer, EventContext
from subgraphs.notifications.consumers.locales import locale_of
from subgraphs.notifications.service.people import learn_contact
from subgraphs.notifications.service.workflows.catalogue import (
    NEW_LOGIN,
    PASSWORD_CHANGED,
    REFRESH_TOKEN_REUSED,
    REGISTRATION_REPEATED,
    WELCOME,
)
from subgraphs.notifications.service.workflows.start_workflow import Start, start_workflow


@dataclass(frozen=True, slots=True)
class Registered:
    """What is read of `user.registered`."""

    email: str
    name: str
    locale: str


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """What is read of `user.logged_in`."""

    session_id: UUID
    new_device: bool = False


@dataclass(frozen=True, slots=True)
class Reused:
    """What is read of `user.refresh_token_reused`."""

    session_id: UUID


async def welcome(context: EventContext, user: Registered) -> None:
    """Learns how the user is reached, and greets them."""
    event, user_id = context.event, UUID(context.event.subject)
    locale = locale_of(user.locale)
    await learn_contact(context.session, user_id, event.time, name=user.name, email=user.email, locale=locale)
    start = Start(
        workflow=WELCOME,
        transaction_key=event.subject,
        recipients=[user_id],
        locale=locale,
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


@dataclass(frozen=True, slots=True)
class Happened:
    """What is read of an event of which the moment is all that is told."""


async def tell_of_repetition(context: EventContext, _: Happened) -> None:
    """Tells a user that somebody signed up with their address; once a day, however often somebody tries."""
    event = context.event
    start = Start(
        workflow=REGISTRATION_REPEATED,
        transaction_key=f"{event.subject}:{event.time.date()}",
        recipients=[UUID(event.subject)],
        payload={"at": event.time.isoformat()},
    )
    await start_workflow(context.session, start, context.now())


async def tell_of_password(context: EventContext, _: Happened) -> None:
    """Tells a user that their password has changed."""
    event = context.event
    start = Start(
        workflow=PASSWORD_CHANGED,
        transaction_key=str(event.id),
        recipients=[UUID(event.subject)],
        payload={"at": event.time.isoformat()},
    )
    await start_workflow(context.session, start, context.now())


ACCOUNT = (
    Consumer("welcome", on="user.registered", reads=Registered, handle=welcome),
    Consumer("new_login", on="user.logged_in", reads=LoggedIn, handle=warn_of_new_device),
    Consumer("refresh_reuse", on="user.refresh_token_reused", reads=Reused, handle=warn_of_reuse),
    Consumer(
        "registration_repeated",
        on="user.registration_repeated",
        reads=Happened,
        handle=tell_of_repetition,
    ),
    Consumer("password_changed", on="user.password_changed", reads=Happened, handle=tell_of_password),
)
