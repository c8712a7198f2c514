"""What a client must be allowed to do to read a field."""

from __future__ import annotations

import json
from dataclasses import dataclass

from router.composition.merge.model import MergedElement, MergedSchema
from router.composition.subgraph.type_ref import named_type

Alternatives = frozenset[frozenset[str]]

_ANYONE: Alternatives = frozenset([frozenset[str]()])


@dataclass(frozen=True, slots=True)
class Authorization:
    """Whether a login is needed, and the alternatives of scopes and of policies of which one must hold."""

    authenticated: bool
    scopes: Alternatives
    policies: Alternatives


def authorization_of(schema: MergedSchema, coordinate: str) -> Authorization:
    """What guards a field: its own requirements, its type's, and those of what it returns."""
    type_name, _, name = coordinate.partition(".")
    parent = schema.types.get(type_name)
    field = parent.fields.get(name) if parent else None
    returned = schema.types.get(named_type(field.type)) if field else None
    elements: list[MergedElement] = [element for element in (parent, field, returned) if element is not None]
    names = schema.directive_names
    return Authorization(
        any(element.has(names["authenticated"]) for element in elements),
        _combined(elements, names["requiresScopes"]),
        _combined(elements, names["policy"]),
    )


def missing_part(needed: Authorization, given: Authorization) -> str | None:
    """The directive whose requirement `given` does not imply, or None."""
    if needed.authenticated and not given.authenticated:
        return "@authenticated"
    if not _implies(given.scopes, needed.scopes):
        return "@requiresScopes"
    if not _implies(given.policies, needed.policies):
        return "@policy"
    return None


def _implies(given: Alternatives, needed: Alternatives) -> bool:
    return all(any(wanted <= had for wanted in needed) for had in given)


def _combined(elements: list[MergedElement], directive: str) -> Alternatives:
    combined = _ANYONE
    for element in elements:
        for applied in element.directives:
            if applied.name == directive:
                alternatives = json.loads(applied.arguments[0][1])
                combined = frozenset(one | frozenset(other) for one in combined for other in alternatives)
    return combined
