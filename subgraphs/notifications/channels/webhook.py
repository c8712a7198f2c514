"""Letters posted to a webhook: how SMS and push gateways, and one's own, are reached.

The request is signed as Standard Webhooks asks; `webhook-id` is the letter's id, the same at every try, and
is also sent as `Idempotency-Key`. What the answer's status means:

- 2xx: accepted; `{"id": "..."}` in the body is the gateway's own id, by which receipts find the message.
- 404 and 410 with `{"error": "address_unknown"}`, or 422 with it: the address takes nothing.
- 429: not now; `Retry-After` is kept to.
- any other 4xx: a definite no. 3xx too: redirects are not followed.
- 5xx, and no answer after the request went out: unclear.
"""

from __future__ import annotations

import email.utils
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from subgraphs.kit.clock import Clock
from subgraphs.kit.http_client import HttpAnswer, HttpCallError, HttpUnreachableError, call_http
from subgraphs.notifications.channels.guarded_connection import AddressGuard
from subgraphs.notifications.channels.letter import Letter, Outcome, Verdict
from subgraphs.notifications.channels.signatures import sign
from subgraphs.notifications.channels.sms_segments import measure_sms
from subgraphs.notifications.states import Channel

ADDRESS_UNKNOWN = "address_unknown"
RETRY_AFTER_S_MAX = 86_400.0
PROVIDER_ID_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Where letters of one gateway go, and the key they are signed with."""

    name: str
    url: str
    key: bytes
    timeout_s: float = 10.0


class WebhookProvider:
    """Posts each letter as JSON."""

    def __init__(self, endpoint: WebhookEndpoint, guard: AddressGuard, clock: Clock) -> None:
        self._endpoint = endpoint
        self._guard = guard
        self._clock = clock

    @property
    def name(self) -> str:
        """What it is called in the settings."""
        return self._endpoint.name

    async def send(self, letter: Letter) -> Outcome:
        """Posts the letter and reads the answer's class."""
        endpoint = self._endpoint
        if self._guard.problem_of(endpoint.url) is not None:
            return Outcome(Verdict.REFUSED, "URL_FORBIDDEN")
        body = orjson.dumps(_content_of(letter))
        now = self._clock.now()
        headers = {
            "content-type": "application/json",
            "user-agent": "Zellige",
            "idempotency-key": str(letter.id),
            **sign(endpoint.key, str(letter.id), now, body),
        }
        try:
            answer = await call_http(
                "POST",
                endpoint.url,
                timeout_s=endpoint.timeout_s,
                headers=headers,
                body=body,
                connect=self._guard.connect,
            )
        except HttpUnreachableError:
            return Outcome(Verdict.BUSY, "UNREACHABLE")
        except HttpCallError:
            return Outcome(Verdict.UNCLEAR, "NO_ANSWER")
        return _read(answer, now)

    async def close(self) -> None:
        """Holds nothing open: each letter has a connection of its own."""


def _content_of(letter: Letter) -> dict[str, Any]:
    content: dict[str, Any] = {
        "id": str(letter.id),
        "channel": letter.channel.value,
        "to": letter.address,
        "title": letter.subject,
        "text": letter.text,
        "locale": letter.locale.value,
        "topic": letter.topic.value,
        "organizationId": str(letter.organization_id) if letter.organization_id is not None else None,
    }
    if letter.channel is Channel.EMAIL:
        content |= {"html": letter.html, "unsubscribeUrl": letter.unsubscribe_url}
    if letter.channel is Channel.SMS:
        size = measure_sms(letter.text)
        content |= {"encoding": size.encoding, "segments": size.segments}
    return content


def _read(answer: HttpAnswer, now: datetime) -> Outcome:
    status, code = answer.status, f"HTTP_{answer.status}"
    if 200 <= status < 300:
        return Outcome(Verdict.ACCEPTED, provider_message_id=_text_in(answer.body, "id"))
    if status == 429:
        return Outcome(Verdict.BUSY, code, retry_after_s=read_retry_after(answer.headers, now))
    if status >= 500:
        return Outcome(Verdict.UNCLEAR, code, retry_after_s=read_retry_after(answer.headers, now))
    if status in {404, 410, 422} and _text_in(answer.body, "error") == ADDRESS_UNKNOWN:
        return Outcome(Verdict.ADDRESS_REFUSED, "ADDRESS_UNKNOWN")
    return Outcome(Verdict.REFUSED, code)


def read_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Returns the seconds of a `Retry-After`, a number or a date (RFC 9110, 10.2.3), at most a day."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), RETRY_AFTER_S_MAX)
    try:
        until = email.utils.parsedate_to_datetime(text)
        seconds = (until - now).total_seconds()
    except (ValueError, TypeError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_S_MAX)


def _text_in(body: bytes, name: str) -> str | None:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    text = content.get(name) if isinstance(content, dict) else None
    return text[:PROVIDER_ID_LENGTH_MAX] if isinstance(text, str) and text else None
