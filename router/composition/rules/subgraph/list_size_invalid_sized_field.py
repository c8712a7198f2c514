"""LIST_SIZE_INVALID_SIZED_FIELD: The sizedFields of a @listSize are lists of the type its field returns.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph
from router.composition.subgraph.type_ref import is_list, named_type


def list_size_invalid_sized_field(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The sizedFields of a @listSize are lists of the type its field returns."""
    for _, field in subgraph.fields():
        base = subgraph.types.get(named_type(field.type))
        for applied in field.all("listSize"):
            for name in applied.strings("sizedFields"):
                sized = base.fields.get(name) if base else None
                if sized is None or not is_list(sized.type):
                    fault = "does not exist" if sized is None else f'has the type "{sized.type}"'
                    message = f'The sized field "{name}" of "{field.coordinate}" {fault}.'
                    yield error("LIST_SIZE_INVALID_SIZED_FIELD", message, [subgraph.at(applied)])
