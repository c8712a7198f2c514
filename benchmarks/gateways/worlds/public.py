"""The graph and operation that gateways of the field are compared on (MIT, see `public/LICENSE`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.gateways.worlds.world import Row, World

FOLDER = Path(__file__).parent / "public"
REVIEWS_OF_A_USER = 2
QUERY = (FOLDER / "query.graphql").read_text("utf-8")


@cache
def public_world() -> World:
    """Returns the world; its rows come from `public/data.json`."""
    rows: dict[str, Any] = json.loads((FOLDER / "data.json").read_text("utf-8"))
    users = {row["id"]: {"__typename": "User", **row} for row in rows["users"]}
    products = {
        row["upc"]: {"__typename": "Product", "inStock": rows["inStock"][row["upc"]], **row}
        for row in rows["products"]
    }
    reviews = [{"__typename": "Review", **row} for row in rows["reviews"]]

    def reviews_of_product(row: Row, _arguments: Mapping[str, Any]) -> list[Row]:
        return [review for review in reviews if review["upc"] == row["upc"]]

    def find(key: Row) -> Row | None:
        if key["__typename"] == "User":
            return users.get(key["id"])
        return products.get(key["upc"])

    return World(
        "public",
        {file.stem: file.read_text("utf-8") for file in sorted((FOLDER / "subgraphs").glob("*.graphql"))},
        (FOLDER / "supergraph.graphql").read_text("utf-8"),
        find,
        {
            ("Query", "me"): lambda _row, _arguments: users["1"],
            ("Query", "user"): lambda _row, arguments: users.get(arguments["id"]),
            ("Query", "users"): lambda _row, _arguments: list(users.values()),
            ("Query", "topProducts"): lambda _row, arguments: list(products.values())[: arguments["first"]],
            ("Product", "reviews"): reviews_of_product,
            ("Product", "shippingEstimate"): lambda _row, _arguments: None,
            ("User", "reviews"): lambda _row, _arguments: reviews[:REVIEWS_OF_A_USER],
            ("Review", "author"): lambda _row, _arguments: users["1"],
            ("Review", "product"): lambda row, _arguments: products[row["upc"]],
        },
    )
