"""Rules across subgraphs, checked before they are merged: a file per code, each with the rule in a
sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.merge.view import SubgraphsView
from router.composition.rules.pre_merge.contextual_argument_not_contextual_in_all_subgraphs import (
    contextual_argument_not_contextual_in_all_subgraphs,
)
from router.composition.rules.pre_merge.directive_composition_error import directive_composition_error
from router.composition.rules.pre_merge.empty_merged_enum_type import empty_merged_enum_type
from router.composition.rules.pre_merge.empty_merged_input_type import empty_merged_input_type
from router.composition.rules.pre_merge.enum_value_mismatch import enum_value_mismatch
from router.composition.rules.pre_merge.extension_with_no_base import extension_with_no_base
from router.composition.rules.pre_merge.external_argument_default_mismatch import (
    external_argument_default_mismatch,
)
from router.composition.rules.pre_merge.external_argument_missing import external_argument_missing
from router.composition.rules.pre_merge.external_argument_type_mismatch import external_argument_type_mismatch
from router.composition.rules.pre_merge.external_missing_on_base import external_missing_on_base
from router.composition.rules.pre_merge.external_type_mismatch import external_type_mismatch
from router.composition.rules.pre_merge.field_argument_default_mismatch import field_argument_default_mismatch
from router.composition.rules.pre_merge.field_argument_type_mismatch import field_argument_type_mismatch
from router.composition.rules.pre_merge.field_type_mismatch import field_type_mismatch
from router.composition.rules.pre_merge.input_field_default_mismatch import input_field_default_mismatch
from router.composition.rules.pre_merge.interface_key_missing_implementation_type import (
    interface_key_missing_implementation_type,
)
from router.composition.rules.pre_merge.interface_object_usage_error import interface_object_usage_error
from router.composition.rules.pre_merge.invalid_field_sharing import invalid_field_sharing
from router.composition.rules.pre_merge.link_import_name_mismatch import link_import_name_mismatch
from router.composition.rules.pre_merge.no_queries import no_queries
from router.composition.rules.pre_merge.override_collision_with_another_directive import (
    override_collision_with_another_directive,
)
from router.composition.rules.pre_merge.override_source_has_override import override_source_has_override
from router.composition.rules.pre_merge.required_argument_missing_in_some_subgraph import (
    required_argument_missing_in_some_subgraph,
)
from router.composition.rules.pre_merge.required_input_field_missing_in_some_subgraph import (
    required_input_field_missing_in_some_subgraph,
)
from router.composition.rules.pre_merge.type_kind_mismatch import type_kind_mismatch

RULES: tuple[Callable[[SubgraphsView], Iterator[Diagnostic]], ...] = (
    contextual_argument_not_contextual_in_all_subgraphs,
    directive_composition_error,
    empty_merged_enum_type,
    empty_merged_input_type,
    enum_value_mismatch,
    extension_with_no_base,
    external_argument_default_mismatch,
    external_argument_missing,
    external_argument_type_mismatch,
    external_missing_on_base,
    external_type_mismatch,
    field_argument_default_mismatch,
    field_argument_type_mismatch,
    field_type_mismatch,
    input_field_default_mismatch,
    interface_key_missing_implementation_type,
    interface_object_usage_error,
    invalid_field_sharing,
    link_import_name_mismatch,
    no_queries,
    override_collision_with_another_directive,
    override_source_has_override,
    required_argument_missing_in_some_subgraph,
    required_input_field_missing_in_some_subgraph,
    type_kind_mismatch,
)
