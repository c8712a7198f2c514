"""The table of composition codes: each error with its advice, each hint with its level and advice."""

from __future__ import annotations

from typing import Literal

HintLevel = Literal["WARN", "INFO", "DEBUG"]

_FIELDS_IS_STRING = 'Write the argument as one string, for example fields: "id".'
_NO_DIRECTIVES = "Remove the directive from the field set; field sets select fields only."
_MARK_EXTERNAL = "Mark the field @external here if another subgraph resolves it, else leave it out."
_KNOWN_FIELDS = "Name only fields that this subgraph defines, separated by spaces."
_SAME_DEFAULT = "Give the same default value in every subgraph, or none in any of them."
_MOVE_TO_OBJECTS = "Put the directive on the fields of the implementing object types instead."

# code -> what to do next
ERRORS: dict[str, str] = {
    # GraphQL, linking and definitions
    "INVALID_GRAPHQL": (
        "Correct the SDL of this subgraph; it has to be valid GraphQL before it can be composed."
    ),
    "DIRECTIVE_DEFINITION_INVALID": (
        "Remove the definition (composition adds the right one), or give it the specified shape."
    ),
    "TYPE_DEFINITION_INVALID": (
        "Remove the definition (composition adds the right one), or give it the specified shape."
    ),
    "UNSUPPORTED_LINKED_FEATURE": (
        "Remove the @link, or its `for:` purpose, or use a feature composition supports."
    ),
    "UNKNOWN_FEDERATION_LINK_VERSION": "Link a federation version between v2.0 and v2.14.",
    "UNKNOWN_LINK_VERSION": "Link the link specification at v1.0.",
    "INVALID_LINK_DIRECTIVE_USAGE": "Correct the @link after the link specification (https://specs.apollo.dev/link/v1.0).",
    "INVALID_LINK_IDENTIFIER": "Write the url as https://HOST/NAME/vMAJOR.MINOR.",
    "LINK_IMPORT_NAME_MISMATCH": "Import the directive under one name in all subgraphs.",
    "DIRECTIVE_COMPOSITION_ERROR": (
        "Link the directive's specification in the subgraph that composes it, at one major version "
        "everywhere."
    ),
    "INVALID_SUBGRAPH_NAME": "Choose another name for the subgraph.",
    "NO_QUERIES": "Define at least one field of the query root in some subgraph.",
    "ROOT_QUERY_USED": "Rename the type, or make it the query root.",
    "ROOT_MUTATION_USED": "Rename the type, or make it the mutation root.",
    "ROOT_SUBSCRIPTION_USED": "Rename the type, or make it the subscription root.",
    "UNSUPPORTED_FEATURE": "Write the schema without this construct; federation cannot compose it.",
    # field sets
    "PROVIDES_ON_NON_OBJECT_FIELD": "Remove the @provides, or return an object, interface or union type.",
    "KEY_FIELDS_SELECT_INVALID_TYPE": (
        "Choose key fields that are scalars, enums or objects, not lists, interfaces or unions."
    ),
    "KEY_FIELDS_HAS_ARGS": "Choose a key field without arguments.",
    "PROVIDES_FIELDS_HAS_ARGS": "Provide only fields without arguments.",
    "PROVIDES_FIELDS_MISSING_EXTERNAL": _MARK_EXTERNAL,
    "REQUIRES_FIELDS_MISSING_EXTERNAL": _MARK_EXTERNAL,
    "KEY_UNSUPPORTED_ON_INTERFACE": "Link federation v2.3 or later, where interfaces can have keys.",
    "PROVIDES_UNSUPPORTED_ON_INTERFACE": _MOVE_TO_OBJECTS,
    "REQUIRES_UNSUPPORTED_ON_INTERFACE": _MOVE_TO_OBJECTS,
    "KEY_DIRECTIVE_IN_FIELDS_ARG": _NO_DIRECTIVES,
    "PROVIDES_DIRECTIVE_IN_FIELDS_ARG": _NO_DIRECTIVES,
    "REQUIRES_DIRECTIVE_IN_FIELDS_ARG": _NO_DIRECTIVES,
    "KEY_INVALID_FIELDS_TYPE": _FIELDS_IS_STRING,
    "PROVIDES_INVALID_FIELDS_TYPE": _FIELDS_IS_STRING,
    "REQUIRES_INVALID_FIELDS_TYPE": _FIELDS_IS_STRING,
    "KEY_INVALID_FIELDS": _KNOWN_FIELDS,
    "PROVIDES_INVALID_FIELDS": _KNOWN_FIELDS,
    "REQUIRES_INVALID_FIELDS": _KNOWN_FIELDS,
    # @external and extensions
    "EXTERNAL_UNUSED": "Use the field in a @key, @requires or @provides, or remove it from this subgraph.",
    "TYPE_WITH_ONLY_UNUSED_EXTERNAL": (
        "Remove the type from this subgraph, or use one of its @external fields."
    ),
    "EXTERNAL_TYPE_MISMATCH": "Give the @external field the type its owning subgraphs give it.",
    "EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE": "Keep only one of the two directives on the field.",
    "EXTERNAL_ARGUMENT_MISSING": "Declare the argument on the @external field too.",
    "EXTERNAL_ARGUMENT_TYPE_MISMATCH": "Give the argument the type its owning subgraphs give it.",
    "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH": "Give the argument the default value its owning subgraphs give it.",
    "EXTERNAL_ON_INTERFACE": "Remove @external from the interface field; mark the fields of object types.",
    "MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL": (
        "Put the directive on the field in the subgraph that resolves it."
    ),
    "EXTENSION_WITH_NO_BASE": "Define the type in one of the subgraphs, or remove the extension.",
    "EXTERNAL_MISSING_ON_BASE": "Resolve the field in at least one subgraph.",
    # merging
    "TYPE_KIND_MISMATCH": "Use one kind of type under this name, or rename one of the types.",
    "FIELD_TYPE_MISMATCH": (
        "Give the field one type in all subgraphs. It may differ in nullability (Int and Int!), or be an "
        "interface or union in one of them that contains the type of the others."
    ),
    "FIELD_ARGUMENT_TYPE_MISMATCH": "Give the argument types that differ at most in nullability.",
    "FIELD_ARGUMENT_DEFAULT_MISMATCH": _SAME_DEFAULT,
    "INPUT_FIELD_DEFAULT_MISMATCH": _SAME_DEFAULT,
    "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH": (
        "Add the input field to the other subgraphs, or make it nullable or give it a default."
    ),
    "REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH": (
        "Add the argument to the other subgraphs, or make it nullable or give it a default."
    ),
    "EMPTY_MERGED_INPUT_TYPE": (
        "Let the subgraphs that define this input type have at least one field in common."
    ),
    "ENUM_VALUE_MISMATCH": (
        "Define the value in every subgraph, mark it @inaccessible, or use the enum for input or output only."
    ),
    "EMPTY_MERGED_ENUM_TYPE": "Let the subgraphs that define this enum have at least one value in common.",
    "INTERFACE_FIELD_NO_IMPLEM": "Add the field to the implementing type in some subgraph.",
    "INVALID_FIELD_SHARING": (
        "If all of them give the same answer, mark the field @shareable in each; else resolve it in one "
        "only, or move it with @override."
    ),
    "INVALID_SHAREABLE_USAGE": (
        "Remove @shareable here; only object fields resolved by several subgraphs take it."
    ),
    "SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES": (
        "Let the subgraphs that share the field return at least one type in common."
    ),
    # @inaccessible
    "REFERENCED_INACCESSIBLE": (
        "Make the referring element @inaccessible too, or make the referenced one visible."
    ),
    "DEFAULT_VALUE_USES_INACCESSIBLE": "Change the default value, or make the elements it uses visible.",
    "QUERY_ROOT_TYPE_INACCESSIBLE": "Remove @inaccessible from the query root.",
    "REQUIRED_INACCESSIBLE": "Make it nullable or give it a default, or hide its parent too.",
    "IMPLEMENTED_BY_INACCESSIBLE": "Hide the interface's field too, or make the implementing one visible.",
    "DISALLOWED_INACCESSIBLE": "Remove @inaccessible; GraphQL's own elements cannot be hidden.",
    "ONLY_INACCESSIBLE_CHILDREN": "Hide the type itself, or leave one of its members visible.",
    # @override
    "OVERRIDE_FROM_SELF_ERROR": "Name the subgraph the field moves from, which cannot be this one.",
    "OVERRIDE_SOURCE_HAS_OVERRIDE": "Keep @override in only one of the subgraphs.",
    "OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE": "Remove one of the two directives.",
    "OVERRIDE_ON_INTERFACE": _MOVE_TO_OBJECTS,
    "OVERRIDE_LABEL_INVALID": (
        'Write the label as percent(0-100), or as a name that begins with a letter, such as "orders.beta".'
    ),
    # entity interfaces
    "INTERFACE_OBJECT_USAGE_ERROR": (
        "Give the @interfaceObject type a @key, and define no implementation of it in the same subgraph."
    ),
    "INTERFACE_KEY_NOT_ON_IMPLEMENTATION": "Give each implementation in this subgraph the interface's key.",
    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE": (
        "Define every implementation of the interface in the subgraph that gives it a key."
    ),
    # @context
    "CONTEXT_NOT_SET": "Set the context with @context on a type above this field.",
    "CONTEXT_INVALID_SELECTION": "Select exactly one field of the type that sets the context.",
    "NO_CONTEXT_IN_SELECTION": 'Begin the value with a context, for example "$store { currency }".',
    "CONTEXT_NO_RESOLVABLE_KEY": (
        "Give the type a resolvable @key, so that the router can enter it with the context's value."
    ),
    "CONTEXT_NAME_INVALID": "Name the context with letters and digits only.",
    "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS": (
        "Use @fromContext in every subgraph, or make the argument nullable where it is not contextual."
    ),
    # @cost and @listSize
    "COST_APPLIED_TO_INTERFACE_FIELD": _MOVE_TO_OBJECTS,
    "LIST_SIZE_APPLIED_TO_NON_LIST": "Remove @listSize, return a list, or name the list in sizedFields.",
    "LIST_SIZE_INVALID_ASSUMED_SIZE": "Give a size of zero or more.",
    "LIST_SIZE_INVALID_SLICING_ARGUMENT": "Name arguments of this field whose type is Int.",
    "LIST_SIZE_INVALID_SIZED_FIELD": "Name fields of the returned type that are lists.",
    # authorization
    "AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE": _MOVE_TO_OBJECTS,
    "MISSING_TRANSITIVE_AUTH_REQUIREMENTS": (
        "Repeat on this field the authorization that guards the fields it reads."
    ),
    # @tag and @cacheTag
    "INVALID_TAG_NAME": "Begin the tag with a letter or _ and use at most 128 letters, digits, _, - or /.",
    "CACHE_TAG_INVALID_FORMAT": "Write literal text with {$args.NAME} or {$key.NAME} in it.",
    "CACHE_TAG_APPLIED_TO_NON_ROOT_FIELD": "Put @cacheTag on fields of the query root or on entity types.",
    "CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ROOT_FIELD": (
        "Use {$args.NAME} with a non-null scalar argument of this field."
    ),
    "CACHE_TAG_INVALID_FORMAT_ARGUMENT_ON_ENTITY": (
        "Use {$key.NAME} with a scalar field that is in every @key."
    ),
    "CACHE_TAG_ENTITY_NOT_RESOLVABLE": "Give the type a resolvable @key.",
    # satisfiability and limits
    "SATISFIABILITY_ERROR": (
        "Resolve the field in a subgraph that is reached, or give both subgraphs a @key in common, by which "
        "the router goes from one to the other."
    ),
    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED": "Raise the limit, or share fewer fields between subgraphs.",
    # Codes of the running router, listed for their advice; no rule of composition reports them:
    # a document given as a supergraph is none (router/errors.py),
    "INVALID_FEDERATION_SUPERGRAPH": "Give a document written in the join specification.",
    # and a subgraph answered with an error (router/response/codes.py).
    "DOWNSTREAM_SERVICE_ERROR": "Look at the subgraph's own log.",
}

_HARMLESS = "Nothing has to change; make the subgraphs agree if this was not meant."

# code -> (level, what to do next)
HINTS: dict[str, tuple[HintLevel, str]] = {
    "INCONSISTENT_DEFAULT_VALUE_PRESENCE": ("WARN", _SAME_DEFAULT),
    "INCONSISTENT_INPUT_OBJECT_FIELD": (
        "WARN",
        "Add the input field to every subgraph to make it available.",
    ),
    "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM": (
        "WARN",
        "Add the value to every subgraph to make it available.",
    ),
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE": (
        "WARN",
        "Define the directive in every subgraph to keep it.",
    ),
    "NO_EXECUTABLE_DIRECTIVE_INTERSECTION": (
        "WARN",
        "Let the definitions share a location to keep the directive.",
    ),
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE": (
        "WARN",
        "Define it as repeatable everywhere or nowhere.",
    ),
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS": (
        "WARN",
        "Give the directive the same locations everywhere.",
    ),
    "CONTRACT_TAG_UNUSED": ("WARN", "Correct the tag's name, or put the tag where it is meant to be."),
    "INCONSISTENT_DESCRIPTION": ("WARN", "Give the element one description."),
    "INCONSISTENT_ARGUMENT_PRESENCE": ("WARN", "Add the argument to every subgraph to make it available."),
    "FROM_SUBGRAPH_DOES_NOT_EXIST": ("WARN", "Correct the subgraph's name, or remove @override."),
    "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS": (
        "WARN",
        "Give the directive the same arguments everywhere.",
    ),
    "DIRECTIVE_COMPOSITION_WARN": (
        "WARN",
        "Correct @composeDirective if the directive should reach the supergraph.",
    ),
    "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN": (
        "WARN",
        "Make sure that the subgraphs return the same objects for the shared field.",
    ),
    "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE": ("INFO", _HARMLESS),
    "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE": ("INFO", _HARMLESS),
    "INCONSISTENT_ENTITY": ("INFO", "Give the type a @key in every subgraph, or in none."),
    "OVERRIDDEN_FIELD_CAN_BE_REMOVED": ("INFO", "Remove the field from the subgraph it moved from."),
    "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED": (
        "INFO",
        "Remove @override; the field is no longer in the other subgraph.",
    ),
    "OVERRIDE_MIGRATION_IN_PROGRESS": ("INFO", "Remove the label when the migration is complete."),
    "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS": ("INFO", _HARMLESS),
    "DIRECTIVE_COMPOSITION_INFO": ("INFO", _HARMLESS),
    "IMPLICITLY_UPGRADED_FEDERATION_VERSION": ("INFO", "Link the newer federation version in this subgraph."),
    "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS": ("INFO", "Use @fromContext in every subgraph."),
    "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD": ("DEBUG", _HARMLESS),
    "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD": ("DEBUG", _HARMLESS),
    "INCONSISTENT_UNION_MEMBER": ("DEBUG", _HARMLESS),
    "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM": ("DEBUG", _HARMLESS),
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE": ("DEBUG", _HARMLESS),
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS": ("DEBUG", _HARMLESS),
    "UNUSED_ENUM_TYPE": ("DEBUG", "Remove the enum if it is not needed."),
}
