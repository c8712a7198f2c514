"""Processes that start in an instant, so that they can be killed often: forks of one that has imported all.

Reads a line per process from standard input, its role, and answers with the process id. Each role is what the
command line runs: `relay` and `consumers` are `zellige worker --only ...`, `writer` changes accounts.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import random
import signal
import sys
from pathlib import Path

from subgraphs.kit.database import Database
from subgraphs.kit.settings import KitSettings
from tests.events.ledger.app import record_change
from zellige.assembly.background import Part
from zellige.commands.worker import work

ACCOUNTS = 20
WRITERS_PER_PROCESS = 3
PAUSE_S = 0.004
ROLLED_BACK_SHARE = 0.1


def main() -> None:
    """Forks until standard input ends."""
    config = Path(sys.argv[1])
    importlib.import_module("tests.events.mirror.consumers")  # here, so that no fork has to
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks: the system reaps them
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _be(line.strip(), config)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


def _be(role: str, config: Path) -> None:
    """Does what the role says and ends the process."""
    with Path(os.devnull).open() as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    try:
        if role == "writer":
            asyncio.run(_write())
        else:
            asyncio.run(work(config, None, frozenset({Part(role)})))
    finally:
        os._exit(0)


async def _write() -> None:
    ledger = Database(KitSettings(), "ledger")
    await asyncio.gather(*(_write_on(ledger, random.Random()) for _ in range(WRITERS_PER_PROCESS)))


async def _write_on(ledger: Database, chance: random.Random) -> None:
    """Changes accounts until the process is killed; one in ten changes its mind."""
    while True:
        try:
            async with ledger.transaction() as session:
                await record_change(session, f"account-{chance.randrange(ACCOUNTS)}")
                _think_again(chance)
        except LookupError:
            continue
        except Exception:  # noqa: BLE001 - the database is away: any of a dozen errors
            await asyncio.sleep(10 * PAUSE_S)
        await asyncio.sleep(PAUSE_S)


def _think_again(chance: random.Random) -> None:
    if chance.random() < ROLLED_BACK_SHARE:
        raise LookupError("on second thoughts")


if __name__ == "__main__":
    main()
