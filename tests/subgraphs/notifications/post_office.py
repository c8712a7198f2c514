"""Delivery under test: the subgraph beside a real mail server, and gateways when a test wants some.

async with running_post_office(sms=[gateway]) as post:
    bilal = await post.people.registered("Bilal")
    assert await post.deliver() == 1
    assert await post.states() == [("EMAIL", "SENT", None)]
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from subgraphs.kit.locales import Locale
from subgraphs.notifications.app import create_app
from subgraphs.notifications.channels.settings import DeliverySettings
from subgraphs.notifications.service.delivery.deliver import DeliveryWorker
from subgraphs.notifications.service.delivery.port import Delivery
from subgraphs.notifications.service.people import learn_contact
from tests.subgraphs.notifications.gateway import SECRET, GatewayServer
from tests.subgraphs.notifications.happenings import Happenings, user_of
from tests.subgraphs.notifications.mail_server import MailServer, running_mail_server
from tests.support.subgraph import Caller, MovableClock, running_subgraph

GENEROUS = {"user_burst": 10_000, "organization_burst": 10_000, "channel_burst": 10_000}
SENDER = "Zellige <no-reply@zellige.example>"


class StillClock(MovableClock):
    """Stands at ten past the hour until it is moved: no digest's window ends while a test fills it."""

    def __init__(self) -> None:
        super().__init__()
        # Never in the future, where a process with a clock of its own would wait for it.
        self._start = (datetime.now(UTC) - timedelta(minutes=10)).replace(minute=10, second=0, microsecond=0)

    def now(self) -> datetime:
        """Returns the moment it stands at."""
        return self._start + self.offset


class PostOffice:
    """The running domain, its worker and the mail server."""

    def __init__(self, people: Happenings, mail: MailServer) -> None:
        self.people = people
        self.mail = mail
        self.app = people.running.app

    def worker(self) -> DeliveryWorker:
        """Returns one more worker."""
        return DeliveryWorker(self.app.database, self.app.clock, self.app.port(Delivery))

    async def deliver(self, **later: float) -> int:
        """Moves the clock on, closes digests and delivers what is due; returns how many were claimed."""
        self.people.clock.advance(**later)
        await self.worker().close_digests()
        return await self.worker().run(60.0)

    async def states(self, *channels: str) -> list[tuple[Any, ...]]:
        """Returns channel, state and error of the channels' messages, mail unless told, as they were made.

        Those that wait for a digest are left out.
        """
        return await self.people.rows(
            "SELECT m.channel, m.state, m.last_error FROM messages m"
            " JOIN message_transitions t ON t.message_id = m.id AND t.state_before IS NULL"
            " WHERE m.channel = ANY(:channels) AND m.digest_id IS NULL ORDER BY t.sequence",
            channels=list(channels or ("EMAIL",)),
        )

    async def moved(self, user: Caller, email: str, locale: Locale = Locale.FR) -> None:
        """Tells a new address of the user."""
        async with self.app.database.transaction() as session:
            await learn_contact(
                session, user_of(user), self.people.now(), name="Bilal", email=email, locale=locale
            )

    async def write(self, statement: str, **values: Any) -> None:
        """Changes the database by hand, where another domain or a person would."""
        await self.people.rows(statement + " RETURNING 1", **values)


def delivery_settings(mail: MailServer, **changes: Any) -> DeliverySettings:
    """Returns settings that send to the mail server and permit gateways on loopback."""
    values: dict[str, Any] = {
        "smtp_url": mail.url,
        "mail_from": SENDER,
        "webhook_hosts_permitted": frozenset({"127.0.0.1"}),
        "webhook_secrets": {"theirs": SECRET},
        "rate_limits": GENEROUS,
        "smtp_timeout_s": 60.0,
        "webhook_timeout_s": 60.0,
    }
    return DeliverySettings(**{**values, **changes})


@asynccontextmanager
async def running_post_office(
    sms: Sequence[GatewayServer] = (), push: Sequence[GatewayServer] = (), **changes: Any
) -> AsyncIterator[PostOffice]:
    """Yields delivery on a fresh database; `changes` are settings of delivery."""
    clock = StillClock()
    async with running_mail_server() as mail:
        gateways = {
            "sms_gateways": [each.setting(f"sms-{index}") for index, each in enumerate(sms)],
            "push_gateways": [each.setting(f"push-{index}") for index, each in enumerate(push)],
        }
        settings = delivery_settings(mail, **gateways, **changes)
        kit = {"public_url": "https://zellige.example"}
        async with running_subgraph(
            "notifications", create_app, settings=kit, clock=clock, delivery=settings
        ) as running:
            yield PostOffice(Happenings(running, clock), mail)
