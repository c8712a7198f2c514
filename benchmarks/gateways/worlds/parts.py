"""One type spread over many subgraphs: how the cost of a request grows with their number."""

from __future__ import annotations

from functools import cache

from benchmarks.gateways.worlds.composed import LINK, compose
from benchmarks.gateways.worlds.world import Row, World

PARTS = 16
ROWS = 20


def part_name(number: int) -> str:
    """Returns the name of a subgraph, which is that of its fields' beginning too."""
    return f"part{number:02}"


@cache
def parts_world() -> World:
    """Returns the world: `Thing` has two fields in each of its subgraphs; the first one lists them."""
    sdls = {
        part_name(number): f"{LINK}type Thing @key(fields: "
        f'"id") {{ id: ID! {part_name(number)}Name: String! {part_name(number)}Count: Int! }}\n'
        for number in range(PARTS)
    }
    sdls[part_name(0)] += "type Query { things: [Thing!]! }\n"
    things = [_thing(number) for number in range(ROWS)]
    by_id = {row["id"]: row for row in things}
    return World(
        "parts",
        sdls,
        compose(sdls),
        lambda key: by_id.get(key["id"]),
        {("Query", "things"): lambda _row, _arguments: things},
    )


def _thing(number: int) -> Row:
    row: Row = {"__typename": "Thing", "id": f"thing-{number}"}
    for part in range(PARTS):
        row[f"{part_name(part)}Name"] = f"thing {number} in part {part}"
        row[f"{part_name(part)}Count"] = number * PARTS + part
    return row


def parts_query(subgraphs: int) -> str:
    """Returns a query of the fields of so many subgraphs."""
    fields = " ".join(f"{part_name(part)}Name {part_name(part)}Count" for part in range(subgraphs))
    return f"query Parts{subgraphs} {{ things {{ id {fields} }} }}"
