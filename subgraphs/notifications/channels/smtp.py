"""Mail by SMTP.

The stages of a transaction decide what is known when it breaks: before the text is sent nothing was accepted;
once it was sent and no answer came it may have been, and the same message goes out again later under the same
`Message-ID`. Connections are kept for the next letters of a batch.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from contextlib import suppress

import structlog
from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from subgraphs.notifications.channels.letter import Letter, Outcome, Verdict
from subgraphs.notifications.channels.mail_message import BadAddressError, address_of, write_mail
from subgraphs.notifications.channels.smtp_address import SmtpAddress, StartTls

IDLE_CONNECTIONS_MAX = 8
IDLE_S_MAX = 20.0
# RFC 3463: X.1.N is about the address; without such a code these replies mean it (RFC 5321, 4.2.3).
_ENHANCED = re.compile(r"^\s*(\d)\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS_REPLIES = frozenset({550, 551, 553})

log = structlog.get_logger(__name__)


class UnencryptedLoginError(Exception):
    """The server wants no encryption, and the settings hold a password."""


class SmtpProvider:
    """One mail server."""

    name = "smtp"

    def __init__(self, address: SmtpAddress, sender: str, timeout_s: float = 30.0) -> None:
        self._address = address
        self._sender = sender
        self._timeout_s = timeout_s
        self._idle: deque[tuple[float, SMTP]] = deque()

    async def send(self, letter: Letter) -> Outcome:
        """Hands the letter to the server, within `timeout_s` for each step."""
        try:
            content = write_mail(letter, self._sender).as_bytes()
            recipient = address_of(letter.address)
        except BadAddressError:
            return Outcome(Verdict.ADDRESS_REFUSED, "ADDRESS_MALFORMED")
        try:
            client = await self._connected()
        except SMTPAuthenticationError:
            return Outcome(Verdict.BUSY, "SMTP_LOGIN_REFUSED")
        except UnencryptedLoginError:
            return Outcome(Verdict.BUSY, "SMTP_NOT_ENCRYPTED")
        except (SMTPException, OSError, TimeoutError):
            return Outcome(Verdict.BUSY, "UNREACHABLE")
        outcome = await self._transact(client, recipient, content)
        if client.is_connected and outcome.verdict is not Verdict.UNCLEAR:
            self._keep(client)
        else:
            client.close()
        return outcome

    async def close(self) -> None:
        """Says goodbye on the connections that are kept."""
        while self._idle:
            _, client = self._idle.pop()
            with suppress(SMTPException, OSError, TimeoutError):
                await client.quit(timeout=2.0)
            client.close()

    async def _connected(self) -> SMTP:
        now = asyncio.get_running_loop().time()
        while self._idle:
            kept_at, client = self._idle.pop()
            if now - kept_at < IDLE_S_MAX and await _is_alive(client):
                return client
            client.close()
        address = self._address
        client = SMTP(
            hostname=address.host,
            port=address.port,
            timeout=self._timeout_s,
            use_tls=address.is_tls,
            start_tls={StartTls.ALWAYS: True, StartTls.NEVER: False}.get(address.start_tls),
        )
        await client.connect()
        if address.username is not None and address.password is not None:
            await self._log_in(client, address.username, address.password)
        return client

    async def _log_in(self, client: SMTP, username: str, password: str) -> None:
        encrypted = client.get_transport_info("sslcontext") is not None
        if not encrypted and self._address.start_tls is not StartTls.NEVER:
            client.close()
            raise UnencryptedLoginError
        try:
            await client.login(username, password)
        except BaseException:
            client.close()
            raise

    async def _transact(self, client: SMTP, recipient: str, content: bytes) -> Outcome:
        wide = not recipient.isascii()
        try:
            if wide and not client.supports_extension("smtputf8"):
                return Outcome(Verdict.REFUSED, "SMTPUTF8_NOT_OFFERED")
            options = ["SMTPUTF8"] if wide else []
            await client.mail(address_of(self._sender), options=options, encoding="utf-8")
        except SMTPResponseException as error:
            return await _refused(client, error, concerns_address=False)
        except (SMTPException, OSError, TimeoutError):
            return _broken(client, Verdict.BUSY)
        try:
            await client.rcpt(recipient, encoding="utf-8")
        except SMTPResponseException as error:
            return await _refused(client, error, concerns_address=True)
        except (SMTPException, OSError, TimeoutError):
            return _broken(client, Verdict.BUSY)
        try:
            reply = await client.data(content)
        except SMTPResponseException as error:
            return await _refused(client, error, concerns_address=False)
        except (SMTPException, OSError, TimeoutError):
            return _broken(client, Verdict.UNCLEAR)
        return Outcome(Verdict.ACCEPTED, f"SMTP_{reply.code}")

    def _keep(self, client: SMTP) -> None:
        if len(self._idle) >= IDLE_CONNECTIONS_MAX:
            client.close()
        else:
            self._idle.append((asyncio.get_running_loop().time(), client))


async def _is_alive(client: SMTP) -> bool:
    try:
        await client.rset(timeout=5.0)
    except (SMTPException, OSError, TimeoutError):
        return False
    return client.is_connected


async def _refused(client: SMTP, error: SMTPResponseException, *, concerns_address: bool) -> Outcome:
    with suppress(SMTPException, OSError, TimeoutError):
        await client.rset()
    code = f"SMTP_{error.code}"
    if error.code < 500:
        return Outcome(Verdict.BUSY, code)
    if concerns_address and _is_about_address(error):
        return Outcome(Verdict.ADDRESS_REFUSED, code)
    return Outcome(Verdict.REFUSED, code)


def _is_about_address(error: SMTPResponseException) -> bool:
    enhanced = _ENHANCED.match(error.message)
    if enhanced is None:
        return error.code in _ADDRESS_REPLIES
    return enhanced[2] == "1"


def _broken(client: SMTP, verdict: Verdict) -> Outcome:
    client.close()
    return Outcome(verdict, "SMTP_BROKEN_OFF")
