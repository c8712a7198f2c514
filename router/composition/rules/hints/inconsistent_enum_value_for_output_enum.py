"""INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM: A value of an output enum is in some subgraphs only.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.enums import enum_values
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import Kind


def inconsistent_enum_value_for_output_enum(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A value of an output enum is in some subgraphs only."""
    for name, sources in view.of_kind(Kind.ENUM):
        use = view.enum_uses[name]
        for value, found in enum_values(sources).items():
            if len(found) < len(sources) and use.as_input is None and use.as_output is not None:
                message = f'The value "{value}" of the output enum "{name}" is in some subgraphs only.'
                places = [source.subgraph.at(source.value) for source in found]
                yield hint("INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM", message, places)
