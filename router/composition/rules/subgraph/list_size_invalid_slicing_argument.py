"""LIST_SIZE_INVALID_SLICING_ARGUMENT: The slicingArguments of a @listSize are Int arguments of its field.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.model import Subgraph
from router.composition.subgraph.type_ref import nullable


def list_size_invalid_slicing_argument(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """The slicingArguments of a @listSize are Int arguments of its field."""
    for _, field in subgraph.fields():
        for applied in field.all("listSize"):
            for name in applied.strings("slicingArguments"):
                argument = field.arguments.get(name)
                if argument is None or nullable(argument.type) != "Int":
                    fault = "does not exist" if argument is None else f'has the type "{argument.type}"'
                    message = f'The slicing argument "{name}" of "{field.coordinate}" {fault}.'
                    yield error("LIST_SIZE_INVALID_SLICING_ARGUMENT", message, [subgraph.at(applied)])
