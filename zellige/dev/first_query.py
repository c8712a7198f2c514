"""The query GraphiQL opens with; README shows it with its answer."""

from __future__ import annotations

FIRST_QUERY = """\
# One answer from several subgraphs: names and prices from products, quantities from inventory.
# Log in (see the mutation below), put the token under Headers, and `me` joins identity and orders.
query FirstLook {
  products(first: 3, search: "huile d'olive") {
    totalCount
    nodes {
      name(locale: FR)
      category { name(locale: FR) }
      priceRange { min { formatted(locale: FR) } }
      availableQuantity
      stockStatus
    }
  }
  me {
    name
    orders(first: 2) {
      nodes { number status total { formatted } lines { quantity product { name } } }
    }
  }
}
"""
