"""The operation as the planner sees it: fields, and for each the object types it applies to."""

from __future__ import annotations

from dataclasses import dataclass

# The object types a field is asked on; None where it is asked on every type its position can have.
Types = frozenset[str] | None
# The initial response, where groups of deferred fields are numbered from 1.
INITIAL = 0
# From the root to an object: the keys, and which types of the objects under each key are meant.
GroupPath = tuple[tuple[str, Types], ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a normalised selection.

    `key` is the response key and, unless a conflict forces another, the key in merged data. `arguments`
    is the printed list with its parentheses, or "". `selections` is None for a leaf; it may be empty for a
    composite field whose fragments can never match.

    `is_denied` marks what the viewer may not read: it is shown as null and never asked.

    `asked_by` are the groups whose fragments ask the field (`INITIAL`: it is asked outside of deferred
    ones), `deferred` those of them that deliver it first: none when the initial response does.
    """

    name: str
    key: str
    arguments: str = ""
    variables: tuple[str, ...] = ()
    selections: Selections | None = None
    types: Types = None
    asked_by: frozenset[int] = frozenset((INITIAL,))
    deferred: frozenset[int] = frozenset()
    is_denied: bool = False

    @property
    def is_leaf(self) -> bool:
        """Whether the field has no selections of its own."""
        return self.selections is None

    def applies_to(self, type_name: str) -> bool:
        """Whether the field is asked when the object is a `type_name`."""
        return self.types is None or type_name in self.types


Selections = tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class DeferredGroup:
    """A deferred fragment at one position, a payload for each object there.

    `parent` is the group it is nested in, else `INITIAL`. `selections` is what it asks of an object at
    `path`, whose static type is `type_name`; of these and the fields below, its own are `asked_by` it.
    """

    id: int
    label: str | None
    parent: int
    path: GroupPath
    type_name: str
    selections: Selections


@dataclass(frozen=True, slots=True)
class VariableDefinition:
    """A variable of the operation: its type and default in GraphQL notation."""

    name: str
    type: str
    default: str | None = None

    def __str__(self) -> str:
        return f"${self.name}: {self.type}" + (f" = {self.default}" if self.default is not None else "")


@dataclass(frozen=True, slots=True)
class Operation:
    """A normalised operation. `kind` is "query", "mutation" or "subscription".

    Objects of `denied_types` are shown as null.
    """

    kind: str
    name: str | None
    root_type: str
    selections: Selections
    variables: tuple[VariableDefinition, ...] = ()
    groups: tuple[DeferredGroup, ...] = ()
    denied_types: frozenset[str] = frozenset()


TYPENAME = "__typename"


def print_selections(selections: Selections, indent: str = "") -> str:
    """Returns the selections in GraphQL notation, type sets as `... on A | B`, for people and tests."""
    lines: list[str] = []
    for field in selections:
        alias = "" if field.key == field.name else f"{field.key}: "
        condition = "" if field.types is None else f"... on {' | '.join(sorted(field.types))} "
        deferred = "".join(f" @defer({group})" for group in sorted(field.deferred))
        line = f"{indent}{condition}{alias}{field.name}{field.arguments}{deferred}"
        if field.selections is None:
            lines.append(line)
        else:
            inner = print_selections(field.selections, indent + "  ")
            lines.append(f"{line} {{\n{inner}\n{indent}}}" if inner else f"{line} {{}}")
    return "\n".join(lines)
