"""A storm over a ledger and a mirror: whatever can be killed is, at random, while accounts change."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from subgraphs.kit.settings import KitSettings
from tests.chaos.engines import MortalEngine
from tests.events.ledger.app import build_ledger
from tests.events.mirror.app import build_mirror
from tests.events.worker_processes import environment_of, write_supergraph_file
from tests.support.proxy import Proxy

ROLES = ("writer", "writer", "relay", "relay", "consumers", "consumers")
CALM_S = (0.05, 0.7)
# Processes come back in an instant, engines take a while: weighed so that all are hit often.
WEIGHTS = {"process": 10, "cut": 4, "redis": 2, "postgres": 1}


class Zygote:
    """Starts processes of the storm and kills them."""

    def __init__(self, config: Path, environment: Mapping[str, str], log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.zygote", str(config)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **environment},
        )

    async def start(self, role: str) -> int:
        """Starts a process and returns its id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{role}\n".encode())
        self._process.stdin.flush()
        answer = await asyncio.to_thread(self._process.stdout.readline)
        assert answer, "the zygote ended; its words are in the log"
        return int(answer)

    def end(self) -> None:
        """Ends the zygote; forks that live are killed by whoever started them."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
        self._log.close()


@dataclass(frozen=True)
class Cable:
    """An engine that is not ours to kill, behind a connection that is ours to cut."""

    url: str
    proxy: Proxy


@dataclass
class Storm:
    """The processes, the engines, and what has been done to them."""

    zygote: Zygote
    engines: Mapping[str, MortalEngine]
    cables: Mapping[str, Proxy]
    chance: random.Random
    processes: dict[int, str] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    async def begin(self) -> None:
        """Starts one process of each role."""
        for role in ROLES:
            self.processes[await self.zygote.start(role)] = role

    async def rage(self, seconds: float) -> None:
        """Kills and cuts for so long."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end:
            await asyncio.sleep(self.chance.uniform(*CALM_S))
            (what,) = self.chance.choices(list(WEIGHTS), list(WEIGHTS.values()))
            if what == "process":
                await self._replace(self.chance.choice(sorted(self.processes)))
            elif what == "cut":
                connections = {**{name: engine.proxy for name, engine in self.engines.items()}, **self.cables}
                name = self.chance.choice(sorted(connections))
                connections[name].cut()
                self.done[f"{name} cut off"] += 1
            elif what in self.engines:
                self.done[f"{what} killed"] += 1
                await self.engines[what].restart_after_kill()

    def kill_all(self, role: str | None = None) -> None:
        """Kills every process of the role, or every one."""
        for process, its_role in list(self.processes.items()):
            if role in (None, its_role):
                os.kill(process, signal.SIGKILL)
                del self.processes[process]

    async def _replace(self, process: int) -> None:
        role = self.processes.pop(process)
        os.kill(process, signal.SIGKILL)
        self.done[f"{role} killed"] += 1
        self.processes[await self.zygote.start(role)] = role


@asynccontextmanager
async def prepared_storm(
    directory: Path, chance: random.Random, cable: Cable | None, bus_name: str
) -> AsyncIterator[tuple[Storm, KitSettings]]:
    """Starts the engines, makes the databases and the zygote; without a cable the own Redis is the bus."""
    engines = {name: MortalEngine(name, directory / name) for name in ("postgres", "redis")}
    try:
        urls = {name: await engine.start() for name, engine in engines.items()}
        settings = KitSettings(
            database_url=urls["postgres"],
            database_prefix="chaos_",
            database_overrides={},
            redis_url=urls["redis"],
            event_bus_url=cable.url if cable else urls["redis"],
            event_bus_name=bus_name,
            event_lease_s=1.0,
            internal_secret="chaos" * 8,
        )
        await build_ledger(settings, "ledger")
        await build_mirror(settings, "mirror")
        own = {
            f"DATABASE_URL_{name.upper()}": settings.database_url_of(name)
            .set(drivername="postgresql")
            .render_as_string(hide_password=False)
            for name in ("ledger", "mirror")
        }
        config = write_supergraph_file(directory)
        zygote = Zygote(config, {**environment_of(settings), **own}, directory / "processes.log")
        storm = Storm(zygote, engines, {"rabbitmq": cable.proxy} if cable else {}, chance)
        try:
            yield storm, settings
        finally:
            storm.kill_all()
            zygote.end()
    finally:
        for engine in engines.values():
            await engine.stop()
