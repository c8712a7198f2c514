"""A mail server on loopback that keeps what it is sent, and can be told to refuse or to fall silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

ACCEPTED = "250 OK"


class MailServer:
    """Its handlers are those of aiosmtpd; `rcpt_reply` and `data_reply` are what it answers."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.rcpt_reply = ACCEPTED
        self.data_reply = ACCEPTED
        self.closes_after_data = False
        self.on_data: Callable[[Envelope], None] | None = None
        self.connections = 0
        self.logins: list[tuple[bytes, bytes]] = []
        self.port = 0

    @property
    def url(self) -> str:
        """What SMTP_URL is set to."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name and arguments
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_reply == ACCEPTED:
            envelope.rcpt_tos.append(address)
        return self.rcpt_reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        if self.data_reply == ACCEPTED:
            self.received.append(message_from_bytes(content, policy=policy.default))  # pyright: ignore[reportArgumentType]
            self.recipients += envelope.rcpt_tos
        if self.on_data is not None:
            self.on_data(envelope)
        if self.closes_after_data:
            transport: Any = server.transport
            transport.abort()
        return self.data_reply

    def check_login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, credentials: Any
    ) -> AuthResult:
        assert isinstance(credentials, LoginPassword)
        self.logins.append((credentials.login, credentials.password))
        return AuthResult(success=credentials.password == b"right", handled=False)

    def open_connection(self) -> SMTP:
        """Returns the protocol of one more connection."""
        self.connections += 1
        return SMTP(
            self,
            hostname="mail.test",
            enable_SMTPUTF8=True,
            authenticator=self.check_login,
            auth_require_tls=False,
        )


@asynccontextmanager
async def running_mail_server() -> AsyncIterator[MailServer]:
    """Yields a server on a port of its own."""
    mail = MailServer()
    server = await asyncio.get_running_loop().create_server(mail.open_connection, "127.0.0.1", 0)
    mail.port = server.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        server.close()
        await server.wait_closed()
