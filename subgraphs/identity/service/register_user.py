"""Signing up, alone or with a new organization.

A known e-mail gets the same answer after the same time as a new one, and its owner's event instead of a
user: whether somebody has an account is not for strangers to learn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from subgraphs.identity.events import RegistrationRepeated, UserRegistered
from subgraphs.identity.model.user_queries import find_user_by_email, insert_user
from subgraphs.identity.service.create_organization import check_organization_name, create_organization
from subgraphs.identity.service.emails import check_email, normalize_email
from subgraphs.identity.service.passwords import PasswordHashing, check_password
from subgraphs.kit.database import Database
from subgraphs.kit.errors import InvalidInput, check_all
from subgraphs.kit.events.outbox import record_event
from subgraphs.kit.ids import new_id
from subgraphs.kit.jobs.request import request_job
from subgraphs.kit.locales import Locale

NAME_LENGTH_MAX = 200
SEND_VERIFICATION_LETTER = "send_verification_letter"
"""The job that `jobs.py` declares."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What a person gives to sign up."""

    email: str
    password: str
    name: str
    locale: Locale
    organization_name: str | None = None


async def register_user(
    database: Database, hashing: PasswordHashing, given: Registration, now: datetime
) -> None:
    """Makes the user, and the organization they own when one is named; says nothing about a known e-mail."""
    email_normalized = _check(given)
    password_hash = await hashing.hash(given.password)
    values = {
        "id": new_id(),
        "email": given.email.strip(),
        "email_normalized": email_normalized,
        "name": given.name.strip(),
        "locale": given.locale.value,
        "password_hash": password_hash,
    }
    async with database.transaction() as session:
        user = await insert_user(session, values)
        if user is None:
            known = await find_user_by_email(session, email_normalized)
            assert known is not None, "the insert met this very e-mail, and rows of users are not deleted"
            await record_event(session, RegistrationRepeated(subject=str(known.id), occurred_at=now))
            return
        registered = UserRegistered(
            subject=str(user.id), occurred_at=now, email=user.email, name=user.name, locale=user.locale
        )
        await record_event(session, registered)
        await request_job(session, SEND_VERIFICATION_LETTER, str(user.id), now=now)
        if given.organization_name is not None:
            await create_organization(session, user.id, given.organization_name, now)


def _check(given: Registration) -> str:
    """Returns the normalised e-mail, or raises everything wrong with the form at once."""
    email_normalized = normalize_email(given.email)
    checks: list[Callable[[], object]] = [
        partial(check_email, given.email),
        partial(check_password, given.password, email_normalized, given.name),
        partial(_check_name, given.name),
    ]
    if given.organization_name is not None:
        checks.append(partial(check_organization_name, given.organization_name))
    check_all(*checks)
    return email_normalized


def _check_name(name: str) -> None:
    if not 0 < len(name.strip()) <= NAME_LENGTH_MAX:
        raise InvalidInput(f"A name has 1 to {NAME_LENGTH_MAX} characters", field=["input", "name"])
