"""Policies: decided by callables or a coprocessor, kept for a moment, and never held by a failure."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import pytest

from router.authentication import ANONYMOUS, Viewer
from router.config import ConfigError, CoprocessorConfig, PoliciesConfig
from router.pipeline.authorization import PolicyDecisions, open_policies
from tests.authorization.world import denials, viewer, world
from tests.support.issuer import json_service

SCORE = "{ me { name score } }"


def is_trusted(policy: str, who: Viewer) -> bool:
    """Holds for those whose claims say so."""
    return policy == "trusted" and who.id == "trusty"


async def is_trusted_later(policy: str, who: Viewer) -> bool:
    """The same, after a while."""
    await asyncio.sleep(0)
    return is_trusted(policy, who)


def is_truthy(_policy: str, _who: Viewer) -> Any:
    """Returns something that is no answer."""
    return "yes"


async def is_never_decided(_policy: str, _who: Viewer) -> bool:
    """Hangs."""
    await asyncio.Event().wait()
    return True


def is_broken(_policy: str, _who: Viewer) -> bool:
    """Fails."""
    raise RuntimeError("no connection to the directory")


def policies(name: str, policy: str = "trusted", **settings: Any) -> PolicyDecisions | None:
    """Returns the decisions of a callable of this module."""
    return open_policies(PoliciesConfig(callables={policy: f"{__name__}:{name}"}, **settings))


@pytest.mark.parametrize("name", ["is_trusted", "is_trusted_later"])
@pytest.mark.parametrize("policy", ["trusted", "*"])
async def test_a_callable_decides_whom_a_policy_holds_for(name: str, policy: str) -> None:
    running = world(policies=policies(name, policy))
    assert (await running.ask(SCORE, viewer(id="trusty")))["data"]["me"]["score"] == 7
    assert denials(await running.ask(SCORE, viewer(id="other"))) == [["me", "score"]]
    assert denials(await running.ask(SCORE, ANONYMOUS)) == [["me", "score"]]


@pytest.mark.parametrize("name", ["is_truthy", "is_never_decided", "is_broken"])
async def test_what_is_no_clear_yes_is_a_no(name: str) -> None:
    running = world(policies=policies(name, coprocessor=CoprocessorConfig(timeout_ms=50)))
    assert denials(await running.ask(SCORE, viewer(id="trusty"))) == [["me", "score"]]


async def test_a_policy_nobody_decides_does_not_hold() -> None:
    assert denials(await world().ask(SCORE, viewer())) == [["me", "score"]]
    running = world(policies=policies("is_trusted", "another"))
    assert denials(await running.ask(SCORE, viewer(id="trusty"))) == [["me", "score"]]


class Service:
    """A coprocessor."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.answer: tuple[int, Any] = (200, {"held": ["trusted"]})

    async def __call__(self, body: bytes, _headers: Mapping[str, str]) -> tuple[int, Any]:
        self.asked.append(json.loads(body))
        return self.answer


async def test_a_coprocessor_is_asked_once_for_a_while_and_told_who_it_is_about() -> None:
    service, moved = Service(), [0.0]
    async with json_service(service) as url:
        config = PoliciesConfig(coprocessor=CoprocessorConfig(url=url))
        opened = open_policies(config)
        assert opened is not None
        await opened.close()
        decisions = PolicyDecisions(config, {}, opened.coprocessor, clock=lambda: moved[0])
        running = world(policies=decisions)
        for _ in range(3):
            assert (await running.ask(SCORE, viewer("a", id="u1")))["data"]["me"]["score"] == 7
        assert len(service.asked) == 1
        assert service.asked[0]["policies"] == ["trusted"]
        assert service.asked[0]["viewer"]["id"] == "u1"
        assert service.asked[0]["viewer"]["scopes"] == ["a"]
        service.answer = (200, {"held": []})
        moved[0] = 11
        assert denials(await running.ask(SCORE, viewer("a", id="u1"))) == [["me", "score"]]
        await decisions.close()


@pytest.mark.parametrize(
    "answer",
    [(500, {}), (200, b"no"), (200, {"held": "trusted"}), (200, []), (200, {"held": ["other"]})],
    ids=["fault", "not JSON", "a text", "a list", "another"],
)
async def test_a_coprocessor_that_does_not_say_yes_says_no(answer: tuple[int, Any]) -> None:
    service = Service()
    service.answer = answer
    async with json_service(service) as url:
        decisions = open_policies(PoliciesConfig(coprocessor=CoprocessorConfig(url=url)))
        assert decisions is not None
        assert denials(await world(policies=decisions).ask(SCORE, viewer())) == [["me", "score"]]
        await decisions.close()


def test_a_callable_that_is_not_there_is_said_at_the_start() -> None:
    for path in (f"{__name__}:nowhere", "no.such.module:policy", f"{__name__}:SCORE"):
        with pytest.raises(ConfigError, match=r"authorization\.policies\.callables\.trusted"):
            open_policies(PoliciesConfig(callables={"trusted": path}))
