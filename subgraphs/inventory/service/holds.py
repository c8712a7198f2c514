"""What a reservation holds: taken, given back, and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.errors import InsufficientStock
from subgraphs.inventory.events import Amount
from subgraphs.inventory.model.item_queries import Items
from subgraphs.inventory.model.level_queries import Place, change_holds, levels_of_items
from subgraphs.inventory.model.reservation_queries import lines_of_reservations, replace_lines
from subgraphs.inventory.model.states import Hold
from subgraphs.inventory.model.tables import ReservationLineRow, ReservationRow
from subgraphs.inventory.service.allocation import allocate, shortages
from subgraphs.inventory.service.locked_stock import lock_stock
from subgraphs.kit.errors import Refusals


@dataclass(frozen=True, slots=True)
class HeldStock:
    """A locked reservation's lines, read after the items were locked, and those items."""

    lines: Sequence[ReservationLineRow]
    items: Items

    @property
    def is_whole(self) -> bool:
        """Whether every line still reserves its stock: the reservation has not lapsed."""
        return bool(self.lines) and all(line.hold is Hold.RESERVED for line in self.lines)


async def lock_held_stock(
    session: AsyncSession, reservation: ReservationRow, now: datetime, further: Iterable[UUID] = ()
) -> HeldStock:
    """Locks the items of the reservation and the `further` variants."""
    # Which variants they are cannot change under the reservation's lock; what they hold can, until theirs.
    known = await lines_of_reservations(session, [reservation.id])
    variant_ids = {line.variant_id for line in known} | set(further)
    items = await lock_stock(session, reservation.organization_id, variant_ids, now)
    return HeldStock(await lines_of_reservations(session, [reservation.id]), items)


async def give_back(session: AsyncSession, lines: Iterable[ReservationLineRow]) -> None:
    """Takes what the lines hold out of the levels; the caller changes the lines."""
    reserved: Counter[Place] = Counter()
    allocated: Counter[Place] = Counter()
    for line in lines:
        place = (line.stock_item_id, line.warehouse_id)
        if line.hold is Hold.RESERVED:
            reserved[place] -= line.quantity
        elif line.hold is Hold.ALLOCATED:
            allocated[place] -= line.quantity
    await change_holds(session, reserved=reserved, allocated=allocated)


async def take_stock(
    session: AsyncSession,
    reservation: ReservationRow,
    wanted: Mapping[UUID, int],
    items: Items,
    hold: Hold,
) -> None:
    """Makes the reservation hold what is wanted of each variant, in the warehouses `allocate` picks.

    Raises InsufficientStock for every variant of which there is too little; then nothing is held.
    """
    variant_of = {item.id: variant_id for variant_id, item in items.items()}
    by_item = {items[variant_id].id: count for variant_id, count in wanted.items() if variant_id in items}
    taken = allocate(by_item, await levels_of_items(session, list(by_item)))
    short = {variant_of[item_id]: found for item_id, found in shortages(by_item, taken).items()}
    short.update((variant_id, 0) for variant_id in wanted if variant_id not in items)
    if short:
        raise Refusals(
            [_insufficient(variant_id, wanted[variant_id], short[variant_id]) for variant_id in sorted(short)]
        )
    lines = [
        {
            "stock_item_id": item_id,
            "warehouse_id": warehouse_id,
            "variant_id": variant_of[item_id],
            "quantity": count,
            "hold": hold,
        }
        for (item_id, warehouse_id), count in sorted(taken.items())
    ]
    await replace_lines(session, reservation.id, lines)
    if hold is Hold.RESERVED:
        await change_holds(session, reserved=taken)
    else:
        await change_holds(session, allocated=taken)


def wanted_by(lines: Iterable[ReservationLineRow]) -> Mapping[UUID, int]:
    """Returns how many of each variant the lines are about, over all warehouses."""
    wanted: Counter[UUID] = Counter()
    for line in lines:
        wanted[line.variant_id] += line.quantity
    return wanted


def told(wanted: Mapping[UUID, int]) -> tuple[Amount, ...]:
    """Returns the amounts as events carry them."""
    return tuple(Amount(each, wanted[each]) for each in sorted(wanted))


def _insufficient(variant_id: UUID, wanted: int, found: int) -> InsufficientStock:
    return InsufficientStock(
        f"{wanted} wanted, {found} available", field=["input", "lines"], variant_id=variant_id
    )
