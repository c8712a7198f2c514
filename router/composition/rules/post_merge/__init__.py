"""Rules that the merged schema has to obey: a file per code, each with the rule in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.merge.model import MergedSchema
from router.composition.rules.post_merge.default_value_uses_inaccessible import (
    default_value_uses_inaccessible,
)
from router.composition.rules.post_merge.implemented_by_inaccessible import implemented_by_inaccessible
from router.composition.rules.post_merge.interface_field_no_implem import interface_field_no_implem
from router.composition.rules.post_merge.invalid_graphql import invalid_graphql
from router.composition.rules.post_merge.missing_transitive_auth_requirements import (
    missing_transitive_auth_requirements,
)
from router.composition.rules.post_merge.only_inaccessible_children import only_inaccessible_children
from router.composition.rules.post_merge.query_root_type_inaccessible import query_root_type_inaccessible
from router.composition.rules.post_merge.referenced_inaccessible import referenced_inaccessible
from router.composition.rules.post_merge.required_inaccessible import required_inaccessible

RULES: tuple[Callable[[MergedSchema], Iterator[Diagnostic]], ...] = (
    default_value_uses_inaccessible,
    implemented_by_inaccessible,
    interface_field_no_implem,
    invalid_graphql,
    missing_transitive_auth_requirements,
    only_inaccessible_children,
    query_root_type_inaccessible,
    referenced_inaccessible,
    required_inaccessible,
)

# The rules of @inaccessible alone; they hold for what a contract hides as well.
HIDDEN_RULES: tuple[Callable[[MergedSchema], Iterator[Diagnostic]], ...] = (
    default_value_uses_inaccessible,
    implemented_by_inaccessible,
    only_inaccessible_children,
    query_root_type_inaccessible,
    referenced_inaccessible,
    required_inaccessible,
)
