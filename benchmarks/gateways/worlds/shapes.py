"""Lists of any length, texts of any size, a chain of eight fetches, a wide union and a mutation."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from benchmarks.gateways.worlds.composed import LINK, compose
from benchmarks.gateways.worlds.world import Resolver, Row, World

LINKS = 8
MEMBERS = 20
STORY_TYPES = tuple(f"Story{number:02}" for number in range(MEMBERS))

_CATALOGUE = (
    LINK
    + """
type Query {
  items(count: Int!): [Item!]!
  pages(count: Int!, bytes: Int!): [Page!]!
  feed(count: Int!): [Story!]!
}
type Mutation { renameItem(id: ID!, name: String!): RenameItemPayload! }
type RenameItemPayload { item: Item! renamed: Boolean! }
type Item @key(fields: "id") {
  id: ID! sku: String! name: String! price: Int! currency: String! weight: Float!
  isActive: Boolean! rating: Int! category: String! updatedAt: String!
}
type Page @key(fields: "id") { id: ID! text: String! }
"""
    + f"union Story = {' | '.join(STORY_TYPES)}\n"
    + "\n".join(
        f'type {name} @key(fields: "id") {{ id: ID! title: String! detail{number:02}: String! words: Int! }}'
        for number, name in enumerate(STORY_TYPES)
    )
)
_STOCK = (
    LINK
    + """
type Item @key(fields: "id") { id: ID! quantity: Int! warehouse: String! reserved: Int! }
type Page @key(fields: "id") { id: ID! views: Int! }
"""
    + "\n".join(f'type {name} @key(fields: "id") {{ id: ID! likes: Int! }}' for name in STORY_TYPES)
)


def _chain_sdls() -> dict[str, str]:
    """Returns two subgraphs that take turns: a link's own subgraph does not know what comes next."""
    sides = {"even": LINK + "type Query { chain(count: Int!): [Link1!]! }\n", "odd": LINK}
    for number in range(1, LINKS + 1):
        here, there = ("even", "odd") if number % 2 else ("odd", "even")
        sides[here] += f'type Link{number} @key(fields: "id") {{ id: ID! }}\n'
        if number < LINKS:
            sides[there] += (
                f'type Link{number} @key(fields: "id") {{ id: ID! name: String! next: Link{number + 1}! }}\n'
            )
    return sides


@cache
def shapes_world() -> World:
    """Returns the world; its rows are made from their number when they are asked for."""
    sdls = {"catalogue": _CATALOGUE, "stock": _STOCK, **_chain_sdls()}
    resolvers: dict[tuple[str, str], Resolver] = {
        ("Query", "items"): lambda _row, given: [_item(number) for number in range(given["count"])],
        ("Query", "pages"): _pages,
        ("Query", "feed"): lambda _row, given: [_story(number) for number in range(given["count"])],
        ("Query", "chain"): lambda _row, given: [_link(1, number) for number in range(given["count"])],
        ("Mutation", "renameItem"): _rename_item,
    }
    resolvers |= {(f"Link{number}", "next"): _next_link for number in range(1, LINKS)}
    return World("shapes", sdls, compose(sdls), _find, resolvers)


def _find(key: Row) -> Row | None:
    type_name, number = key["__typename"], int(key["id"].rpartition("-")[2])
    if type_name == "Item":
        return _item(number)
    if type_name == "Page":
        return {"__typename": "Page", "id": key["id"], "views": number * 7}
    if type_name.startswith("Story"):
        return _story(number)
    return _link(int(type_name.removeprefix("Link")), number)


def _item(number: int, name: str | None = None) -> Row:
    return {
        "__typename": "Item",
        "id": f"item-{number}",
        "sku": f"SKU{number:06}",
        "name": name or f"Item {number}",
        "price": 100 + number,
        "currency": "DZD",
        "weight": number / 8,
        "isActive": number % 3 != 0,
        "rating": number % 6,
        "category": f"category {number % 12}",
        "updatedAt": f"2026-01-{number % 28 + 1:02}",
        "quantity": number * 3 % 101,
        "warehouse": f"W{number % 5}",
        "reserved": number % 7,
    }


def _pages(_row: Row, given: Mapping[str, Any]) -> list[Row]:
    text = ("The quick brown fox jumps over the lazy dog. " * (given["bytes"] // 45 + 1))[: given["bytes"]]
    return [
        {"__typename": "Page", "id": f"page-{number}", "text": text, "views": number * 7}
        for number in range(given["count"])
    ]


def _story(number: int) -> Row:
    kind = number % MEMBERS
    return {
        "__typename": STORY_TYPES[kind],
        "id": f"story-{number}",
        "title": f"Story {number}",
        f"detail{kind:02}": f"detail of {number}",
        "words": number * 11,
        "likes": number * 13 % 1000,
    }


def _link(depth: int, number: int) -> Row:
    return {"__typename": f"Link{depth}", "id": f"link{depth}-{number}", "name": f"link {depth} of {number}"}


def _next_link(row: Row, _arguments: Mapping[str, Any]) -> Row:
    depth = int(row["__typename"].removeprefix("Link"))
    return _link(depth + 1, int(row["id"].rpartition("-")[2]))


def _rename_item(_row: Row, given: Mapping[str, Any]) -> Row:
    item = _item(int(given["id"].rpartition("-")[2]), given["name"])
    return {"item": item, "renamed": True}


def chain_query() -> str:
    """Returns the query that can only be answered by eight fetches, one after the other."""
    selection = "id"
    for _ in range(LINKS - 1):
        selection = f"id name next {{ {selection} }}"
    return f"query Chain($count: Int!) {{ chain(count: $count) {{ {selection} }} }}"


def union_query() -> str:
    """Returns the query of every member of the union, one field of each from another subgraph."""
    parts = " ".join(
        f"... on {name} {{ id title detail{number:02} words likes }}"
        for number, name in enumerate(STORY_TYPES)
    )
    return f"query Feed($count: Int!) {{ feed(count: $count) {{ __typename {parts} }} }}"
