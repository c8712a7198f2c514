"""An organization with stock, and what one does with it in tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from subgraphs.kit.auth.internal import service_token
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.ids import new_id
from tests.support.subgraph import Caller, RunningSubgraph

ERRORS = "userErrors { code field variantId }"
RESERVATION = f"reservation {{ id reference status expiresAt lines {{ variantId quantity }} }} {ERRORS}"


class Shop:
    """One organization's staff, the orders service, and short ways to their mutations."""

    def __init__(self, inventory: RunningSubgraph) -> None:
        self.inventory = inventory
        self.organization_id = new_id()
        self.product_id = str(new_id())

    @property
    def staff(self) -> Caller:
        """A member of the organization who may do everything in its inventory."""
        return self.staff_of(self.organization_id)

    @property
    def orders(self) -> Caller:
        """The orders service, on behalf of a shopper."""
        app, shopper = self.inventory.app, Viewer(user_id=new_id())
        token = service_token(app.settings, app.clock, "orders", shopper, frozenset({"internal"}))
        return Caller(token, Viewer(shopper.user_id, service="orders"))

    def staff_of(self, organization_id: UUID) -> Caller:
        """Returns a member of any organization, with a token of the moment, however the clock was moved."""
        now = int(self.inventory.app.clock.now().timestamp())
        return self.inventory.user(
            organization_id=organization_id,
            permissions=["inventory:*"],
            iat=now,
            nbf=now,
            exp=now + 600,
        )

    async def mutate(
        self, name: str, given: Mapping[str, Any], selection: str, caller: Caller | None = None
    ) -> dict[str, Any]:
        """Returns the payload of a mutation that takes one input."""
        kind = _INPUTS[name] if name in _INPUTS else f"{name[0].upper()}{name[1:]}Input"
        query = f"mutation($input: {kind}!) {{ {name}(input: $input) {{ {selection} }} }}"
        return (await self.inventory.data(query, {"input": given}, caller or self.staff))[name]

    async def warehouse(self, code: str, caller: Caller | None = None, **given: Any) -> str:
        """Returns the id of a new warehouse."""
        draft = {"code": code, "name": f"Depot {code}", "wilaya": 16, **given}
        payload = await self.mutate("warehouseCreate", draft, f"warehouse {{ id }} {ERRORS}", caller)
        assert payload["userErrors"] == []
        return payload["warehouse"]["id"]

    async def stock(
        self, warehouse_id: str, *amounts: tuple[str, int], caller: Caller | None = None, product: str = ""
    ) -> None:
        """Receives so many of each variant."""
        rows = [
            {
                "warehouseId": warehouse_id,
                "variantId": variant_id,
                "productId": product or self.product_id,
                "quantity": quantity,
            }
            for variant_id, quantity in amounts
        ]
        given = {"idempotencyKey": str(new_id()), "rows": rows}
        payload = await self.mutate("stockBulkReceive", given, f"movements {{ id }} {ERRORS}", caller)
        assert payload["userErrors"] == []

    async def reserve(
        self, order: str, *amounts: tuple[str, int], caller: Caller | None = None, **given: Any
    ) -> dict[str, Any]:
        """Returns the payload of a reservation under the order's reference."""
        wish = {
            "idempotencyKey": str(new_id()),
            "reference": order,
            "organizationId": str(self.organization_id),
            "lines": [{"variantId": variant, "quantity": quantity} for variant, quantity in amounts],
            **given,
        }
        return await self.mutate("stockReserve", wish, RESERVATION, caller or self.orders)

    async def by_reference(
        self, mutation: str, reference: str, caller: Caller | None = None, key: str = ""
    ) -> dict[str, Any]:
        """Returns the payload of stockCommit, stockRelease or stockShip."""
        given = {"idempotencyKey": key or str(new_id()), "reference": reference}
        return await self.mutate(mutation, given, RESERVATION, caller or self.orders)

    async def available(self, *variant_ids: str, organization_id: UUID | None = None) -> list[int | None]:
        """Returns what a visitor reads as available of each variant."""
        representations = [
            {
                "__typename": "ProductVariant",
                "id": variant_id,
                "organizationId": str(organization_id or self.organization_id),
            }
            for variant_id in variant_ids
        ]
        found = await self.inventory.entities(representations, "... on ProductVariant { availableQuantity }")
        return [each["availableQuantity"] for each in found]

    async def levels(self, variant_id: str) -> Sequence[dict[str, Any]]:
        """Returns what staff read of a variant's levels, by the warehouses' codes."""
        representation = {
            "__typename": "ProductVariant",
            "id": variant_id,
            "organizationId": str(self.organization_id),
        }
        selection = "stockLevels { warehouse { code } onHand reserved allocated available }"
        (found,) = await self.inventory.entities(
            [representation], f"... on ProductVariant {{ {selection} }}", self.staff
        )
        levels = [{**level, "warehouse": level["warehouse"]["code"]} for level in found["stockLevels"]]
        return sorted(levels, key=lambda level: level["warehouse"])

    async def discrepancies(self) -> list[dict[str, Any]]:
        """Returns where the levels disagree with the movements and reservations."""
        query = "{ stockDiscrepancies { onHand onHandByMovements reserved reservedByLines allocated } }"
        return (await self.inventory.data(query, caller=self.staff))["stockDiscrepancies"]

    async def events(self, *types: str) -> list[tuple[str, dict[str, Any]]]:
        """Returns type and payload of the outbox's events of these types, in order."""
        statement = text("SELECT type, payload FROM outbox_events WHERE type = ANY(:types) ORDER BY sequence")
        async with self.inventory.app.database.engine.connect() as connection:
            rows = await connection.execute(statement, {"types": list(types)})
            return [(row.type, row.payload) for row in rows]


_INPUTS = {
    "stockCommit": "StockReferenceInput",
    "stockRelease": "StockReferenceInput",
    "stockShip": "StockReferenceInput",
    "stockTransferReceive": "StockTransferArrivalInput",
    "stockTransferReturn": "StockTransferArrivalInput",
}


def codes(payload: Mapping[str, Any]) -> list[str]:
    """Returns the codes of the payload's errors."""
    return [error["code"] for error in payload["userErrors"]]


def variant() -> str:
    """Returns a new variant's id."""
    return str(new_id())
