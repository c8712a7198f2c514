"""What inventory refuses, each with its code.

DomainError
├── InsufficientStock        INSUFFICIENT_STOCK         fewer available than asked for; names the variant
├── ReservationExpired       RESERVATION_EXPIRED        lapsed, and its stock has gone to somebody else since
├── ReservationReleased      RESERVATION_RELEASED       given back: there is nothing left to commit
├── ReservationNotCommitted  RESERVATION_NOT_COMMITTED  only what is committed can be shipped
├── ReferenceInUse           REFERENCE_IN_USE           the reference has its stock committed already
├── AlreadyShipped           ALREADY_SHIPPED            the goods have left; they come back as a receipt
├── WarehouseCodeTaken       WAREHOUSE_CODE_TAKEN
├── WarehouseInactive        WAREHOUSE_INACTIVE         takes no goods in
├── WarehouseNotEmpty        WAREHOUSE_NOT_EMPTY        holds goods, or is on the way of some
└── TransferClosed           TRANSFER_CLOSED            everything sent has arrived or come back
"""

# ruff: noqa: N818 - a refusal reads as a sentence (WarehouseNotEmpty), as its code does

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from subgraphs.kit.errors import DomainError


class InsufficientStock(DomainError):
    """There is less available than was asked for."""

    code = "INSUFFICIENT_STOCK"

    def __init__(self, message: str, *, field: Sequence[str], variant_id: UUID) -> None:
        super().__init__(message, field=field)
        self.variant_id = variant_id

    def details(self) -> Mapping[str, Any]:
        """Returns which variant there is too little of."""
        return {"variant_id": str(self.variant_id)}


class ReservationExpired(DomainError):
    """The reservation lapsed and its stock is no longer there to be taken again."""

    code = "RESERVATION_EXPIRED"


class ReservationReleased(DomainError):
    """The reservation was given back."""

    code = "RESERVATION_RELEASED"


class ReservationNotCommitted(DomainError):
    """The reservation is not a permanent allocation."""

    code = "RESERVATION_NOT_COMMITTED"


class ReferenceInUse(DomainError):
    """The reference's stock is committed or shipped and cannot be reserved anew."""

    code = "REFERENCE_IN_USE"


class AlreadyShipped(DomainError):
    """The goods have left the warehouse."""

    code = "ALREADY_SHIPPED"


class WarehouseCodeTaken(DomainError):
    """Another warehouse of the organization has this code."""

    code = "WAREHOUSE_CODE_TAKEN"


class WarehouseInactive(DomainError):
    """The warehouse takes no goods in."""

    code = "WAREHOUSE_INACTIVE"


class WarehouseNotEmpty(DomainError):
    """The warehouse holds goods, or goods are on their way to or from it."""

    code = "WAREHOUSE_NOT_EMPTY"


class TransferClosed(DomainError):
    """Nothing of the transfer is on its way any more."""

    code = "TRANSFER_CLOSED"
