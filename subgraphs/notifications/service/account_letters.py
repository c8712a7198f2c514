"""Letters that carry the way into an account: their link is secret, and they go to an address, not to a user.

They are no notifications: no inbox shows them, no preference stops them, no digest gathers them, and what is
kept of one is the event that asked for it, with its token sealed. Texts stand in `account_letters/<key>/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from subgraphs.kit.locales import Locale
from subgraphs.kit.sealing import event_sealing
from subgraphs.kit.settings import KitSettings
from subgraphs.notifications.channels.hand_over import hand_over
from subgraphs.notifications.channels.letter import Letter, Verdict
from subgraphs.notifications.service.delivery.port import Delivery
from subgraphs.notifications.service.templates.layout import lay_out
from subgraphs.notifications.service.templates.written import Reader, TemplateText, write_text
from subgraphs.notifications.states import Channel, Topic

FOLDER = Path(__file__).parents[1] / "account_letters"
ZONE = ZoneInfo("Africa/Algiers")
SEND_ACCOUNT_LETTER = "send_account_letter"
"""The job that `jobs.py` declares."""


class LetterNotTakenError(Exception):
    """No provider took the letter for now; the job is tried again."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of letter: what its token is sealed for, and the page its link opens."""

    key: str
    sealed_for: str
    page: str


KINDS: Mapping[str, Kind] = {
    each.key: each
    for each in (
        Kind("email_verification", "email_verification", "account/verify-email"),
        Kind("password_reset", "password_reset", "account/reset-password"),
        Kind("email_change_old", "email_change", "account/change-email"),
        Kind("email_change_new", "email_change", "account/change-email"),
        Kind("invitation", "invitation", "account/accept-invitation"),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLetter:
    """What a letter is made of; `id` is the event's, so that a repetition is the same letter."""

    id: UUID
    kind: str
    email: str
    name: str
    locale: str
    sealed_token: str
    expires_at: datetime
    written_at: datetime
    variables: Mapping[str, str] = field(default_factory=dict)


async def send_account_letter(settings: KitSettings, delivery: Delivery, given: AccountLetter) -> bool:
    """Returns whether the letter was taken; raises LetterNotTakenError when it may be later.

    A refused address is not tried again: whoever mistyped theirs asks anew.
    """
    letter = _write(settings, given)

    async def announce(_: str) -> bool:
        return True

    handed = await hand_over(letter, delivery.providers.of(Channel.EMAIL), None, announce)
    if handed.outcome.verdict in {Verdict.BUSY, Verdict.UNCLEAR}:
        raise LetterNotTakenError(handed.outcome.code)
    return handed.outcome.verdict is Verdict.ACCEPTED


def _write(settings: KitSettings, given: AccountLetter) -> Letter:
    kind = KINDS[given.kind]
    token = event_sealing(settings).open(given.sealed_token, kind.sealed_for)
    # Behind the `#`: a fragment is sent to no server and stands in no log on the way.
    link = f"{settings.public_url.rstrip('/')}/{kind.page}#{urlencode({'token': token})}"
    locale = Locale(given.locale) if given.locale in {each.value for each in Locale} else Locale.FR
    variables: dict[str, Any] = {**given.variables, "link": link, "until": given.expires_at.isoformat()}
    written = write_text(
        Channel.EMAIL, _texts()[kind.key, locale], variables, Reader(locale, ZONE, given.name)
    )
    text, html = lay_out(written, locale, None)
    return Letter(
        id=given.id,
        channel=Channel.EMAIL,
        address=given.email,
        subject=written.subject,
        text=text,
        html=html,
        locale=locale,
        topic=Topic.SECURITY,
        written_at=given.written_at,
    )


@cache
def _texts() -> Mapping[tuple[str, Locale], TemplateText]:
    return {(key, locale): _read(FOLDER / key, locale) for key in KINDS for locale in Locale}


def _read(folder: Path, locale: Locale) -> TemplateText:
    subject, body, html = (
        (folder / f"{locale.value}.{part}").read_text(encoding="utf-8").strip()
        for part in ("subject", "txt", "html")
    )
    return TemplateText(body, subject, html)
