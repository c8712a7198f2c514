"""The query GraphiQL opens with; README shows it with its answer."""

from __future__ import annotations

FIRST_QUERY = """\
# Names and prices come from products,
# quantities from inventory. `me` is null
# until a token stands under Headers:
# {"Authorization": "Bearer ..."}, from
# mutation { login(input: {email: ".",
#   password: "."}) { tokens { accessToken } } }
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
      nodes {
        number
        status
        total { formatted }
        lines { quantity product { name } }
      }
    }
  }
}
"""
