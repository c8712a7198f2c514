"""`orderBy` inputs turned into a keyset.

A domain declares an enum of the fields one may sort by and an input `{ field, direction }`, and gives a
column for every member.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Protocol

import strawberry

from subgraphs.kit.errors import BadUserInput
from subgraphs.kit.pagination.keyset import Column, Keyset, SortKey

TERMS_MAX = 3


@strawberry.enum(description="Which end of the order comes first.")
class SortDirection(Enum):
    ASC = "asc"
    DESC = "desc"


class OrderTerm(Protocol):
    """One `{ field, direction }` of an orderBy."""

    field: Any
    direction: SortDirection


def keyset_of(
    order_by: Sequence[OrderTerm] | None,
    columns: Mapping[Any, Column],
    unique: Column,
    default: Sequence[SortKey] = (),
) -> Keyset:
    """Returns the keyset of the terms, or of the default order, closed by the unique column (the id)."""
    terms = order_by or ()
    if len(terms) > TERMS_MAX:
        raise BadUserInput(f"`orderBy` has at most {TERMS_MAX} terms")
    if len({term.field for term in terms}) < len(terms):
        raise BadUserInput("`orderBy` names a field twice")
    keys = [
        SortKey(term.field.name, columns[term.field], term.direction is SortDirection.DESC) for term in terms
    ] or list(default)
    # The id follows the last direction, so that one index serves both and row comparison stays possible.
    return Keyset([*keys, SortKey("id", unique, descending=bool(keys) and keys[-1].descending)])
