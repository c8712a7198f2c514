"""CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ENTITY: The format of a @cacheTag on an entity uses only fields that
are in every key.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.rules.cache_tags import cache_tags, parse_format
from router.composition.rules.field_sets import uses_of
from router.composition.subgraph.model import FieldSetUse, SelectedField, Subgraph


def cache_tag_invalid_format_argument_on_entity(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The format of a @cacheTag on an entity uses only fields that are in every key."""
    for tag in cache_tags(subgraph):
        if tag.field is not None:
            continue
        keys = [use for use in uses_of(subgraph, "key") if use.owner is tag.holder and use.is_resolvable]
        for source, path in parse_format(tag.format) or ():
            if source != "key" or not all(path in _leaf_paths(use) for use in keys):
                message = f'The @cacheTag of "{tag.holder.name}" uses "${source}.{".".join(path)}".'
                code = "CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ENTITY"
                yield error(code, message, [subgraph.at(tag.applied)])


def _leaf_paths(use: FieldSetUse) -> set[tuple[str, ...]]:
    return {_path(selected) for selected in use.fields if selected.is_leaf}


def _path(selected: SelectedField) -> tuple[str, ...]:
    above = _path(selected.above) if selected.above else ()
    return (*above, selected.field.name)
