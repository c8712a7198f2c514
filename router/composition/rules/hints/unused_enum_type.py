"""UNUSED_ENUM_TYPE: An enum is used nowhere.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import Kind


def unused_enum_type(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An enum is used nowhere."""
    for name, sources in view.of_kind(Kind.ENUM):
        use = view.enum_uses[name]
        if use.as_input is None and use.as_output is None:
            places = [source.subgraph.at(source.definition) for source in sources]
            yield hint("UNUSED_ENUM_TYPE", f'The enum "{name}" is used by no field or argument.', places)
