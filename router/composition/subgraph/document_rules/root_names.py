"""What the three rules on the names of root types share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import DefinitionNode, OperationType, TypeDefinitionNode, TypeExtensionNode

from router.composition.diagnostics import Diagnostic, error
from router.composition.subgraph.build import ROOT_NAMES, root_operation_types
from router.composition.subgraph.locate import Locate


def standard_name_used(
    definitions: Sequence[DefinitionNode], operation: OperationType, code: str, locate: Locate
) -> Iterator[Diagnostic]:
    """Report a type that has the standard name of a root, where the root is another type."""
    root, standard = root_operation_types(definitions).get(operation), ROOT_NAMES[operation]
    if root is None or root.name.value == standard:
        return
    types = {
        node.name.value: node
        for node in definitions
        if isinstance(node, TypeDefinitionNode | TypeExtensionNode)
    }
    if standard in types:
        message = (
            f'The {operation.value} root is "{root.name.value}", but a type called "{standard}" exists too.'
        )
        yield error(code, message, [locate(types[standard]), locate(root)])
