"""Notifications on a fresh database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from subgraphs.notifications.app import create_app
from tests.subgraphs.notifications.happenings import Happenings
from tests.support.subgraph import MovableClock, running_subgraph


@pytest.fixture
async def people() -> AsyncIterator[Happenings]:
    clock = MovableClock()
    async with running_subgraph("notifications", create_app, clock=clock) as running:
        yield Happenings(running, clock)
