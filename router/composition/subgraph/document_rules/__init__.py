"""The rules a document obeys before a model is made of it, a file per code.

In: the links of the document, then its definitions without federation's machinery. Out: diagnostics; with any
of them there is no model. Links come first: without them, the names in the definitions mean nothing. The
rules on the model itself are in `router.composition.rules`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphql import DefinitionNode

from router.composition.diagnostics import Diagnostic
from router.composition.subgraph.document_rules.directive_definition_invalid import (
    directive_definition_invalid,
)
from router.composition.subgraph.document_rules.invalid_link_directive_usage import (
    invalid_link_directive_usage,
)
from router.composition.subgraph.document_rules.invalid_link_identifier import invalid_link_identifier
from router.composition.subgraph.document_rules.root_mutation_used import root_mutation_used
from router.composition.subgraph.document_rules.root_query_used import root_query_used
from router.composition.subgraph.document_rules.root_subscription_used import root_subscription_used
from router.composition.subgraph.document_rules.type_definition_invalid import type_definition_invalid
from router.composition.subgraph.document_rules.unknown_federation_link_version import (
    unknown_federation_link_version,
)
from router.composition.subgraph.document_rules.unknown_link_version import unknown_link_version
from router.composition.subgraph.document_rules.unsupported_feature import unsupported_feature
from router.composition.subgraph.document_rules.unsupported_linked_feature import unsupported_linked_feature
from router.composition.subgraph.links import DocumentLinks
from router.composition.subgraph.locate import Locate
from router.composition.subgraph.names import DocumentNames


def check_links(links: DocumentLinks, locate: Locate) -> Iterator[Diagnostic]:
    """Check the links of a document."""
    yield from invalid_link_identifier(links, locate)
    yield from invalid_link_directive_usage(links, locate)
    yield from unknown_federation_link_version(links, locate)
    yield from unknown_link_version(links, locate)
    yield from unsupported_feature(links, locate)
    yield from unsupported_linked_feature(links, locate)


def check_definitions(
    definitions: Sequence[DefinitionNode], names: DocumentNames, locate: Locate
) -> Iterator[Diagnostic]:
    """Check what a document defines under names that are federation's, or those of the roots."""
    yield from directive_definition_invalid(definitions, names, locate)
    yield from type_definition_invalid(definitions, names, locate)
    yield from root_query_used(definitions, locate)
    yield from root_mutation_used(definitions, locate)
    yield from root_subscription_used(definitions, locate)
