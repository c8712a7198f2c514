"""CACHE_TAG_INVALID_FORMAT: The format of a @cacheTag is text with {$args...} or {$key...} in it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.rules.cache_tags import cache_tags, parse_format
from router.composition.subgraph.model import Subgraph


def cache_tag_invalid_format(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The format of a @cacheTag is text with {$args...} or {$key...} in it."""
    for tag in cache_tags(subgraph):
        if parse_format(tag.format) is None:
            message = f'"{tag.format}" is no valid format of a @cacheTag.'
            yield error("CACHE_TAG_INVALID_FORMAT", message, [subgraph.at(tag.applied)])
