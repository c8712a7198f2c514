"""The four domains behind the real router, and a shop in them."""

from __future__ import annotations

import pytest

from tests.commerce.shopkeeping import Shop, open_shop
from tests.support.platform import RunningPlatform, platform

__all__ = ["platform"]


@pytest.fixture
async def shop(platform: RunningPlatform) -> Shop:
    return await open_shop(platform)
