"""ROOT_QUERY_USED: no type is called Query where the query root is another type.

https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/errors
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import DefinitionNode, OperationType

from router.composition.diagnostics import Diagnostic
from router.composition.subgraph.document_rules.root_names import standard_name_used
from router.composition.subgraph.locate import Locate


def root_query_used(definitions: Sequence[DefinitionNode], locate: Locate) -> Iterator[Diagnostic]:
    """No type is called Query where the query root is another type."""
    return standard_name_used(definitions, OperationType.QUERY, "ROOT_QUERY_USED", locate)
