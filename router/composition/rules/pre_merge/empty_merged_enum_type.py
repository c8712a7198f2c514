"""EMPTY_MERGED_ENUM_TYPE: The definitions of an enum used as input have a value in common.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.enums import enum_values, is_dropped
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import Kind


def empty_merged_enum_type(view: SubgraphsView) -> Iterator[Diagnostic]:
    """The definitions of an enum used as input have a value in common."""
    for name, sources in view.of_kind(Kind.ENUM):
        values = enum_values(sources).values()
        if all(len(found) < len(sources) and is_dropped(view, name, found) for found in values):
            message = f'The definitions of the enum "{name}" have no value in common.'
            yield error("EMPTY_MERGED_ENUM_TYPE", message, [s.subgraph.at(s.definition) for s in sources])
