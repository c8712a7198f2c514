"""The operations that are measured, each in the modes it is measured in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.gateways.drawn_operations import draw_operations
from benchmarks.gateways.worlds.public import QUERY
from benchmarks.gateways.worlds.shapes import chain_query, union_query

UNIQUE, SAME = "unique", "same"
COLD_OPERATIONS = 1_000

ITEM_FIELDS = "id sku name price currency weight isActive rating category updatedAt"
JOINED_FIELDS = "id sku name price currency weight isActive quantity warehouse reserved"


def list_query(fields: str) -> str:
    """Returns the query of a list of items."""
    return f"query Items($count: Int!) {{ items(count: $count) {{ {fields} }} }}"


def one_body(query: str, variables: Mapping[str, Any] | None = None) -> Callable[[], tuple[str, ...]]:
    """Returns what makes the one request body of an operation."""
    return lambda: (json.dumps({"query": query, **({"variables": variables} if variables else {})}),)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation over one world. A cold one has many texts, each sent once to a gateway just started."""

    name: str
    world: str
    about: str
    bodies: Callable[[], tuple[str, ...]]
    modes: tuple[str, ...] = (UNIQUE,)
    is_cold: bool = field(default=False)


def _cold_bodies() -> tuple[str, ...]:
    return tuple(json.dumps({"query": query}) for query in draw_operations(COLD_OPERATIONS))


_RENAME = (
    "mutation Rename($id: ID!, $name: String!)"
    " { renameItem(id: $id, name: $name) { renamed item { id name quantity warehouse } } }"
)

OPERATIONS = {
    operation.name: operation
    for operation in (
        Operation(
            "public",
            "public",
            "the field's public operation: 60 fields, 88 kB",
            one_body(QUERY),
            (UNIQUE, SAME),
        ),
        Operation("one-field", "public", "one field of one subgraph", one_body("{ me { name } }")),
        Operation(
            "list-1000",
            "shapes",
            "1,000 rows of 10 small fields, one subgraph",
            one_body(list_query(ITEM_FIELDS), {"count": 1_000}),
        ),
        Operation(
            "list-1000-joined",
            "shapes",
            "1,000 rows of 10 small fields, 3 of them from a second subgraph",
            one_body(list_query(JOINED_FIELDS), {"count": 1_000}),
        ),
        Operation(
            "deep-chain",
            "shapes",
            "8 fetches, each needing the one before, 10 entities in each",
            one_body(chain_query(), {"count": 10}),
        ),
        Operation(
            "wide-union",
            "shapes",
            "60 rows of a union of 20 types, one field from a second subgraph",
            one_body(union_query(), {"count": 60}),
        ),
        Operation(
            "mutation",
            "shapes",
            "a mutation and one entity fetch",
            one_body(_RENAME, {"id": "item-7", "name": "Tapis"}),
        ),
        Operation(
            "cold",
            "public",
            f"{COLD_OPERATIONS:,} distinct operations, each planned for the first time",
            _cold_bodies,
            is_cold=True,
        ),
    )
}
