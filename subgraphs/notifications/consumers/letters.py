"""The letters that open accounts, as identity asks for them; what is handed on holds the token sealed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from subgraphs.kit.events.consumer import Consumer, EventContext
from subgraphs.kit.jobs.request import request_job
from subgraphs.notifications.service.account_letters import SEND_ACCOUNT_LETTER


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


LETTERS = (
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
)
