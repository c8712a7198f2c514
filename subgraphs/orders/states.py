"""The states of carts, orders and fulfilments, and who may move what where: one table per machine."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Generic, TypeVar

S = TypeVar("S", bound=Enum)


class Actor(Enum):
    """Who does something to an order."""

    CUSTOMER = "CUSTOMER"
    STAFF = "STAFF"
    SYSTEM = "SYSTEM"


class CartStatus(Enum):
    """Whether a cart can still be changed."""

    OPEN = "OPEN"
    CHECKED_OUT = "CHECKED_OUT"


class OrderStatus(Enum):
    """How far the agreement between shop and customer has come; says nothing of money or parcels."""

    PENDING = "PENDING"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    PLACED = "PLACED"
    CONFIRMED = "CONFIRMED"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


class AuthorizeStatus(Enum):
    """How much of the total a payer has agreed to."""

    NONE = "NONE"
    PARTIAL = "PARTIAL"
    FULL = "FULL"


class ChargeStatus(Enum):
    """How much of the total has been received."""

    NOT_CHARGED = "NOT_CHARGED"
    PARTIALLY_CHARGED = "PARTIALLY_CHARGED"
    FULLY_CHARGED = "FULLY_CHARGED"


class FulfillmentProgress(Enum):
    """How much of what was ordered stands in fulfilments that are not cancelled."""

    UNFULFILLED = "UNFULFILLED"
    PARTIALLY_FULFILLED = "PARTIALLY_FULFILLED"
    FULFILLED = "FULFILLED"


class FulfillmentStatus(Enum):
    """Where one parcel is."""

    PREPARING = "PREPARING"
    SHIPPED = "SHIPPED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"


class PaymentMethod(Enum):
    """How the customer pays."""

    CASH_ON_DELIVERY = "CASH_ON_DELIVERY"


class StockStep(Enum):
    """What is known of the stock that inventory holds for an order.

    It is written before a call whose outcome may get lost and again after it, so that whoever repairs a crash
    knows which call to make.
    """

    NONE = "NONE"
    """Nothing is held."""
    RESERVING = "RESERVING"
    """A reservation has been asked for, or is about to be."""
    RESERVED = "RESERVED"
    """Reserved; the commit is due."""
    COMMITTED = "COMMITTED"
    RELEASING = "RELEASING"
    """The release is due."""
    RELEASED = "RELEASED"
    SHIPPING = "SHIPPING"
    """Every piece has left; inventory is to be told."""
    SHIPPED = "SHIPPED"


class StateMachine(Generic[S]):
    """A table of transitions: from and to, and who may make it."""

    def __init__(self, transitions: Mapping[tuple[S, S], frozenset[Actor]]) -> None:
        self.transitions = transitions

    def allows(self, before: S, after: S, actor: Actor) -> bool:
        """Whether the actor may move something from one state to the other."""
        return actor in self.transitions.get((before, after), ())

    def next_states(self, state: S, actor: Actor) -> list[S]:
        """Returns the states the actor may move it to, in the order of the table."""
        return [
            after
            for (before, after), actors in self.transitions.items()
            if before is state and actor in actors
        ]


_STAFF = frozenset({Actor.STAFF})
_SYSTEM = frozenset({Actor.SYSTEM})
_EVERYBODY = frozenset(Actor)
_SHOP = frozenset({Actor.STAFF, Actor.SYSTEM})

ORDER_MACHINE = StateMachine(
    {
        (OrderStatus.PENDING, OrderStatus.PLACED): _SYSTEM,
        (OrderStatus.PENDING, OrderStatus.REJECTED): _SYSTEM,
        (OrderStatus.PENDING, OrderStatus.EXPIRED): _SYSTEM,
        (OrderStatus.PLACED, OrderStatus.CONFIRMED): _STAFF,
        (OrderStatus.PLACED, OrderStatus.CANCELLED): _EVERYBODY,
        (OrderStatus.CONFIRMED, OrderStatus.COMPLETED): _STAFF,
        (OrderStatus.CONFIRMED, OrderStatus.CANCELLED): _SHOP,
    }
)

FULFILLMENT_MACHINE = StateMachine(
    {
        (FulfillmentStatus.PREPARING, FulfillmentStatus.SHIPPED): _STAFF,
        (FulfillmentStatus.PREPARING, FulfillmentStatus.CANCELLED): _STAFF,
        (FulfillmentStatus.SHIPPED, FulfillmentStatus.DELIVERED): _STAFF,
    }
)

DEAD = (OrderStatus.REJECTED, OrderStatus.EXPIRED, OrderStatus.CANCELLED)
"""Orders that must hold no stock."""

FAILED = (OrderStatus.REJECTED, OrderStatus.EXPIRED)
"""Orders that never came to be; their cart is open again."""
