"""What a new API schema does to clients of the old one: coded values, breaking changes before dangerous ones.

graphql-core finds the changes; here each gets the coordinate it is about, the clients it reaches and advice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from graphql import (
    BreakingChangeType,
    DangerousChangeType,
    GraphQLInputObjectType,
    GraphQLSchema,
    find_schema_changes,
)

Severity = Literal["breaking", "dangerous"]

_SELECTING = "those whose operations select it"
_SENDING = "those that send it"
_WRITING = "those whose operations write the directive"
_KEEP_FIELD = "Keep it, mark it @deprecated(reason:), and remove it when no client asks for it any more."
_NEW_NAME = "Add a field of another name with the new type, and deprecate this one."
_OPTIONAL = "Make it nullable or give it a default value."
_TOLERANT = "Tell the clients; those that handle unknown cases keep working."
_LOOK = "Nothing, if clients that leave it out may be answered differently."

# Kind of change -> the clients it reaches, what to do instead.
_EXPLAINED: dict[str, tuple[str, str]] = {
    # breaking
    "TYPE_REMOVED": (
        "those that name it in a fragment or variable, or select a field that returns it",
        "Keep the type until no visible field has returned or taken it for a while.",
    ),
    "TYPE_CHANGED_KIND": (
        "those that name it, select its fields or send it",
        "Add a type of another name, and deprecate the fields that have this one.",
    ),
    "TYPE_REMOVED_FROM_UNION": (
        "those with a fragment on the removed type",
        "Keep the member, and stop returning it first.",
    ),
    "VALUE_REMOVED_FROM_ENUM": (
        "those that send the value, or compare answers with it",
        "Keep the value and mark it @deprecated(reason:).",
    ),
    "REQUIRED_INPUT_FIELD_ADDED": ("all that send the input type", _OPTIONAL),
    "IMPLEMENTED_INTERFACE_REMOVED": (
        "those that meet the type through the interface",
        "Keep the interface; a type may implement several.",
    ),
    "FIELD_REMOVED": (_SELECTING, _KEEP_FIELD),
    "FIELD_CHANGED_KIND": (_SELECTING, _NEW_NAME),
    "REQUIRED_ARG_ADDED": (_SELECTING, _OPTIONAL),
    "ARG_REMOVED": (_SENDING, "Keep the argument, mark it @deprecated(reason:), and ignore it."),
    "ARG_CHANGED_KIND": (_SENDING, "Add an argument of another name, and deprecate this one."),
    "DIRECTIVE_REMOVED": (_WRITING, "Keep the directive, even without effect."),
    "DIRECTIVE_ARG_REMOVED": (_WRITING, "Keep the argument, even without effect."),
    "REQUIRED_DIRECTIVE_ARG_ADDED": (_WRITING, _OPTIONAL),
    "DIRECTIVE_REPEATABLE_REMOVED": (_WRITING, "Leave the directive repeatable."),
    "DIRECTIVE_LOCATION_REMOVED": (_WRITING, "Keep the location."),
    "INPUT_BECAME_ONE_OF": (
        "those that send several of its fields, or none",
        "Add an input type of another name with @oneOf.",
    ),
    # dangerous
    "VALUE_ADDED_TO_ENUM": ("those that handle each value by itself", _TOLERANT),
    "TYPE_ADDED_TO_UNION": ("those that handle each member by itself", _TOLERANT),
    "IMPLEMENTED_INTERFACE_ADDED": ("those that handle each implementation by itself", _TOLERANT),
    "OPTIONAL_INPUT_FIELD_ADDED": ("those that leave it out, which is all of them", _LOOK),
    "OPTIONAL_ARG_ADDED": ("those that leave it out, which is all of them", _LOOK),
    "ARG_DEFAULT_VALUE_CHANGE": ("those that leave the argument out", _LOOK),
    "INPUT_FIELD_DEFAULT_VALUE_CHANGE": ("those that leave the field out", _LOOK),
}
_OF_INPUT_FIELDS = {
    "FIELD_REMOVED": (_SENDING, "Keep it, mark it @deprecated(reason:), and ignore it."),
    "FIELD_CHANGED_KIND": (_SENDING, _NEW_NAME),
}

# These descriptions name what they are about last; all others name it first, after an introduction.
_NAMED_LAST = frozenset(
    {
        "TYPE_REMOVED_FROM_UNION",
        "TYPE_ADDED_TO_UNION",
        "IMPLEMENTED_INTERFACE_ADDED",
        "DIRECTIVE_REPEATABLE_REMOVED",
        "DIRECTIVE_LOCATION_REMOVED",
    }
)
_INTRODUCTION = re.compile(
    r"^(Field|Argument|Enum value|Directive|Standard scalar|An? (required|optional) (field|argument)) "
)


@dataclass(frozen=True, slots=True)
class ApiChange:
    """One change clients may notice."""

    code: str
    severity: Severity
    coordinate: str
    message: str
    clients: str
    advice: str


def find_api_changes(old: GraphQLSchema, new: GraphQLSchema) -> tuple[ApiChange, ...]:
    """Return what breaks clients of the old schema, then what may surprise them, each by coordinate."""
    return tuple(
        sorted(_changes(old, new), key=lambda change: (change.severity, change.coordinate, change.code))
    )


def _changes(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[ApiChange]:
    for change in find_schema_changes(old, new):
        code = change.type.name
        if isinstance(change.type, BreakingChangeType):
            yield _explained(old, code, "breaking", change.description)
        elif isinstance(change.type, DangerousChangeType):
            yield _explained(old, code, "dangerous", change.description)
    # graphql-core 3.3 compares the fields of input types, but not whether exactly one has to be given.
    for name, type_ in new.type_map.items():
        before = old.type_map.get(name)
        if not isinstance(type_, GraphQLInputObjectType) or not isinstance(before, GraphQLInputObjectType):
            continue
        if type_.is_one_of and not before.is_one_of:
            yield _explained(old, "INPUT_BECAME_ONE_OF", "breaking", f"{name} became @oneOf.")


def _explained(old: GraphQLSchema, code: str, severity: Severity, description: str) -> ApiChange:
    coordinate = _coordinate(code, description)
    of_input = isinstance(old.type_map.get(coordinate.partition(".")[0]), GraphQLInputObjectType)
    clients, advice = (_OF_INPUT_FIELDS if of_input else {}).get(code) or _EXPLAINED[code]
    return ApiChange(code, severity, coordinate, description, clients, advice)


def _coordinate(code: str, description: str) -> str:
    if code in _NAMED_LAST:
        return description.rsplit(" ", 1)[1].removesuffix(".")
    return _INTRODUCTION.sub("", description).split(" ", 1)[0]


def render_changes_text(changes: Iterable[ApiChange]) -> str:
    """Print changes for a person: what, where, who notices, and what to do instead."""
    return "\n\n".join(
        f"{change.severity}[{change.code}] {change.coordinate}: {change.message}\n"
        f"  clients: {change.clients}\n"
        f"  = {change.advice}"
        for change in changes
    )


def render_changes_json(changes: Sequence[ApiChange]) -> list[dict[str, Any]]:
    """Give changes as JSON values for tools."""
    return [asdict(change) for change in changes]
