"""What products says of variants: names, seller and the price of this moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.locales import LocalizedText
from subgraphs.kit.money import Money
from subgraphs.orders.peers.graph import Graph

_QUERY = """
query OrdersOffers($ids: [ID!]!) {
  variants(ids: $ids) {
    id
    sku
    organizationId
    product { id }
    name { ar fr en }
    productName { ar fr en }
    price { amountMinor currency }
    isPurchasable
  }
}
"""


@dataclass(frozen=True, slots=True)
class Offer:
    """A variant as it is sold now."""

    variant_id: UUID
    product_id: UUID
    organization_id: UUID
    sku: str
    name: LocalizedText
    product_name: LocalizedText
    price: Money
    is_purchasable: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Products, seen from here."""

    graph: Graph

    async def offers(self, viewer: Viewer, variant_ids: Sequence[UUID]) -> Mapping[UUID, Offer]:
        """Returns what is on offer by variant; a variant that customers may not see is absent."""
        if not variant_ids:
            return {}
        # As a shopper without an organization: what only staff may see cannot be bought either.
        shopper = Viewer(user_id=viewer.user_id)
        variables = {"ids": [str(each) for each in variant_ids]}
        answer = await self.graph.ask(_QUERY, variables, shopper, frozenset())
        offers = [_read_offer(each) for each in answer["variants"] if each is not None]
        return {offer.variant_id: offer for offer in offers}


def _read_offer(answer: Mapping[str, Any]) -> Offer:
    price = answer["price"]
    return Offer(
        variant_id=UUID(answer["id"]),
        product_id=UUID(answer["product"]["id"]),
        organization_id=UUID(answer["organizationId"]),
        sku=answer["sku"],
        name=LocalizedText(**answer["name"]),
        product_name=LocalizedText(**answer["productName"]),
        price=Money(int(price["amountMinor"]), price["currency"]),
        is_purchasable=answer["isPurchasable"],
    )
