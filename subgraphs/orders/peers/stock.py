"""What orders asks of inventory: hold an order's stock, allocate it for good, give it back, let it go.

The order's id is the reference of everything. A reservation and a commit carry a key derived from it, so
that a repeated call finds the first one's result. A release carries a new key each time: inventory releases a
reference once by itself, and a replayed answer from before the reservation would leave it standing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.ids import new_id
from subgraphs.orders.errors import InsufficientStock, TryAgain
from subgraphs.orders.peers.graph import Graph

RESERVATION_S = 900
INTERNAL = frozenset({"internal"})
_NOTHING_HELD = {"NOT_FOUND", "RESERVATION_EXPIRED", "RESERVATION_RELEASED"}

_RESERVE = """
mutation OrdersReserve($input: StockReserveInput!) {
  stockReserve(input: $input) { reservation { id } userErrors { code message variantId } }
}
"""
_COMMIT = """
mutation OrdersCommit($key: String!, $reference: ID!) {
  stockCommit(input: {idempotencyKey: $key, reference: $reference}) { userErrors { code message } }
}
"""
_RELEASE = """
mutation OrdersRelease($key: String!, $reference: ID!) {
  stockRelease(input: {idempotencyKey: $key, reference: $reference}) { userErrors { code message } }
}
"""
_SHIP = """
mutation OrdersShip($key: String!, $reference: ID!) {
  stockShip(input: {idempotencyKey: $key, reference: $reference}) { userErrors { code message } }
}
"""


@dataclass(frozen=True, slots=True)
class StockClaim:
    """Whose stock is meant, for which order, and how much of what."""

    order_id: UUID
    organization_id: UUID
    customer_id: UUID | None
    lines: Sequence[tuple[UUID, int]] = ()


@dataclass(frozen=True, slots=True)
class Stock:
    """Inventory, seen from here."""

    graph: Graph

    async def reserve(self, claim: StockClaim, *, attempt: str = "first") -> Sequence[InsufficientStock]:
        """Holds all lines or none; returns what is short, nothing when the stock is held."""
        given = {
            "idempotencyKey": f"{claim.order_id}:reserve:{attempt}",
            "reference": str(claim.order_id),
            "organizationId": str(claim.organization_id),
            "expiresInSeconds": RESERVATION_S,
            "lines": [{"variantId": str(variant), "quantity": quantity} for variant, quantity in claim.lines],
        }
        errors = await self._call("stockReserve", _RESERVE, claim, {"input": given})
        shortages = [
            InsufficientStock(error["message"], variant_id=error["variantId"])
            for error in errors
            if error["code"] == InsufficientStock.code
        ]
        if errors and not shortages:
            raise TryAgain("The stock could not be reserved; try again")
        return shortages

    async def commit(self, claim: StockClaim, *, attempt: str = "first") -> bool:
        """Allocates what is held for good; False when nothing is held any more."""
        given = {"key": f"{claim.order_id}:commit:{attempt}", "reference": str(claim.order_id)}
        errors = await self._call("stockCommit", _COMMIT, claim, given)
        if not {error["code"] for error in errors} <= _NOTHING_HELD:
            raise TryAgain("The stock could not be allocated; try again")
        return not errors

    async def release(self, claim: StockClaim) -> None:
        """Gives back whatever is held or allocated; nothing of it is no fault."""
        given = {"key": f"{claim.order_id}:release:{new_id()}", "reference": str(claim.order_id)}
        if await self._call("stockRelease", _RELEASE, claim, given):
            raise TryAgain("The stock could not be released; try again")

    async def ship(self, claim: StockClaim) -> None:
        """Tells that everything allocated has left the warehouses."""
        given = {"key": f"{claim.order_id}:ship", "reference": str(claim.order_id)}
        if await self._call("stockShip", _SHIP, claim, given):
            raise TryAgain("The stock could not be booked out; try again")

    async def _call(
        self, field: str, mutation: str, claim: StockClaim, variables: Mapping[str, Any]
    ) -> Sequence[Mapping[str, Any]]:
        seller = Viewer(user_id=claim.customer_id, organization_id=claim.organization_id)
        answer = await self.graph.ask(mutation, variables, seller, INTERNAL)
        return answer[field]["userErrors"]
