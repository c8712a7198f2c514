"""Password hashing: argon2id, as long for nobody as for somebody, never more at once than allowed."""

from __future__ import annotations

import asyncio

import pytest
from argon2 import PasswordHasher

from subgraphs.identity.service import passwords
from subgraphs.identity.service.passwords import Overloaded, PasswordHashing


class CountingHasher(PasswordHasher):
    """A quick hasher that counts what it is asked."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=64, parallelism=1)
        self.verifications = 0

    def verify(self, *args: str | bytes) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]  # same two
        self.verifications += 1
        return super().verify(*args)


async def test_nobody_costs_a_verification_like_somebody() -> None:
    hasher = CountingHasher()
    hashing = PasswordHashing(hasher)
    hashed = await hashing.hash("tajine aux olives")
    assert await hashing.verify(hashed, "tajine aux olives") is True
    assert await hashing.verify(hashed, "tajine aux pruneaux") is False
    assert await hashing.verify(None, "tajine aux olives") is False
    assert hasher.verifications == 3
    await hashing.close()


async def test_the_defaults_are_argon2id_at_the_recommended_cost() -> None:
    hashing = PasswordHashing()
    hashed = await hashing.hash("tajine aux olives")
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert hashing.is_outdated("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$a2V5a2V5a2V5a2V5") is True
    await hashing.close()


async def test_one_password_typed_on_two_keyboards_is_one() -> None:
    hashing = PasswordHashing(CountingHasher())
    composed, decomposed = "caf\u00e9 de la marine", "cafe\u0301 de la marine"
    assert await hashing.verify(await hashing.hash(composed), decomposed) is True
    await hashing.close()


async def test_more_waiting_than_can_be_served_are_turned_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAITING_MAX", 3)
    hashing = PasswordHashing(CountingHasher())
    answers = await asyncio.gather(*[hashing.hash("x") for _ in range(5)], return_exceptions=True)
    assert [isinstance(answer, Overloaded) for answer in answers] == [False, False, False, True, True]
    assert isinstance(await hashing.hash("x"), str)
    await hashing.close()
