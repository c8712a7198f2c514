"""A small shop in four subgraphs, with the operations two gateways must answer alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", '
    'import: ["@key", "@external", "@requires", "@provides", "@shareable"])\n'
)

SUBGRAPHS: Mapping[str, str] = {
    "products": _LINK
    + """
type Query {
  products(first: Int): [Product!]!
  product(id: ID!): Product
  items: [Item!]!
}
type Mutation { rename(id: ID!, name: String!): Product }
interface Item { id: ID! name: String! }
type Product implements Item @key(fields: "id") {
  id: ID!
  name: String!
  weight: Int!
  broken: String
  category: Category!
}
type Category @key(fields: "slug") { slug: ID! title: String! }
type Voucher implements Item { id: ID! name: String! amount: Int! }
""",
    "inventory": _LINK
    + """
type Query { warehouses: [Warehouse!]! }
type Mutation { restock(product: ID!, quantity: Int!): Int }
type Product @key(fields: "id") {
  id: ID!
  weight: Int! @external
  stock: Int!
  shipping: Int! @requires(fields: "weight")
  warehouse: Warehouse
}
type Warehouse @key(fields: "code") { code: ID! city: String! products: [Product!]! }
""",
    "reviews": _LINK
    + """
type Query { recent: [Subject!]! }
union Subject = Product | User
type Product @key(fields: "id") { id: ID! reviews: [Review!]! rating: Float }
type User @key(fields: "id") { id: ID! name: String! @external reviews: [Review!]! }
type Review @key(fields: "id") {
  id: ID!
  text: String!
  author: User! @provides(fields: "name")
  product: Product!
}
""",
    "accounts": _LINK
    + """
type Query { me: User user(id: ID!): User }
type User @key(fields: "id") { id: ID! name: String! email: String! favourite: Product }
type Product @key(fields: "id", resolvable: false) { id: ID! }
""",
}

RECORDS: Mapping[str, Mapping[str, Any]] = {
    "Query": {
        "products": ["@Product:1", "@Product:2", "@Product:3"],
        "product": "@Product:2",
        "items": ["@Product:1", "@Voucher:1"],
        "warehouses": ["@Warehouse:alger"],
        "recent": ["@User:1", "@Product:3"],
        "me": "@User:1",
        "user": "@User:2",
    },
    "Product:1": {"name": "Zarbia", "weight": 9, "category": "@Category:home", "reviews": ["@Review:1"]},
    "Product:2": {"name": "Tadjine", "weight": 3, "category": "@Category:home", "reviews": []},
    "Product:3": {
        "name": "Khatim",
        "weight": 1,
        "category": "@Category:tiles",
        "broken": "!the kiln is cold",
        "reviews": ["@Review:2", "@Review:3"],
    },
    "Category:home": {"title": "Home"},
    "Category:tiles": {"title": "Tiles"},
    "Voucher:1": {"name": "Eid", "amount": 500},
    "Warehouse:alger": {"city": "Alger", "products": ["@Product:1", "@Product:3"]},
    "User:1": {"name": "Amel", "favourite": "@Product:3"},
    "User:2": {"name": "Yacine", "favourite": None},
    "Review:1": {"author": "@User:1", "product": "@Product:1"},
    "Review:2": {"author": "@User:2", "product": "@Product:3"},
    "Review:3": {"author": "@User:1", "product": "@Product:3"},
}

OPERATIONS: Mapping[str, dict[str, Any]] = {
    "one subgraph": {"query": "{ products { id name category { title } } }"},
    "two subgraphs with aliases": {"query": "{ all: products { key: id on_hand: stock rating } }"},
    "requires": {"query": "{ products { name shipping } }"},
    "three hops": {"query": "{ me { favourite { name stock reviews { text author { email } } } } }"},
    "provides": {"query": "{ products { reviews { author { name } } } }"},
    "a union": {
        "query": """
            { recent { __typename ... on Product { name stock } ... on User { name email reviews { id } } } }
        """
    },
    "an interface": {
        "query": "{ items { __typename id name ... on Product { stock } ... on Voucher { amount } } }"
    },
    "variables, fragments and conditions": {
        "query": """
            query Read($id: ID!, $withStock: Boolean!, $bare: Boolean = false) {
              product(id: $id) { ...Parts stock @include(if: $withStock) rating @skip(if: $bare) }
            }
            fragment Parts on Product { name warehouse { city products { id name } } }
        """,
        "variables": {"id": "2", "withStock": True},
    },
    "partial data with an error": {"query": "{ products { name broken stock } }"},
    "mutations in series": {
        "query": """
            mutation {
              first: rename(id: "1", name: "a") { name stock }
              restock(product: "1", quantity: 2)
              second: rename(id: "2", name: "b") { id rating }
            }
        """
    },
    "introspection beside data": {
        "query": '{ me { name } __type(name: "Product") { name fields { name type { kind name } } } }'
    },
}
