"""CACHE_TAG_APPLIED_TO_NON_ROOT_FIELD: A @cacheTag on a field is on a field of the query root.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.rules.cache_tags import cache_tags
from router.composition.subgraph.model import Subgraph


def cache_tag_applied_to_non_root_field(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """A @cacheTag on a field is on a field of the query root."""
    for tag in cache_tags(subgraph):
        if tag.field is not None and tag.holder.name != "Query":
            message = f'@cacheTag is on "{tag.field.coordinate}", which is no field of the query root.'
            yield error("CACHE_TAG_APPLIED_TO_NON_ROOT_FIELD", message, [subgraph.at(tag.applied)])
