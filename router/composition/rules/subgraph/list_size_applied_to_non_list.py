"""LIST_SIZE_APPLIED_TO_NON_LIST: A @listSize without sizedFields is on a field that returns a list.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph
from router.composition.subgraph.type_ref import is_list


def list_size_applied_to_non_list(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """A @listSize without sizedFields is on a field that returns a list."""
    for _, field in subgraph.fields():
        for applied in field.all("listSize"):
            if not is_list(field.type) and not applied.strings("sizedFields"):
                message = f'@listSize is on "{field.coordinate}", which returns "{field.type}".'
                yield error("LIST_SIZE_APPLIED_TO_NON_LIST", message, [subgraph.at(applied)])
