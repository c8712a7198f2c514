"""Passwords: argon2id in a few threads of their own.

A hash takes 64 MiB and a quarter of a second of a core by design, so no more of them run at once than the
machine can bear, and no more wait than can be served while a client still listens.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from subgraphs.identity.errors import WeakPassword
from subgraphs.identity.service.common_passwords import is_common
from subgraphs.kit.errors import ClientError

R = TypeVar("R")

LENGTH_MIN, LENGTH_MAX = 10, 128
THREADS_MAX = 2
WAITING_MAX = 64


class Overloaded(ClientError):  # noqa: N818 - a refusal reads as a sentence
    """More log-ins are waiting than can be served."""

    code = "OVERLOADED"


class PasswordHashing:
    """Hashes and verifies, a bounded number at a time."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="argon2")
        self._waiting = 0
        self._decoy: str | None = None

    async def hash(self, password: str) -> str:
        """Returns the password's hash with its salt and parameters."""
        return await self._run(partial(self._hasher.hash, _normalize(password)))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is the one hashed. None, for an unknown user, takes as long and is False."""
        if password_hash is None:
            if self._decoy is None:
                self._decoy = await self.hash("the password of nobody")
            await self._run(partial(self._matches, self._decoy, _normalize(password)))
            return False
        return await self._run(partial(self._matches, password_hash, _normalize(password)))

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    async def close(self) -> None:
        """Ends the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], R]) -> R:
        if self._waiting >= WAITING_MAX:
            raise Overloaded("Too many people are logging in; try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def check_password(
    password: str, email_normalized: str, name: str = "", *, field: Sequence[str] = ("input", "password")
) -> None:
    """Raises WeakPassword for a password too short, too long, well known or of the person's own words."""
    normalized = _normalize(password)
    if not LENGTH_MIN <= len(normalized) <= LENGTH_MAX:
        raise WeakPassword(f"A password has {LENGTH_MIN} to {LENGTH_MAX} characters", field=field)
    own_words = (email_normalized, email_normalized.partition("@")[0], name, name.replace(" ", ""))
    if is_common(normalized, *own_words):
        raise WeakPassword("This password is too easy to guess", field=field)


def _normalize(password: str) -> str:
    # One password typed on two keyboards may differ in composition only (RFC 8265).
    return unicodedata.normalize("NFC", password)
