"""The directives of the cache specification: for how long answers are kept, and what makes them invalid.

    @federation.type(keys=["id"], directives=[CacheControl(max_age=60)])
    @fields.mutation(allow=WRITE, directives=[CacheInvalidate(type="Product", key="id: {$args.id}")])

The router keeps what has an age. What is not said to be PUBLIC is shared among those without credentials
only: say PUBLIC of nothing that anybody, staff included, may see differently.
"""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry import federation
from strawberry.federation.schema_directives import Link
from strawberry.schema_directive import Location

CACHE_LINK = Link(
    url="https://zellige.dev/specs/cache/v1.0",
    import_=["@cacheControl", "@cacheInvalidate"],  # pyright: ignore[reportArgumentType]  # a scalar of texts
)


@strawberry.enum(name="CacheControlScope")
class CacheScope(Enum):
    """Who may be given an answer that was kept."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


@federation.schema_directive(
    locations=[Location.OBJECT, Location.INTERFACE, Location.FIELD_DEFINITION],
    name="cacheControl",
    print_definition=False,
)
class CacheControl:
    """For how long, and for whom, an answer with this in it may be kept; seconds, 0 forbids."""

    max_age: int | None = strawberry.UNSET
    scope: CacheScope | None = strawberry.UNSET
    inherit_max_age: bool | None = strawberry.UNSET


@federation.schema_directive(
    locations=[Location.FIELD_DEFINITION], name="cacheInvalidate", repeatable=True, print_definition=False
)
class CacheInvalidate:
    """What a mutation makes invalid: a type, one entity of it by `key`, or what carries a `tag`.

    Values come from the mutation: `{$args.input.productId}`, `{$result.product.id}`.
    """

    type: str | None = strawberry.UNSET
    key: str | None = strawberry.UNSET
    tag: str | None = strawberry.UNSET


# For types that stand in an entity and have no life of their own: money, texts, pages.
PART_OF_ITS_OWNER = CacheControl(inherit_max_age=True)
