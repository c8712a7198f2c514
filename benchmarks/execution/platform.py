"""The product list with its stock, through the router, in one process, on real databases.

What the driver of the databases costs is part of it. `before` is the same page at the commit before the
subgraphs' operations were compiled, checked out beside this tree and measured in turn with it.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.commerce.shopkeeping import open_shop
from tests.support.platform import RunningPlatform, running_platform

BEFORE = "fdce4824be7f9547fea96e373a3d6ebd43376030"
ROOT = Path(__file__).parents[2]
PRODUCTS = 24
QUERY = """
query($n: Int!) {
  products(first: $n) {
    nodes {
      id name slug status versionNumber: version createdAt
      priceRange { min { amountMinor currency formatted } max { amountMinor currency formatted } }
      availableQuantity stockStatus
      variants { id sku price { amountMinor currency formatted } availableQuantity stockStatus }
    }
  }
}
"""


async def _ask(platform: RunningPlatform, requests: int) -> float:
    cpu = time.process_time()
    for _ in range(requests):
        await platform.data(QUERY, {"n": PRODUCTS})
    return (time.process_time() - cpu) / requests * 1e3


async def _measure_with(rounds: int, requests: int, **settings: Any) -> list[float]:
    async with running_platform(**settings) as platform:
        shop = await open_shop(platform)
        await shop.sell(PRODUCTS)
        data = await platform.data(QUERY, {"n": PRODUCTS})
        assert len(data["products"]["nodes"]) == PRODUCTS
        await _ask(platform, requests)
        return [await _ask(platform, requests) for _ in range(rounds)]


async def measure_platform(rounds: int, requests: int = 20) -> dict[str, list[float]]:
    """Returns CPU milliseconds per page, with the domains' operations compiled and without."""
    return {
        "product page, step by step": await _measure_with(rounds, requests, compiled_execution=False),
        "product page, compiled": await _measure_with(rounds, requests, compiled_execution=True),
    }


def measure_before(rounds: int) -> dict[str, list[float]]:
    """Returns the page before and now, each in processes of its own that take turns.

    Nothing where the history has no such commit, as in a shallow clone.
    """
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "before"
        made = subprocess.run(["git", "worktree", "add", "--detach", tree, BEFORE], cwd=ROOT, check=False)
        if made.returncode:
            print(f"The history has no {BEFORE[:7]}: the page before is not measured", file=sys.stderr)
            return {}
        try:
            figures: dict[str, list[float]] = {"product page, before": [], "product page, now": []}
            for _ in range(2):
                for times, root in zip(figures.values(), (tree, ROOT), strict=True):
                    times += _measure_in(root, rounds)
            return figures
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", tree], cwd=ROOT, check=True)


def _measure_in(root: Path, rounds: int) -> list[float]:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-P", __file__, str(rounds)]  # -P: beside it lies a `platform`
    answer = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(answer.stdout.splitlines()[-1])


if __name__ == "__main__":
    # What this file imports is then of the tree it is run in.
    print(json.dumps(asyncio.run(_measure_with(int(sys.argv[1]), 20))))
