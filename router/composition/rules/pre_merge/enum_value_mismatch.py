"""ENUM_VALUE_MISMATCH: An enum used for input and for output has the same values in every subgraph.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.enums import enum_values, is_hidden_value
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import name_list
from router.composition.subgraph.model import Kind


def enum_value_mismatch(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An enum used for input and for output has the same values in every subgraph."""
    for name, sources in view.of_kind(Kind.ENUM):
        use = view.enum_uses[name]
        if use.as_input is None or use.as_output is None:
            continue
        for value, found in enum_values(sources).items():
            if len(found) == len(sources) or is_hidden_value(found):
                continue
            lacking = [s for s in sources if value not in s.definition.values]
            message = (
                f'"{name}" is sent by clients (in "{use.as_input}") and returned to them (by '
                f'"{use.as_output}"), so every subgraph with it has to know each value; '
                f'{name_list([s.subgraph.name for s in lacking])} lacks "{value}".'
            )
            places = [source.subgraph.at(source.value) for source in found]
            places += [source.subgraph.at(source.definition) for source in lacking]
            yield error("ENUM_VALUE_MISMATCH", message, places)
