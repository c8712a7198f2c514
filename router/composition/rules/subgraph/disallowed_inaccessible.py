"""DISALLOWED_INACCESSIBLE: @inaccessible hides no argument of a directive that schemas can apply.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.directive_definitions import EXECUTABLE_PLACES
from router.composition.subgraph.model import Subgraph


def disallowed_inaccessible(subgraph: Subgraph) -> Iterator[Diagnostic]:
    """@inaccessible hides no argument of a directive that schemas can apply."""
    for definition in subgraph.directive_definitions.values():
        if EXECUTABLE_PLACES.issuperset(definition.places):
            continue
        for argument in definition.arguments.values():
            for applied in argument.all("inaccessible"):
                message = f'@inaccessible is on "{argument.coordinate}", an argument of a directive.'
                yield error("DISALLOWED_INACCESSIBLE", message, [subgraph.at(applied)])
