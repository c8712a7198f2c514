"""Guessing: exactly so many wrong ones are answered, and nobody who knows the password is shut out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from argon2 import PasswordHasher

from subgraphs.identity.app import create_app
from subgraphs.identity.errors import TooManyAttempts
from subgraphs.identity.service.attempts import Attempt, AttemptLimits, Attempts
from subgraphs.identity.service.passwords import PasswordHashing
from tests.subgraphs.identity.people import LOGIN, PASSWORD, People
from tests.support import database
from tests.support.subgraph import RunningSubgraph, running_subgraph

LIMITS = AttemptLimits(account_and_address=5, address=8, account=6, window_s=60)


@pytest.fixture
async def attempts() -> AsyncIterator[Attempts]:
    settings = database.test_settings("unused", event_bus_name=f"t{uuid4().hex[:12]}")
    counters = Attempts(settings, LIMITS)
    yield counters
    await counters.close()


async def outcome(attempts: Attempts, action: str, account: str = "amina", address: str = "192.0.2.1") -> str:
    try:
        await getattr(attempts, action)(Attempt(account, address))
    except TooManyAttempts:
        return "refused"
    return "answered"


async def log_in(
    identity: RunningSubgraph, password: str, address: str, email: str = "amina@example.dz"
) -> str:
    given = {"email": email, "password": password}
    headers = {"x-client-address": address}
    response = await identity.app.execute(LOGIN, {"input": given}, None, headers)
    payload = response["data"]["login"]
    return payload["userErrors"][0]["code"] if payload["userErrors"] else "IN"


async def test_of_fifty_wrong_guesses_at_once_exactly_the_limit_is_answered(attempts: Attempts) -> None:
    told = Counter(await asyncio.gather(*[outcome(attempts, "fail") for _ in range(50)]))
    assert told == {"answered": 5, "refused": 45}
    assert await outcome(attempts, "check") == "refused"
    # What was right is told no better than what was wrong, once the limit is reached.
    assert await outcome(attempts, "succeed") == "refused"


async def test_right_ones_are_never_counted(attempts: Attempts) -> None:
    told = Counter(await asyncio.gather(*[outcome(attempts, "succeed") for _ in range(50)]))
    assert told == {"answered": 50}


async def test_one_address_guesses_at_many_accounts_no_longer_than_its_limit(attempts: Attempts) -> None:
    told = [await outcome(attempts, "fail", account=f"user{number}") for number in range(10)]
    assert told == ["answered"] * 8 + ["refused"] * 2
    assert await outcome(attempts, "check", account="amina", address="192.0.2.2") == "answered"


async def test_many_addresses_guess_at_one_account_no_longer_and_its_owner_still_comes_in(
    attempts: Attempts,
) -> None:
    await outcome(attempts, "succeed", address="198.51.100.7")
    told = [await outcome(attempts, "fail", address=f"192.0.2.{number}") for number in range(10)]
    assert told == ["answered"] * 6 + ["refused"] * 4
    assert await outcome(attempts, "check", address="198.51.100.8") == "refused"
    assert await outcome(attempts, "succeed", address="198.51.100.7") == "answered"


async def test_people_from_unknown_addresses_are_not_held_together(attempts: Attempts) -> None:
    unknown = [Attempt(f"user{number}", None) for number in range(20)]
    for attempt in unknown:
        await attempts.fail(attempt)
    await attempts.check(Attempt("amina", None))


async def test_without_redis_people_come_in() -> None:
    settings = database.test_settings("unused", redis_url="redis://127.0.0.1:1/0")
    counters = Attempts(settings, LIMITS)
    assert await outcome(counters, "check") == "answered"
    assert await outcome(counters, "fail") == "answered"
    await counters.close()


@pytest.fixture
async def strict() -> AsyncIterator[RunningSubgraph]:
    quick = PasswordHashing(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    settings = {"event_bus_name": f"t{uuid4().hex[:12]}"}
    async with running_subgraph(
        "identity", create_app, settings=settings, hashing=quick, attempt_limits=LIMITS
    ) as running:
        yield running


async def test_a_log_in_tells_the_limit_alike_for_accounts_that_do_not_exist(strict: RunningSubgraph) -> None:
    await People(strict).register("amina@example.dz")
    for email in ("amina@example.dz", "nobody@example.dz"):
        address = "192.0.2.1" if email.startswith("amina") else "192.0.2.2"
        told = Counter(
            await asyncio.gather(*[log_in(strict, f"wrong {n}", address, email) for n in range(20)])
        )
        assert told == {"INVALID_CREDENTIALS": 5, "TOO_MANY_ATTEMPTS": 15}
    assert await log_in(strict, PASSWORD, "192.0.2.1") == "TOO_MANY_ATTEMPTS"
    assert await log_in(strict, PASSWORD, "192.0.2.9") == "IN"


async def test_many_devices_come_in_at_once_while_a_stranger_guesses(strict: RunningSubgraph) -> None:
    await People(strict).register("amina@example.dz")
    assert await log_in(strict, PASSWORD, "198.51.100.7") == "IN"
    valid = [log_in(strict, PASSWORD, "198.51.100.7") for _ in range(12)]
    wrong = [log_in(strict, "wrong password", f"192.0.2.{number}") for number in range(12)]
    answers = await asyncio.gather(*valid, *wrong)
    assert answers[:12] == ["IN"] * 12
    assert Counter(answers[12:]) == {"INVALID_CREDENTIALS": 6, "TOO_MANY_ATTEMPTS": 6}
