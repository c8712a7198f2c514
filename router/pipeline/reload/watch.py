"""Looks at the source of the supergraph and lets a new one take over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import structlog

from router.config import SupergraphConfig
from router.errors import InvalidSupergraphError
from router.pipeline.reload.generations import ClosableRouter, ReloadableRouter
from router.pipeline.reload.source import SourceError, SupergraphSource
from router.supergraph import Supergraph, load_supergraph
from router.telemetry.catalogue import RELOADS, Reading

_log = structlog.stdlib.get_logger("router.reload")

BuildRouter = Callable[[Supergraph], ClosableRouter]
"""Makes a router over a supergraph; raises InvalidSupergraphError when it cannot be served."""


class SupergraphWatch:
    """Keeps a router on the newest supergraph that can be served."""

    def __init__(
        self, source: SupergraphSource, router: ReloadableRouter, build: BuildRouter, config: SupergraphConfig
    ) -> None:
        self._source = source
        self._router = router
        self._build = build
        self._config = config
        self._is_wanted = asyncio.Event()
        self._last_problem: str | None = None
        self._looks = {"taken over": 0, "refused": 0, "unreadable": 0}

    def readings(self) -> Iterator[Reading]:
        """Yields what became of new supergraphs."""
        for result, count in self._looks.items():
            yield Reading(RELOADS, count, (result,))

    def look_now(self) -> None:
        """Looks at the source without waiting for the next time."""
        self._is_wanted.set()

    async def run(self) -> None:
        """Looks at the source until cancelled; no fault of it ends the watch."""
        while True:
            await self._pause()
            try:
                await self._look()
            except Exception:  # noqa: BLE001 - the edge of a task: whatever is wrong with one text, the next may be good
                _log.exception("the supergraph could not be reloaded; the old one stays")

    async def _pause(self) -> None:
        interval_s = self._config.poll_interval_ms / 1000
        try:
            async with asyncio.timeout(interval_s or None):
                await self._is_wanted.wait()
        except TimeoutError:
            pass
        self._is_wanted.clear()

    async def _look(self) -> None:
        try:
            text = await asyncio.to_thread(self._source.read)
        except SourceError as error:
            self._looks["unreadable"] += 1
            # A source that is away is away each time: once said is enough.
            if str(error) != self._last_problem:
                _log.error("the supergraph cannot be read; the old one stays", problem=str(error))
            self._last_problem = str(error)
            return
        self._last_problem = None
        if text is None:
            return
        try:
            supergraph = await asyncio.to_thread(load_supergraph, text)
            router = self._build(supergraph)
        except InvalidSupergraphError as error:
            self._looks["refused"] += 1
            _log.error("the supergraph is refused; the old one stays", problem=str(error))
            return
        await self._take_over(router)

    async def _take_over(self, router: ClosableRouter) -> None:
        started = time.perf_counter()
        try:
            warmed = await self._warm(router)
        except BaseException:
            await router.close()
            raise
        self._router.replace(router)
        self._looks["taken over"] += 1
        planning_ms = round((time.perf_counter() - started) * 1000)
        _log.info("a new supergraph took over", planned=warmed, planning_ms=planning_ms)

    async def _warm(self, router: ClosableRouter) -> int | None:
        """Plans what is used most; returns how many operations that were, None when time ran out."""
        operations = self._router.current.most_used(self._config.warm_operations_max)
        try:
            async with asyncio.timeout(self._config.warm_timeout_ms / 1000):
                return await router.warm(operations)
        except TimeoutError:
            _log.warning("the new supergraph takes over before all was planned on it")
            return None
