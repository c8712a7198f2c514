"""CACHE_TAG_ENTITY_NOT_RESOLVABLE: A type with @cacheTag has a resolvable @key.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.rules.cache_tags import cache_tags
from router.composition.rules.field_sets import uses_of
from router.composition.subgraph.model import Subgraph


def cache_tag_entity_not_resolvable(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """A type with @cacheTag has a resolvable @key."""
    for tag in cache_tags(subgraph):
        keys = [use for use in uses_of(subgraph, "key") if use.owner is tag.holder]
        if tag.field is None and not any(use.is_resolvable for use in keys):
            message = f'@cacheTag is on "{tag.holder.name}", which has no resolvable key.'
            yield error("CACHE_TAG_ENTITY_NOT_RESOLVABLE", message, [subgraph.at(tag.applied)])
