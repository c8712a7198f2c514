"""Products' GraphQL: arguments in, one use-case or one statement each, types out.

Lists cost the same few statements whatever their length: what an item refers to comes by loader.
"""

from __future__ import annotations

import strawberry

from subgraphs.kit.schema import KitSchema
from subgraphs.products.schema.product_mutations import ProductMutations
from subgraphs.products.schema.queries import Query
from subgraphs.products.schema.taxonomy import Category, Tag
from subgraphs.products.schema.taxonomy_mutations import TaxonomyMutations
from subgraphs.products.schema.types import Product, ProductVariant


@strawberry.type
class Mutation(ProductMutations, TaxonomyMutations):
    """All of them."""


def build_schema() -> KitSchema:
    """Returns the schema of the products subgraph."""
    return KitSchema(query=Query, mutation=Mutation, types=[Product, ProductVariant, Category, Tag])
