"""What happens to orders, as the other domains hear of it. The subject is the order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from subgraphs.kit.events.event import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequested(Event):
    """A checkout began; nothing is sold yet."""

    type: ClassVar[str] = "order.requested"

    customer_id: UUID | None
    total_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(Event):
    """The order holds: stock is reserved and the price agreed."""

    type: ClassVar[str] = "order.placed"

    number: int
    customer_id: UUID | None
    total_minor: int
    currency: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRejected(Event):
    """The checkout was refused."""

    type: ClassVar[str] = "order.rejected"

    customer_id: UUID | None
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExpired(Event):
    """A checkout that stood still was given up."""

    type: ClassVar[str] = "order.expired"

    customer_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderConfirmed(Event):
    """The shop took the order on."""

    type: ClassVar[str] = "order.confirmed"

    number: int
    customer_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Event):
    """The order was called off; its stock goes back."""

    type: ClassVar[str] = "order.cancelled"

    number: int
    customer_id: UUID | None
    actor: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFulfilled(Event):
    """Every piece ordered stands in a parcel."""

    type: ClassVar[str] = "order.fulfilled"

    number: int
    customer_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCompleted(Event):
    """Everything was delivered and the shop closed the order."""

    type: ClassVar[str] = "order.completed"

    number: int
    customer_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FulfillmentMoved(Event):
    """A parcel was made, sent, delivered or undone; the subject is the order."""

    type: ClassVar[str] = "order.fulfillment_moved"

    fulfillment_id: UUID
    customer_id: UUID | None
    status: str
    tracking_number: str | None
