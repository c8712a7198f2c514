"""Letters with the way into an account: to the address that was named, once each, the token nowhere else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import text

from subgraphs.identity.events import EmailChangeRequested, InvitationCreated, PasswordResetRequested
from subgraphs.kit.events.event import Event
from subgraphs.kit.ids import new_id
from subgraphs.kit.jobs.declaration import JobContext
from subgraphs.kit.sealing import event_sealing
from subgraphs.notifications.app import create_app
from subgraphs.notifications.channels.settings import DeliverySettings
from subgraphs.notifications.jobs import JOBS
from subgraphs.notifications.service.account_letters import KINDS, LetterNotTakenError
from tests.subgraphs.notifications.happenings import Happenings
from tests.subgraphs.notifications.mail_server import MailServer, running_mail_server
from tests.support.subgraph import MovableClock, running_subgraph

TOKEN = "q0hVn3-the-secret-of-the-link"
_RUN = {job.name: job.run for job in JOBS}


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with running_mail_server() as running:
        yield running


@pytest.fixture
async def office(server: MailServer) -> AsyncIterator[Happenings]:
    clock = MovableClock()
    delivery = DeliverySettings(smtp_url=server.url)  # type: ignore[arg-type]
    settings = {"public_url": "https://shop.example"}
    async with running_subgraph(
        "notifications", create_app, settings=settings, clock=clock, delivery=delivery
    ) as running:
        yield Happenings(running, clock)


async def requested_jobs(office: Happenings) -> list[dict[str, Any]]:
    query = text("SELECT payload FROM outbox_events WHERE type = 'job.requested' ORDER BY sequence")
    async with office.running.app.database.engine.connect() as connection:
        return [row.payload for row in await connection.execute(query)]


async def send_all(office: Happenings) -> None:
    for payload in await requested_jobs(office):
        context = JobContext(office.running.app, payload["key"], 1)
        await _RUN[payload["name"]](context, *payload["arguments"])


def common(office: Happenings, sealed_for: str, locale: str = "fr") -> dict[str, Any]:
    return {
        "subject": str(new_id()),
        "occurred_at": office.now(),
        "email": "amina@example.dz",
        "locale": locale,
        "sealed_token": event_sealing(office.running.settings).seal(TOKEN, sealed_for),
        "expires_at": office.now() + timedelta(hours=1),
    }


def body(mail: Any, kind: str = "plain") -> str:
    return mail.get_body((kind,)).get_content()


async def test_a_reset_letter_brings_the_link_to_the_address_and_keeps_the_token_sealed(
    office: Happenings, server: MailServer
) -> None:
    event = PasswordResetRequested(name="Amina", **common(office, "password_reset"))
    await office.told(event)
    await office.told(event)
    (job,) = await requested_jobs(office)
    assert TOKEN not in str(job)
    await send_all(office)
    (mail,) = server.received
    assert (mail["To"], mail["Subject"]) == ("amina@example.dz", "Choisissez un nouveau mot de passe")
    (link,) = re.findall(r"https://\S+", body(mail))
    assert link == f"https://shop.example/account/reset-password#token={TOKEN}"
    assert f'href="{link}"' in body(mail, "html")
    assert "Bonjour Amina," in body(mail)
    # A second try is the same letter.
    await send_all(office)
    assert server.received[1]["Message-ID"] == mail["Message-ID"]


@pytest.mark.parametrize("locale", ["ar", "fr", "en", "xx"])
async def test_every_letter_is_written_in_every_language(
    office: Happenings, server: MailServer, locale: str
) -> None:
    change = {"name": "Amina", "new_email": "new@example.dz"}
    invitation = {"organization_name": "El <Bahia>", "inviter_name": "Karim", "role": "staff"}
    events: list[Event] = [
        EmailChangeRequested(side="old", **change, **common(office, "email_change", locale)),
        EmailChangeRequested(side="new", **change, **common(office, "email_change", locale)),
        InvitationCreated(**invitation, **common(office, "invitation", locale)),
    ]
    for event in events:
        await office.told(event)
    await send_all(office)
    assert len(server.received) == 3
    for mail in server.received:
        assert mail["Content-Language"] == ("fr" if locale == "xx" else locale)
        assert TOKEN in unquote(body(mail))
        assert ('dir="rtl"' in body(mail, "html")) is (locale == "ar")
    assert "new@example.dz" in body(server.received[0])
    assert "El <Bahia>" in server.received[2]["Subject"]
    assert "El &lt;Bahia&gt;" in body(server.received[2], "html")


async def test_a_letter_nobody_takes_now_is_tried_again_and_a_refused_address_is_not(
    office: Happenings, server: MailServer
) -> None:
    await office.told(PasswordResetRequested(name="Amina", **common(office, "password_reset")))
    server.data_reply = "451 later"
    with pytest.raises(LetterNotTakenError):
        await send_all(office)
    server.data_reply, server.rcpt_reply = "250 OK", "550 no such user"
    await send_all(office)
    assert server.received == []


def test_each_kind_has_its_texts() -> None:
    assert sorted(KINDS) == [
        "email_change_new",
        "email_change_old",
        "email_verification",
        "invitation",
        "password_reset",
    ]
