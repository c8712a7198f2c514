"""Scalars beyond GraphQL's own, the same in every subgraph."""

from __future__ import annotations

from typing import Any, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
"""An integer of up to 63 bits; text on the wire, because JavaScript loses digits above 2^53."""

BIG_INT_MAX = 2**63 - 1


def _parse_big_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("BigInt is an integer or its decimal text")  # noqa: TRY004 - GraphQL expects ValueError
    try:
        number = int(value)
    except ValueError as error:
        raise ValueError("BigInt is an integer or its decimal text") from error
    if abs(number) > BIG_INT_MAX:
        raise ValueError("BigInt holds at most 63 bits")
    return number


SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="An integer of up to 63 bits, written as text.",
        serialize=str,
        parse_value=_parse_big_int,
    ),
}
