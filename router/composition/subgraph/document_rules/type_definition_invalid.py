"""TYPE_DEFINITION_INVALID: a subgraph that defines one of federation's scalars defines it as a scalar.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import DefinitionNode, ScalarTypeDefinitionNode, TypeDefinitionNode

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.locate import Locate
from router.composition.subgraph.names import DocumentNames


def type_definition_invalid(
    definitions: Sequence[DefinitionNode], names: DocumentNames, locate: Locate
) -> Iterator[Diagnostic]:
    """A subgraph that defines one of federation's scalars defines it as a scalar."""
    for node in definitions:
        if (
            isinstance(node, TypeDefinitionNode)
            and not isinstance(node, ScalarTypeDefinitionNode)
            and node.name.value in names.feature_scalars
        ):
            message = f'"{node.name.value}" is redefined, but the specification makes it a scalar.'
            yield error("TYPE_DEFINITION_INVALID", message, [locate(node)])
