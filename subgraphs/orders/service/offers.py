"""Holding what somebody wants to buy against what is on offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from subgraphs.kit.errors import InvalidInput, NotFound, check_all
from subgraphs.orders.errors import DifferentSeller, NotPurchasable
from subgraphs.orders.peers.catalogue import Offer

LINES_MAX = 100
QUANTITY_MAX = 10_000


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A variant and how many; None for an id that is not one."""

    variant_id: UUID | None
    quantity: int


def wanted_ids(lines: Sequence[WantedLine]) -> list[UUID]:
    """Returns the variants, each once, or refuses lines that could not be any."""
    if len(lines) > LINES_MAX:
        raise InvalidInput(f"A cart has at most {LINES_MAX} lines", field=["input", "lines"])
    for line in lines:
        check_quantity(line.quantity)
        if line.variant_id is None:
            raise NotFound("No such variant", field=["input", "variantId"])
    return list(dict.fromkeys(line.variant_id for line in lines if line.variant_id is not None))


def check_quantity(quantity: int) -> None:
    """Refuses a quantity no line may have."""
    if not 1 <= quantity <= QUANTITY_MAX:
        raise InvalidInput(f"A quantity is 1 to {QUANTITY_MAX}", field=["input", "quantity"])


def check_offers(
    variant_ids: Sequence[UUID], offers: Mapping[UUID, Offer], seller: UUID | None, currency: str | None
) -> None:
    """Refuses what is not for sale, and what another seller than the cart's sells."""
    checks: list[Callable[[], object]] = []
    for variant_id in variant_ids:
        offer = offers.get(variant_id)
        # The first line settles the seller and the currency for the others.
        if offer is not None and seller is None:
            seller = offer.organization_id
        if offer is not None and currency is None:
            currency = offer.price.currency
        checks.append(_check_of(variant_id, offer, seller, currency))
    check_all(*checks)


def _check_of(
    variant_id: UUID, offer: Offer | None, seller: UUID | None, currency: str | None
) -> Callable[[], None]:
    def check() -> None:
        if offer is None or not offer.is_purchasable:
            raise NotPurchasable("This is not for sale", variant_id=str(variant_id))
        if offer.organization_id != seller or offer.price.currency != currency:
            message = "A cart buys from one seller in one currency; begin another cart"
            raise DifferentSeller(message, variant_id=str(variant_id))

    return check
