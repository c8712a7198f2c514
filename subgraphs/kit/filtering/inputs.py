"""One filter type per scalar. Operators of one filter are joined by AND; text matching ignores case."""

from __future__ import annotations

from datetime import date, datetime
from typing import Generic, TypeVar

import strawberry
from strawberry import UNSET

from subgraphs.kit.scalars import BigInt

E = TypeVar("E")


@strawberry.input(name="IDFilter")
class IDFilter:
    eq: strawberry.ID | None = UNSET
    ne: strawberry.ID | None = UNSET
    in_: list[strawberry.ID] | None = strawberry.field(name="in", default=UNSET)
    nin: list[strawberry.ID] | None = UNSET
    is_null: bool | None = UNSET


@strawberry.input(name="StringFilter")
class StringFilter:
    eq: str | None = UNSET
    ne: str | None = UNSET
    in_: list[str] | None = strawberry.field(name="in", default=UNSET)
    nin: list[str] | None = UNSET
    contains: str | None = UNSET
    starts_with: str | None = UNSET
    is_null: bool | None = UNSET


@strawberry.input(name="IntFilter")
class IntFilter:
    eq: int | None = UNSET
    ne: int | None = UNSET
    in_: list[int] | None = strawberry.field(name="in", default=UNSET)
    nin: list[int] | None = UNSET
    gt: int | None = UNSET
    gte: int | None = UNSET
    lt: int | None = UNSET
    lte: int | None = UNSET
    is_null: bool | None = UNSET


@strawberry.input(name="BigIntFilter")
class BigIntFilter:
    eq: BigInt | None = UNSET
    ne: BigInt | None = UNSET
    in_: list[BigInt] | None = strawberry.field(name="in", default=UNSET)
    nin: list[BigInt] | None = UNSET
    gt: BigInt | None = UNSET
    gte: BigInt | None = UNSET
    lt: BigInt | None = UNSET
    lte: BigInt | None = UNSET
    is_null: bool | None = UNSET


@strawberry.input(name="DateTimeFilter")
class DateTimeFilter:
    eq: datetime | None = UNSET
    ne: datetime | None = UNSET
    gt: datetime | None = UNSET
    gte: datetime | None = UNSET
    lt: datetime | None = UNSET
    lte: datetime | None = UNSET
    is_null: bool | None = UNSET


@strawberry.input(name="DateFilter")
class DateFilter:
    eq: date | None = UNSET
    ne: date | None = UNSET
    gt: date | None = UNSET
    gte: date | None = UNSET
    lt: date | None = UNSET
    lte: date | None = UNSET
    is_null: bool | None = UNSET


@strawberry.input(name="BooleanFilter")
class BooleanFilter:
    eq: bool | None = UNSET
    ne: bool | None = UNSET
    is_null: bool | None = UNSET


@strawberry.input
class EnumFilter(Generic[E]):
    eq: E | None = UNSET
    ne: E | None = UNSET
    in_: list[E] | None = strawberry.field(name="in", default=UNSET)
    nin: list[E] | None = UNSET
    is_null: bool | None = UNSET
