"""INCONSISTENT_ARGUMENT_PRESENCE: An optional argument is dropped, since some subgraph lacks it.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/hints
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, hint
from router.composition.merge.fields import is_contextual
from router.composition.merge.view import SubgraphsView
from router.composition.rules.arguments import argument_groups, input_places, name_list


def inconsistent_argument_presence(view: SubgraphsView) -> Iterator[Diagnostic]:
    """An optional argument is dropped, since some subgraph lacks it."""
    for group in argument_groups(view):
        if not group.missing or any(s.value.is_mandatory or is_contextual(s.value) for s in group.sources):
            continue
        lacking = name_list([subgraph.name for subgraph, _ in group.missing])
        message = f'The argument "{group.coordinate}" is dropped, since {lacking} lacks it.'
        yield hint("INCONSISTENT_ARGUMENT_PRESENCE", message, input_places(group.sources))
