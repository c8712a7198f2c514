"""From how many on a variant counts as low."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.model.tables import StockItemRow
from subgraphs.inventory.service.acting import own_organization
from subgraphs.inventory.service.amounts import QUANTITY_MAX
from subgraphs.inventory.service.locked_stock import announce_low_stock, lock_stock
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput, NotFound
from subgraphs.kit.ids import read_id


async def set_threshold(
    session: AsyncSession, viewer: Viewer, given: str, threshold: int, now: datetime
) -> StockItemRow:
    """Returns the item with its new threshold; raising it past what is available is a crossing as well."""
    if not 0 <= threshold <= QUANTITY_MAX:
        raise InvalidInput(f"A threshold is 0 to {QUANTITY_MAX}", field=["input", "threshold"])
    variant_id = read_id(given)
    items = (
        await lock_stock(session, own_organization(viewer), [variant_id], now)
        if variant_id is not None
        else {}
    )
    if not items:
        raise NotFound("The variant never was in stock", field=["input", "variantId"])
    (item,) = items.values()
    item.low_stock_threshold = threshold
    await session.flush()
    await announce_low_stock(session, items, now)
    return item
