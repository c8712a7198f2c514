"""INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM: A value of an input enum is dropped, since some subgraph lacks it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.enums import enum_values, is_dropped
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import Kind


def inconsistent_enum_value_for_input_enum(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A value of an input enum is dropped, since some subgraph lacks it."""
    for name, sources in view.of_kind(Kind.ENUM):
        for value, found in enum_values(sources).items():
            if len(found) < len(sources) and is_dropped(view, name, found):
                message = (
                    f'The value "{value}" of the input enum "{name}" is dropped, since not all subgraphs '
                    "have it."
                )
                places = [source.subgraph.at(source.value) for source in found]
                yield hint("INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM", message, places)
