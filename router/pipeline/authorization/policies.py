"""Decides policies by Python callables, else by a coprocessor; keeps each decision for a moment."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, cast

import structlog

from router.authentication import Viewer
from router.config import ConfigError, PoliciesConfig
from router.pipeline.authorization.coprocessor import Coprocessor
from router.telemetry import catalogue
from router.telemetry.catalogue import Reading

_log = structlog.stdlib.get_logger("router.authorization")

Policy = Callable[[str, Viewer], bool | Awaitable[bool]]
"""Tells whether the policy of that name holds for the viewer."""
ALL_OTHERS = "*"


def open_policies(
    config: PoliciesConfig, given: Mapping[str, Policy] | None = None
) -> PolicyDecisions | None:
    """Returns who decides, None when nobody does; raises ConfigError for a callable that is not there.

    What is `given` comes before what the settings name.
    """
    callables = {name: _load(name, path) for name, path in config.callables.items()}
    callables.update(given or {})
    coprocessor = Coprocessor(config.coprocessor) if config.coprocessor.url else None
    if not callables and coprocessor is None:
        return None
    return PolicyDecisions(config, callables, coprocessor)


class PolicyDecisions:
    """Decides policies, and keeps what was decided; belongs to one event loop."""

    def __init__(
        self,
        config: PoliciesConfig,
        callables: Mapping[str, Policy],
        coprocessor: Coprocessor | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._callables = callables
        self.coprocessor = coprocessor
        self._clock = clock
        self._decided: OrderedDict[tuple[str, str], tuple[bool, float]] = OrderedDict()
        self._counts = {"held": 0, "refused": 0, "failed": 0}

    async def held(self, policies: Iterable[str], viewer: Viewer) -> frozenset[str]:
        """Returns those of the policies that hold for the viewer; one that cannot be decided does not."""
        now = self._clock()
        held: set[str] = set()
        open_: list[str] = []
        for name in sorted(policies):
            decided = self._decided.get((viewer.key, name))
            if decided is None or now >= decided[1]:
                open_.append(name)
            elif decided[0]:
                held.add(name)
        if open_:
            held |= await self._decide(open_, viewer)
        return frozenset(held)

    def readings(self) -> Iterator[Reading]:
        """Yields how policies were decided, for metrics."""
        for outcome, count in self._counts.items():
            yield Reading(catalogue.POLICY_DECISIONS, count, (outcome,))

    async def close(self) -> None:
        """Closes connections."""
        if self.coprocessor is not None:
            await self.coprocessor.close()

    async def _decide(self, names: list[str], viewer: Viewer) -> set[str]:
        own = {name: found for name in names if (found := self._callable_for(name)) is not None}
        others = [name for name in names if name not in own]
        timeout_s = self._config.coprocessor.timeout_ms / 1000
        try:
            async with asyncio.timeout(timeout_s):
                found = await self._call_all(own, viewer)
                if others and self.coprocessor is not None:
                    found |= await self.coprocessor.decide(others, viewer)
        except Exception as fault:  # noqa: BLE001 - whatever failed, nothing it was to allow is allowed
            _log.error("policies cannot be decided", policies=names, error=str(fault) or type(fault).__name__)
            self._counts["failed"] += len(names)
            return set()
        for name in names:
            self._keep((viewer.key, name), holds=name in found)
        return found

    def _callable_for(self, name: str) -> Policy | None:
        found = self._callables.get(name)
        return found or (self._callables.get(ALL_OTHERS) if self.coprocessor is None else None)

    @staticmethod
    async def _call_all(callables: Mapping[str, Policy], viewer: Viewer) -> set[str]:
        found: set[str] = set()
        for name, policy in callables.items():
            holds: Any = policy(name, viewer)
            if inspect.isawaitable(holds):
                holds = await holds
            if holds is True:  # a truthy slip is no permission
                found.add(name)
        return found

    def _keep(self, key: tuple[str, str], *, holds: bool) -> None:
        self._counts["held" if holds else "refused"] += 1
        self._decided[key] = (holds, self._clock() + self._config.keep_s)
        self._decided.move_to_end(key)
        if len(self._decided) > self._config.decisions_max:
            self._decided.popitem(last=False)


def _load(policy: str, path: str) -> Policy:
    module, _, name = path.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        problem = f"authorization.policies.callables.{policy}: {path} cannot be loaded: {error}"
        raise ConfigError([problem]) from error
    if not callable(found):
        raise ConfigError([f"authorization.policies.callables.{policy}: {path} cannot be called"])
    return cast(Policy, found)
