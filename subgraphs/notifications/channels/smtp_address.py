"""What `SMTP_URL` says: `smtp://user:password@host:587?starttls=always` or `smtps://host:465`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import parse_qsl, unquote, urlsplit

_PORTS = {"smtp": 25, "smtps": 465}


class BadSmtpUrlError(ValueError):
    """The URL says nothing a server could be reached by; the message does not show it."""


class StartTls(Enum):
    """Whether a plain connection is turned into an encrypted one."""

    ALWAYS = "always"
    """Or nothing is sent."""
    AUTO = "auto"
    """When the server offers it; a password is not sent without."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """Where mail goes, and how."""

    host: str
    port: int
    is_tls: bool
    start_tls: StartTls
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def read_smtp_url(text: str) -> SmtpAddress:
    """Returns what the URL says; raises BadSmtpUrlError."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadSmtpUrlError("SMTP_URL is not a URL") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise BadSmtpUrlError("SMTP_URL begins with smtp:// or smtps:// and names a host")
    options = dict(parse_qsl(parts.query))
    wanted = options.pop("starttls", StartTls.AUTO.value)
    if options or wanted not in {each.value for each in StartTls}:
        raise BadSmtpUrlError("SMTP_URL takes ?starttls=always, auto or never, and nothing else")
    return SmtpAddress(
        host=parts.hostname,
        port=port or _PORTS[parts.scheme],
        is_tls=parts.scheme == "smtps",
        start_tls=StartTls(wanted),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
    )
