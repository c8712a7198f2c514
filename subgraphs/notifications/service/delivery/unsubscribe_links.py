"""The link in a mail by which its reader stops messages of its kind, without logging in.

It holds who, which channel, which topic and until when, signed with a key made of the internal secret. It can
be used again and does nothing but switch that one kind off, so who finds it can do no more.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import jwt

from subgraphs.kit.settings import KitSettings
from subgraphs.notifications.channels.settings import DeliverySettings
from subgraphs.notifications.states import Channel, Topic

PATH = "/notifications/unsubscribe"
_AUDIENCE = "unsubscribe"
_PURPOSE = b"zellige unsubscribe links"
SECRET_LENGTH_MIN = 32


class BadLinkError(Exception):
    """The link was not made here, was changed, or is too old."""


@dataclass(frozen=True, slots=True)
class Unsubscription:
    """What a link stops."""

    user_id: UUID
    channel: Channel
    topic: Topic


class UnsubscribeLinks:
    """Makes and reads links."""

    def __init__(self, settings: KitSettings, delivery: DeliverySettings) -> None:
        self._secret = settings.internal_secret
        self._lifetime = timedelta(days=delivery.unsubscribe_days)
        self._base = settings.public_url.rstrip("/")

    def url(self, what: Unsubscription, written_at: datetime) -> str:
        """Returns the link; of one message it is the same at every try."""
        claims = {
            "aud": _AUDIENCE,
            "sub": str(what.user_id),
            "channel": what.channel.value,
            "topic": what.topic.value,
            "exp": int((written_at + self._lifetime).timestamp()),
        }
        return f"{self._base}{PATH}?token={jwt.encode(claims, self._key(), algorithm='HS256')}"

    def read(self, token: str, now: datetime) -> Unsubscription:
        """Returns what the link stops; raises BadLinkError."""
        try:
            claims = jwt.decode(
                token,
                self._key(),
                algorithms=["HS256"],
                audience=_AUDIENCE,
                options={"require": ["exp", "aud", "sub"], "verify_exp": False, "verify_iat": False},
            )
            if claims["exp"] < now.timestamp():
                raise BadLinkError("The link is too old")
            return Unsubscription(UUID(claims["sub"]), Channel(claims["channel"]), Topic(claims["topic"]))
        except (jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
            raise BadLinkError("The link is not one of ours") from error

    def _key(self) -> bytes:
        secret = self._secret
        if secret is None or len(secret) < SECRET_LENGTH_MIN:
            raise RuntimeError(f"ZELLIGE_INTERNAL_SECRET must have at least {SECRET_LENGTH_MIN} characters")
        return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).digest()
