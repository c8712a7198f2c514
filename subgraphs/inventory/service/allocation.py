"""From which warehouses an order is served.

The problem: some items are wanted, each lies in several warehouses, and every further warehouse is a further
parcel. Steps: take the warehouse that can serve most units of what is still wanted (at equal numbers the one
with the better priority, then the smaller id), serve from it all it has, and go on with the rest. A warehouse
that can serve everything is therefore chosen alone. Bound: each round empties or exhausts a warehouse, so
there are at most as many rounds as warehouses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from subgraphs.inventory.model.level_queries import Level, Place


def allocate(wanted: Mapping[UUID, int], levels: Iterable[Level]) -> dict[Place, int]:
    """Returns how many to take of each item in each warehouse; less than wanted only where all is taken."""
    open_ = {item: count for item, count in wanted.items() if count > 0}
    stock: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    priority: dict[UUID, int] = {}
    for level in levels:
        if level.available > 0 and level.stock_item_id in open_:
            stock[level.warehouse_id][level.stock_item_id] = level.available
            priority[level.warehouse_id] = level.priority
    taken: dict[Place, int] = {}
    while open_ and stock:
        served, best = {}, None
        for warehouse in sorted(stock, key=lambda each: (priority[each], each)):
            possible = _serve(open_, stock[warehouse])
            if best is None or sum(possible.values()) > sum(served.values()):
                best, served = warehouse, possible
        assert best is not None, "there is stock, so there is a best"
        del stock[best]
        for item, count in served.items():
            taken[item, best] = count
            open_[item] -= count
        open_ = {item: count for item, count in open_.items() if count > 0}
    return taken


def shortages(wanted: Mapping[UUID, int], taken: Mapping[Place, int]) -> dict[UUID, int]:
    """Returns what could be taken of each item of which there is too little."""
    found: dict[UUID, int] = dict.fromkeys(wanted, 0)
    for (item, _), count in taken.items():
        found[item] += count
    return {item: found[item] for item, count in wanted.items() if found[item] < count}


def _serve(open_: Mapping[UUID, int], on_shelves: Mapping[UUID, int]) -> dict[UUID, int]:
    return {item: min(count, on_shelves[item]) for item, count in open_.items() if item in on_shelves}
