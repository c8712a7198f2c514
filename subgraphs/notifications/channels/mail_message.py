"""A letter as an Internet message: headers, a plain part, and an HTML part.

Everything in it is decided by the letter, so that every try sends the same bytes: the `Message-ID` is made of
its id, the boundary too.
"""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Any

from subgraphs.notifications.channels.letter import Letter


class _Policy(EmailPolicy):
    """Leaves a long link in one piece: folding would encode it, and mail programs look for it as it is."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name == "List-Unsubscribe":
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


class BadAddressError(ValueError):
    """The address is not one a mail can go to; the message does not show it."""


def write_mail(letter: Letter, sender: str) -> EmailMessage:
    """Returns the message; raises BadAddressError. `sender` is `Name <name@host>`."""
    # Raw UTF-8 headers are for the few servers and addresses that ask for them (RFC 6531).
    policy = _Policy(linesep=SMTP.linesep, utf8=not letter.address.isascii())
    mail = EmailMessage(policy=policy)
    mail["From"] = _read_address(sender)
    mail["To"] = _read_address(letter.address)
    mail["Subject"] = " ".join(letter.subject.split())
    mail["Date"] = format_datetime(letter.written_at)
    mail["Message-ID"] = f"<{letter.id}@{_read_address(sender).domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Zellige-Topic"] = letter.topic.value
    if letter.unsubscribe_url is not None:
        # RFC 8058: the mail program posts this by itself when its reader asks it to.
        mail["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(letter.text)
    if letter.html is not None:
        mail.add_alternative(letter.html, subtype="html")
        mail.set_boundary(f"=_{letter.id.hex}")
    # Last, because setting the content clears what is said about it.
    mail["Content-Language"] = letter.locale.value
    return mail


def address_of(text: str) -> str:
    """Returns the bare address, its domain in ASCII; raises BadAddressError."""
    address = _read_address(text)
    return f"{address.username}@{address.domain}"


def _read_address(text: str) -> Address:
    name, address = parseaddr(text)
    user, at, domain = address.rpartition("@")
    if not at or not user or not domain or " " in address or any(ord(each) < 32 for each in text):
        raise BadAddressError("It is not an e-mail address")
    try:
        return Address(name, user, domain.encode("idna").decode("ascii"))
    except (ValueError, UnicodeError):
        raise BadAddressError("It is not an e-mail address") from None
