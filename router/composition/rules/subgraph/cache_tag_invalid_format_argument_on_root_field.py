"""CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ROOT_FIELD: The format of a @cacheTag on a root field uses only that
field's required arguments.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.rules.cache_tags import cache_tags, parse_format
from router.composition.subgraph.model import Subgraph
from router.composition.subgraph.type_ref import is_required


def cache_tag_invalid_format_argument_on_root_field(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The format of a @cacheTag on a root field uses only that field's required arguments."""
    for tag in cache_tags(subgraph):
        if tag.field is None or tag.holder.name != "Query":
            continue
        for source, path in parse_format(tag.format) or ():
            argument = tag.field.arguments.get(path[0])
            if source != "args" or argument is None or not is_required(argument.type):
                message = f'The @cacheTag of "{tag.field.coordinate}" uses "${source}.{".".join(path)}".'
                code = "CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ROOT_FIELD"
                yield error(code, message, [subgraph.at(tag.applied)])
