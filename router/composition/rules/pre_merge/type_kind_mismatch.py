"""TYPE_KIND_MISMATCH: A type name stands for the same kind of type in every subgraph.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.view import SubgraphsView, TypeSource
from router.composition.rules.arguments import by_subgraph


def type_kind_mismatch(view: SubgraphsView) -> Iterator[Diagnostic]:
    """A type name stands for the same kind of type in every subgraph."""
    for name, sources in view.types.items():
        if len({source.definition.merged_kind for source in sources}) > 1:
            kinds = [(source.subgraph, _shown(source)) for source in sources]
            message = f'"{name}" is not the same kind of type everywhere: {by_subgraph(kinds)}.'
            yield error("TYPE_KIND_MISMATCH", message, [s.subgraph.at(s.definition) for s in sources])


def _shown(source: TypeSource) -> str:
    return "interface object" if source.definition.is_interface_object else source.definition.kind.value
