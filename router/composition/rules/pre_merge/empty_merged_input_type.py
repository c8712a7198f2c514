"""EMPTY_MERGED_INPUT_TYPE: The definitions of an input type have a field in common.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator

from router.composition.diagnostics import Diagnostic, error
from router.composition.merge.inputs import shared_inputs
from router.composition.merge.view import SubgraphsView
from router.composition.subgraph.model import Kind


def empty_merged_input_type(view: SubgraphsView) -> Iterator[Diagnostic]:
    """The definitions of an input type have a field in common."""
    for name, sources in view.of_kind(Kind.INPUT):
        groups = [(source.subgraph, source.definition.input_fields) for source in sources]
        if not shared_inputs(groups):
            message = f'The definitions of the input type "{name}" have no field in common.'
            yield error("EMPTY_MERGED_INPUT_TYPE", message, [s.subgraph.at(s.definition) for s in sources])
