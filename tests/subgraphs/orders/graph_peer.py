"""What stands outside of orders in its own tests: a graph that serves what orders asks of other domains.

The fields and their meaning are the contract's; the end-to-end tests in `tests/commerce` put the real
domains in this place. `break_down` makes a call fail as calls fail: before or after the other side acted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from uuid import UUID

import jwt
import strawberry
from strawberry import federation
from strawberry.schema.config import StrawberryConfig

from subgraphs.kit.ids import new_id
from subgraphs.kit.locales import LocalizedText
from subgraphs.kit.money import Money
from subgraphs.kit.router_client import RouterUnreachableError
from subgraphs.kit.schema import SCALARS
from subgraphs.kit.value_types import LocalizedString, MoneyType

LARGE = LocalizedText(ar="مقاس كبير", fr="Grande taille", en="Large")
COAT = LocalizedText(ar="قشابية", fr="Kachabia", en="Kachabia")


class Hold(Enum):
    RESERVED = "reserved"
    COMMITTED = "committed"
    RELEASED = "released"
    LAPSED = "lapsed"
    SHIPPED = "shipped"


@dataclass
class Goods:
    """A variant in the peer's shop."""

    organization_id: UUID
    sku: str
    price: Money
    on_hand: int
    product_id: UUID = field(default_factory=new_id)
    id: UUID = field(default_factory=new_id)
    name: LocalizedText = LARGE
    product_name: LocalizedText = COAT
    is_purchasable: bool = True


@dataclass
class Held:
    """What is held under one reference."""

    lines: dict[UUID, int]
    hold: Hold


@dataclass
class Breakdown:
    """A call that fails: which one, whether the other side had acted, and how it shows."""

    operation: str
    acted: bool
    error: BaseException
    times: int = 1


@strawberry.type
class ProductNode:
    id: strawberry.ID


@strawberry.type
class VariantNode:
    id: strawberry.ID
    sku: str
    organization_id: strawberry.ID
    product: ProductNode
    name: LocalizedString
    product_name: LocalizedString
    price: MoneyType
    is_purchasable: bool


@strawberry.type
class StockError:
    code: str
    message: str
    field: list[str] | None = None
    variant_id: strawberry.ID | None = None


@strawberry.type
class ReservationNode:
    id: strawberry.ID


@strawberry.type
class StockPayload:
    reservation: ReservationNode | None = None
    user_errors: list[StockError] = strawberry.field(default_factory=list)


@strawberry.input
class StockLineInput:
    variant_id: strawberry.ID
    quantity: int


@strawberry.input
class StockReserveInput:
    idempotency_key: str
    reference: strawberry.ID
    organization_id: strawberry.ID
    lines: list[StockLineInput]
    expires_in_seconds: int = 900


@strawberry.input
class StockReferenceInput:
    idempotency_key: str
    reference: strawberry.ID


def _shop(info: strawberry.Info) -> GraphPeer:
    return info.context


@strawberry.type
class Query:
    @strawberry.field
    def variants(self, info: strawberry.Info, ids: list[strawberry.ID]) -> list[VariantNode | None]:
        return [_shop(info).show(UUID(each)) for each in ids]


@strawberry.type
class Mutation:
    @strawberry.mutation
    def stock_reserve(self, info: strawberry.Info, input: StockReserveInput) -> StockPayload:  # noqa: A002 - GraphQL's name
        return _shop(info).reserve(input)

    @strawberry.mutation
    def stock_commit(self, info: strawberry.Info, input: StockReferenceInput) -> StockPayload:  # noqa: A002 - GraphQL's name
        return _shop(info).commit(UUID(input.reference))

    @strawberry.mutation
    def stock_release(self, info: strawberry.Info, input: StockReferenceInput) -> StockPayload:  # noqa: A002 - GraphQL's name
        return _shop(info).release(UUID(input.reference))

    @strawberry.mutation
    def stock_ship(self, info: strawberry.Info, input: StockReferenceInput) -> StockPayload:  # noqa: A002 - GraphQL's name
        return _shop(info).ship(UUID(input.reference))


SCHEMA = federation.Schema(query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALARS))


class GraphPeer:
    """A RouterClient over the peer's own shop and stock."""

    def __init__(self) -> None:
        self.goods: dict[UUID, Goods] = {}
        self.held: dict[UUID, Held] = {}
        self.calls: list[str] = []
        self.tokens: list[Mapping[str, Any]] = []
        self.releases = 0
        self._breakdowns: list[Breakdown] = []
        self._meanwhile: dict[tuple[str, bool], Callable[[], Awaitable[object]]] = {}

    def sell(self, organization_id: UUID, price_minor: int, on_hand: int, **about: Any) -> Goods:
        """Puts a variant on sale."""
        goods = Goods(organization_id, f"SKU-{len(self.goods)}", Money(price_minor), on_hand, **about)
        self.goods[goods.id] = goods
        return goods

    def break_down(
        self, operation: str, *, acted: bool, error: BaseException | None = None, times: int = 1
    ) -> None:
        """Makes the next calls of the root field fail."""
        self._breakdowns.append(
            Breakdown(operation, acted, error or RouterUnreachableError("connection reset"), times)
        )

    def meanwhile(self, operation: str, *, acted: bool, action: Callable[[], Awaitable[object]]) -> None:
        """Lets something else happen during the next call of the root field, before or after it acts."""
        self._meanwhile[operation, acted] = action

    def free(self, goods: Goods) -> int:
        """How many of the variant nobody holds."""
        holding = (Hold.RESERVED, Hold.COMMITTED)
        taken = sum(held.lines.get(goods.id, 0) for held in self.held.values() if held.hold in holding)
        return goods.on_hand - taken

    async def execute(self, query: str, variables: Mapping[str, Any], *, token: str) -> Mapping[str, Any]:
        """Returns the GraphQL response; fails as it was told to."""
        names = ("variants", "stockReserve", "stockCommit", "stockRelease", "stockShip")
        operation = next(name for name in names if f"{name}(" in query)
        self.calls.append(operation)
        self.tokens.append(jwt.decode(token, options={"verify_signature": False}))
        breakdown = self._next_breakdown(operation)
        if breakdown is not None and not breakdown.acted:
            raise breakdown.error
        await self._let_happen(operation, acted=False)
        result = await SCHEMA.execute(query, dict(variables), context_value=self)
        await self._let_happen(operation, acted=True)
        if breakdown is not None:
            raise breakdown.error
        assert result.errors is None, result.errors
        return {"data": result.data}

    async def _let_happen(self, operation: str, *, acted: bool) -> None:
        await asyncio.sleep(0)
        action = self._meanwhile.pop((operation, acted), None)
        if action is not None:
            await action()

    def _next_breakdown(self, operation: str) -> Breakdown | None:
        for each in self._breakdowns:
            if each.operation == operation and each.times > 0:
                each.times -= 1
                return each
        return None

    def show(self, variant_id: UUID) -> VariantNode | None:
        """Returns the variant as products shows it."""
        goods = self.goods.get(variant_id)
        if goods is None:
            return None
        return VariantNode(
            id=strawberry.ID(str(goods.id)),
            sku=goods.sku,
            organization_id=strawberry.ID(str(goods.organization_id)),
            product=ProductNode(id=strawberry.ID(str(goods.product_id))),
            name=LocalizedString.of(goods.name),
            product_name=LocalizedString.of(goods.product_name),
            price=MoneyType.of(goods.price),
            is_purchasable=goods.is_purchasable,
        )

    def reserve(self, given: StockReserveInput) -> StockPayload:
        """Holds all lines or none; asked again for a reference, it answers the same."""
        reference = UUID(given.reference)
        known = self.held.get(reference)
        if known is None or known.hold not in (Hold.RESERVED, Hold.COMMITTED):
            short = [
                StockError(code="INSUFFICIENT_STOCK", message="Too few are left", variant_id=line.variant_id)
                for line in given.lines
                if self.free(self.goods[UUID(line.variant_id)]) < line.quantity
            ]
            if short:
                return StockPayload(user_errors=short)
            lines = {UUID(line.variant_id): line.quantity for line in given.lines}
            self.held[reference] = Held(lines, Hold.RESERVED)
        return StockPayload(reservation=ReservationNode(id=given.reference))

    def commit(self, reference: UUID) -> StockPayload:
        """Allocates what is reserved."""
        held = self.held.get(reference)
        if held is None or held.hold not in (Hold.RESERVED, Hold.COMMITTED):
            code = "RESERVATION_EXPIRED" if held else "NOT_FOUND"
            return StockPayload(user_errors=[StockError(code=code, message="Nothing is held")])
        held.hold = Hold.COMMITTED
        return StockPayload()

    def release(self, reference: UUID) -> StockPayload:
        """Gives back what is held, once."""
        held = self.held.get(reference)
        if held is not None and held.hold in (Hold.RESERVED, Hold.COMMITTED):
            held.hold = Hold.RELEASED
            self.releases += 1
        return StockPayload()

    def ship(self, reference: UUID) -> StockPayload:
        """Lets go what is allocated, once."""
        held = self.held[reference]
        if held.hold is Hold.COMMITTED:
            held.hold = Hold.SHIPPED
            for variant_id, quantity in held.lines.items():
                self.goods[variant_id].on_hand -= quantity
        return StockPayload()
