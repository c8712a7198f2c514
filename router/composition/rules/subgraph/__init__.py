"""Rules that one subgraph has to obey by itself: a file per code, each with the rule in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from router.composition.diagnostics import Diagnostic
from router.composition.rules.subgraph.auth_requirements_applied_on_interface import (
    auth_requirements_applied_on_interface,
)
from router.composition.rules.subgraph.cache_tag_applied_to_non_root_field import (
    cache_tag_applied_to_non_root_field,
)
from router.composition.rules.subgraph.cache_tag_entity_not_resolvable import cache_tag_entity_not_resolvable
from router.composition.rules.subgraph.cache_tag_invalid_format import cache_tag_invalid_format
from router.composition.rules.subgraph.cache_tag_invalid_format_argument_on_entity import (
    cache_tag_invalid_format_argument_on_entity,
)
from router.composition.rules.subgraph.cache_tag_invalid_format_argument_on_root_field import (
    cache_tag_invalid_format_argument_on_root_field,
)
from router.composition.rules.subgraph.context_invalid_selection import context_invalid_selection
from router.composition.rules.subgraph.context_name_invalid import context_name_invalid
from router.composition.rules.subgraph.context_no_resolvable_key import context_no_resolvable_key
from router.composition.rules.subgraph.context_not_set import context_not_set
from router.composition.rules.subgraph.cost_applied_to_interface_field import cost_applied_to_interface_field
from router.composition.rules.subgraph.disallowed_inaccessible import disallowed_inaccessible
from router.composition.rules.subgraph.external_collision_with_another_directive import (
    external_collision_with_another_directive,
)
from router.composition.rules.subgraph.external_on_interface import external_on_interface
from router.composition.rules.subgraph.external_unused import external_unused
from router.composition.rules.subgraph.interface_key_not_on_implementation import (
    interface_key_not_on_implementation,
)
from router.composition.rules.subgraph.invalid_shareable_usage import invalid_shareable_usage
from router.composition.rules.subgraph.invalid_tag_name import invalid_tag_name
from router.composition.rules.subgraph.key_directive_in_fields_arg import key_directive_in_fields_arg
from router.composition.rules.subgraph.key_fields_has_args import key_fields_has_args
from router.composition.rules.subgraph.key_fields_select_invalid_type import key_fields_select_invalid_type
from router.composition.rules.subgraph.key_invalid_fields import key_invalid_fields
from router.composition.rules.subgraph.key_invalid_fields_type import key_invalid_fields_type
from router.composition.rules.subgraph.key_unsupported_on_interface import key_unsupported_on_interface
from router.composition.rules.subgraph.list_size_applied_to_non_list import list_size_applied_to_non_list
from router.composition.rules.subgraph.list_size_invalid_assumed_size import list_size_invalid_assumed_size
from router.composition.rules.subgraph.list_size_invalid_sized_field import list_size_invalid_sized_field
from router.composition.rules.subgraph.list_size_invalid_slicing_argument import (
    list_size_invalid_slicing_argument,
)
from router.composition.rules.subgraph.merged_directive_application_on_external import (
    merged_directive_application_on_external,
)
from router.composition.rules.subgraph.no_context_in_selection import no_context_in_selection
from router.composition.rules.subgraph.override_from_self_error import override_from_self_error
from router.composition.rules.subgraph.override_label_invalid import override_label_invalid
from router.composition.rules.subgraph.override_on_interface import override_on_interface
from router.composition.rules.subgraph.provides_directive_in_fields_arg import (
    provides_directive_in_fields_arg,
)
from router.composition.rules.subgraph.provides_fields_has_args import provides_fields_has_args
from router.composition.rules.subgraph.provides_fields_missing_external import (
    provides_fields_missing_external,
)
from router.composition.rules.subgraph.provides_invalid_fields import provides_invalid_fields
from router.composition.rules.subgraph.provides_invalid_fields_type import provides_invalid_fields_type
from router.composition.rules.subgraph.provides_on_non_object_field import provides_on_non_object_field
from router.composition.rules.subgraph.provides_unsupported_on_interface import (
    provides_unsupported_on_interface,
)
from router.composition.rules.subgraph.requires_directive_in_fields_arg import (
    requires_directive_in_fields_arg,
)
from router.composition.rules.subgraph.requires_fields_missing_external import (
    requires_fields_missing_external,
)
from router.composition.rules.subgraph.requires_invalid_fields import requires_invalid_fields
from router.composition.rules.subgraph.requires_invalid_fields_type import requires_invalid_fields_type
from router.composition.rules.subgraph.requires_unsupported_on_interface import (
    requires_unsupported_on_interface,
)
from router.composition.subgraph.model import Subgraph

RULES: tuple[Callable[[Subgraph], Iterator[Diagnostic]], ...] = (
    auth_requirements_applied_on_interface,
    cache_tag_applied_to_non_root_field,
    cache_tag_entity_not_resolvable,
    cache_tag_invalid_format,
    cache_tag_invalid_format_argument_on_entity,
    cache_tag_invalid_format_argument_on_root_field,
    context_invalid_selection,
    context_name_invalid,
    context_no_resolvable_key,
    context_not_set,
    cost_applied_to_interface_field,
    disallowed_inaccessible,
    external_collision_with_another_directive,
    external_on_interface,
    external_unused,
    interface_key_not_on_implementation,
    invalid_shareable_usage,
    invalid_tag_name,
    key_directive_in_fields_arg,
    key_fields_has_args,
    key_fields_select_invalid_type,
    key_invalid_fields,
    key_invalid_fields_type,
    key_unsupported_on_interface,
    list_size_applied_to_non_list,
    list_size_invalid_assumed_size,
    list_size_invalid_sized_field,
    list_size_invalid_slicing_argument,
    merged_directive_application_on_external,
    no_context_in_selection,
    override_from_self_error,
    override_label_invalid,
    override_on_interface,
    provides_directive_in_fields_arg,
    provides_fields_has_args,
    provides_fields_missing_external,
    provides_invalid_fields,
    provides_invalid_fields_type,
    provides_on_non_object_field,
    provides_unsupported_on_interface,
    requires_directive_in_fields_arg,
    requires_fields_missing_external,
    requires_invalid_fields,
    requires_invalid_fields_type,
    requires_unsupported_on_interface,
)
