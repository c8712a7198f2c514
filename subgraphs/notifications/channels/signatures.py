"""Signatures of webhooks, as Standard Webhooks has them: of what we post and of the receipts posted to us.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

TOLERANCE = timedelta(minutes=5)
SECRET_BYTES_MIN = 24
ID_LENGTH_MAX = 200
SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
_VERSION = "v1"


class BadSecretError(ValueError):
    """The secret is not `whsec_` and the base64 of 24 bytes or more."""


class BadSignatureError(Exception):
    """The request was not signed with the secret, or too long ago, or for later."""


def read_secret(text: str) -> bytes:
    """Returns the key of a `whsec_...` secret; raises BadSecretError, which does not show it."""
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise BadSecretError("A webhook secret is `whsec_` and base64") from None
    if len(key) < SECRET_BYTES_MIN:
        raise BadSecretError(f"A webhook secret has at least {SECRET_BYTES_MIN} bytes")
    return key


def sign(key: bytes, webhook_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """Returns the three headers."""
    timestamp = str(int(now.timestamp()))
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"{_VERSION},{_signature(key, webhook_id, timestamp, body)}",
    }


def verify(keys: Sequence[bytes], headers: Mapping[str, str], now: datetime, body: bytes) -> str:
    """Returns the id of a webhook that one of the keys has signed; raises BadSignatureError.

    Several keys, because a secret is changed while requests signed by the old one are still on their way.
    """
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    is_time = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    if not is_time or not 0 < len(webhook_id) <= ID_LENGTH_MAX:
        raise BadSignatureError("The headers webhook-id and webhook-timestamp are missing or malformed")
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise BadSignatureError("The timestamp is too far from now")
    given = [
        value
        for version, _, value in (
            part.partition(",") for part in headers.get("webhook-signature", "").split()
        )
        if version == _VERSION
    ]
    for key in keys:
        expected = _signature(key, webhook_id, timestamp, body).encode()
        if any(hmac.compare_digest(expected, value.encode()) for value in given):
            return webhook_id
    raise BadSignatureError("No signature fits")


def _signature(key: bytes, webhook_id: str, timestamp: str, body: bytes) -> str:
    signed = b".".join((webhook_id.encode(), timestamp.encode(), body))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
