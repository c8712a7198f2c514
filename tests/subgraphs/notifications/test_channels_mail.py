"""Mail goes to a real server on loopback, or into a folder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from subgraphs.kit.clock import SystemClock
from subgraphs.notifications.channels import mail_folder
from subgraphs.notifications.channels.letter import Outcome, Verdict
from subgraphs.notifications.channels.registry import Providers
from subgraphs.notifications.channels.settings import DeliverySettings
from subgraphs.notifications.channels.smtp import SmtpProvider
from subgraphs.notifications.channels.smtp_address import BadSmtpUrlError, StartTls, read_smtp_url
from subgraphs.notifications.states import Channel
from tests.subgraphs.notifications.letters import ARABIC, letter
from tests.subgraphs.notifications.mail_server import MailServer, running_mail_server

SENDER = "Zellige <no-reply@zellige.example>"


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with running_mail_server() as running:
        yield running


@asynccontextmanager
async def provider_of(url: str) -> AsyncIterator[SmtpProvider]:
    provider = SmtpProvider(read_smtp_url(url), SENDER, timeout_s=60.0)
    try:
        yield provider
    finally:
        await provider.close()


async def test_a_mail_arrives_with_both_parts_and_a_one_click_header(server: MailServer) -> None:
    sent = letter()
    async with provider_of(server.url) as provider:
        assert await provider.send(sent) == Outcome(Verdict.ACCEPTED, "SMTP_250")
    (mail,) = server.received
    assert server.recipients == ["bilal@example.dz"]
    assert mail["Subject"] == ARABIC
    assert mail["Message-ID"] == f"<{sent.id}@zellige.example>"
    assert mail["List-Unsubscribe"] == f"<{sent.unsubscribe_url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Content-Language"] == "ar"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().strip() == sent.text
    assert html.get_content().strip() == sent.html


async def test_the_same_letter_is_the_same_bytes_at_every_try(server: MailServer) -> None:
    sent = letter()
    async with provider_of(server.url) as provider:
        await provider.send(sent)
        await provider.send(sent)
    first, second = (mail.as_bytes() for mail in server.received)
    assert first == second
    assert server.connections == 1


async def test_headers_stay_ascii_and_short_words_stay_within_their_length(server: MailServer) -> None:
    async with provider_of(server.url) as provider:
        await provider.send(letter())
    raw = server.received[0].as_bytes()
    head = raw.partition(b"\n\n")[0]
    assert head.isascii()


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("550 5.1.1 No such user", Outcome(Verdict.ADDRESS_REFUSED, "SMTP_550")),
        ("550 No such user", Outcome(Verdict.ADDRESS_REFUSED, "SMTP_550")),
        ("550 5.7.1 You are blocked", Outcome(Verdict.REFUSED, "SMTP_550")),
        ("451 Try again", Outcome(Verdict.BUSY, "SMTP_451")),
    ],
)
async def test_a_refused_recipient_is_told_from_a_refused_sender(
    server: MailServer, reply: str, expected: Outcome
) -> None:
    server.rcpt_reply = reply
    async with provider_of(server.url) as provider:
        assert await provider.send(letter()) == expected
        server.rcpt_reply = "250 OK"
        assert (await provider.send(letter())).verdict is Verdict.ACCEPTED
    assert server.connections == 1


async def test_a_refused_text_is_a_definite_no(server: MailServer) -> None:
    server.data_reply = "554 5.6.0 Not this"
    async with provider_of(server.url) as provider:
        assert await provider.send(letter()) == Outcome(Verdict.REFUSED, "SMTP_554")


async def test_silence_after_the_text_leaves_it_open_whether_it_was_taken(server: MailServer) -> None:
    server.closes_after_data = True
    async with provider_of(server.url) as provider:
        assert await provider.send(letter()) == Outcome(Verdict.UNCLEAR, "SMTP_BROKEN_OFF")
    assert len(server.received) == 1


async def test_a_server_that_is_away_took_nothing() -> None:
    async with running_mail_server() as server:
        url = server.url
    async with provider_of(url) as provider:
        assert await provider.send(letter()) == Outcome(Verdict.BUSY, "UNREACHABLE")


async def test_a_password_is_never_sent_without_encryption_unless_told_to(server: MailServer) -> None:
    with_password = server.url.replace("smtp://", "smtp://me:right@")
    async with provider_of(with_password) as provider:
        assert await provider.send(letter()) == Outcome(Verdict.BUSY, "SMTP_NOT_ENCRYPTED")
    assert server.logins == []
    async with provider_of(f"{with_password}?starttls=never") as provider:
        assert (await provider.send(letter())).verdict is Verdict.ACCEPTED
    assert server.logins == [(b"me", b"right")]


async def test_a_wrong_password_and_missing_encryption_can_be_repaired_later(server: MailServer) -> None:
    wrong = server.url.replace("smtp://", "smtp://me:wrong@") + "?starttls=never"
    async with provider_of(wrong) as provider:
        assert await provider.send(letter()) == Outcome(Verdict.BUSY, "SMTP_LOGIN_REFUSED")
    async with provider_of(f"{server.url}?starttls=always") as provider:
        assert await provider.send(letter()) == Outcome(Verdict.BUSY, "UNREACHABLE")
    assert server.received == []


@pytest.mark.parametrize("address", ["", "nobody", "a b@example.dz", "a@exa\r\nBcc: x@y.z", "@example.dz"])
async def test_an_address_that_is_none_is_not_tried(server: MailServer, address: str) -> None:
    async with provider_of(server.url) as provider:
        assert await provider.send(letter(address=address)) == Outcome(
            Verdict.ADDRESS_REFUSED, "ADDRESS_MALFORMED"
        )
    assert server.connections == 0


async def test_addresses_beyond_ascii_arrive(server: MailServer) -> None:
    async with provider_of(server.url) as provider:
        assert (await provider.send(letter(address="بلال@مثال.دز"))).verdict is Verdict.ACCEPTED
        assert (await provider.send(letter(address="bilal@مثال.دز"))).verdict is Verdict.ACCEPTED
    assert server.recipients == ["بلال@xn--mgbh0fb.xn--ugbg", "bilal@xn--mgbh0fb.xn--ugbg"]


async def test_without_a_server_mail_is_kept_in_a_folder_once(tmp_path: Path) -> None:
    settings = DeliverySettings(smtp_url=None, mail_folder=tmp_path / "mail", mail_from=SENDER)
    (provider,) = Providers(settings, SystemClock()).of(Channel.EMAIL)
    sent = letter()
    outcomes = [await provider.send(sent), await provider.send(sent)]
    assert outcomes == [Outcome(Verdict.ACCEPTED, "", f"{sent.id}.eml")] * 2
    (kept,) = (tmp_path / "mail").iterdir()
    assert message_from_bytes(kept.read_bytes(), policy=policy.default)["Subject"] == ARABIC
    assert kept.stat().st_mode & 0o777 == 0o600


def test_an_smtp_url_is_read_or_refused_without_showing_it() -> None:
    read = read_smtp_url("smtp://me%40here:p%2Fw@mail.example:587?starttls=always")
    assert (read.host, read.port, read.username, read.password) == ("mail.example", 587, "me@here", "p/w")
    assert read.start_tls is StartTls.ALWAYS
    assert "p/w" not in repr(read)
    assert read_smtp_url("smtps://mail.example").port == 465
    for url in ("http://mail.example", "smtp://", "smtp://h?starttls=maybe", "smtp://h?x=1", "smtp://h:port"):
        with pytest.raises(BadSmtpUrlError):
            read_smtp_url(url)


async def test_the_folder_keeps_the_newest_mails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_folder, "FILES_MAX", 3)
    folder = mail_folder.MailFolder(tmp_path, SENDER)
    sent = [letter() for _ in range(5)]
    for age, each in enumerate(sent):
        await folder.send(each)
        os.utime(tmp_path / f"{each.id}.eml", (age, age))
    await folder.send(sent[4])
    names = await asyncio.to_thread(os.listdir, tmp_path)
    assert set(names) == {f"{each.id}.eml" for each in sent[2:]}
