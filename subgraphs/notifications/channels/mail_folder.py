"""Mail kept in a folder, for machines without a mail server: each message a file to open."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import structlog

from subgraphs.notifications.channels.letter import Letter, Outcome, Verdict
from subgraphs.notifications.channels.mail_message import BadAddressError, write_mail

FILES_MAX = 1_000
"""Most that are kept; the oldest go."""

log = structlog.get_logger(__name__)


class MailFolder:
    """Writes each letter to `<id>.eml`; the same letter again is the same file."""

    name = "folder"

    def __init__(self, directory: Path, sender: str) -> None:
        self._directory = directory
        self._sender = sender

    async def send(self, letter: Letter) -> Outcome:
        """Writes the file and logs where it is."""
        try:
            content = write_mail(letter, self._sender).as_bytes()
        except BadAddressError:
            return Outcome(Verdict.ADDRESS_REFUSED, "ADDRESS_MALFORMED")
        try:
            path = await asyncio.to_thread(self._write, f"{letter.id}.eml", content)
        except OSError as error:
            log.warning("mail_not_kept", reason=error.strerror)
            return Outcome(Verdict.BUSY, "FOLDER_NOT_WRITABLE")
        log.info("mail_kept", path=str(path))
        return Outcome(Verdict.ACCEPTED, provider_message_id=path.name)

    async def close(self) -> None:
        """Holds nothing open."""

    def _write(self, name: str, content: bytes) -> Path:
        # Only its owner reads it: it holds what a mailbox holds.
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / name
        unfinished = path.with_suffix(f".{os.getpid()}.part")
        unfinished.write_bytes(content)
        unfinished.chmod(0o600)
        unfinished.replace(path)
        self._forget_oldest()
        return path.absolute()

    def _forget_oldest(self) -> None:
        with os.scandir(self._directory) as entries:
            mails = [(each.stat().st_mtime_ns, each.name) for each in entries if each.name.endswith(".eml")]
        for _, name in sorted(mails)[: max(0, len(mails) - FILES_MAX)]:
            (self._directory / name).unlink(missing_ok=True)
