"""One rig for all tests: starting its processes takes longer than asking them."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from benchmarks.gateways.arena import Arena


@pytest.fixture(scope="session")
def arena() -> Iterator[Arena]:
    """The memoised subgraphs."""
    if sys.platform != "linux":
        pytest.skip("CPU time and memory are read from /proc")
    with Arena() as started:
        yield started
