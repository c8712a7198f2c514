"""What @authenticated, @requiresScopes and @policy ask of who reads a type or a field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
)

from router.supergraph.links import applications, linked_directive

Alternatives = frozenset[frozenset[str]]
"""Sets of words of which one must be held whole; none at all asks nothing."""

_ASKS_NOTHING: Alternatives = frozenset()
# No viewer holds this word.
_NEVER: Alternatives = frozenset([frozenset(["\0"])])


@dataclass(frozen=True, slots=True)
class Requirement:
    """A log-in, scopes and policies; all three must hold. One that asks nothing is falsy."""

    authenticated: bool = False
    scopes: Alternatives = _ASKS_NOTHING
    policies: Alternatives = _ASKS_NOTHING

    def __bool__(self) -> bool:
        return self.authenticated or bool(self.scopes) or bool(self.policies)

    def and_also(self, other: Requirement) -> Requirement:
        """Returns what asks for both."""
        return Requirement(
            self.authenticated or other.authenticated,
            _both(self.scopes, other.scopes),
            _both(self.policies, other.policies),
        )


NO_REQUIREMENT = Requirement()


@dataclass(frozen=True, slots=True)
class Requirements:
    """By type, and by (type, field), what is asked; what asks nothing is left out.

    Composers repeat on an interface what its implementations ask. There each object is judged by its own
    type, so that the others can be read; an interface stands here only with what it asks beyond that.
    """

    types: Mapping[str, Requirement] = field(default_factory=dict)
    fields: Mapping[tuple[str, str], Requirement] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.types or self.fields)


def read_requirements(document: DocumentNode, possible_types: Mapping[str, frozenset[str]]) -> Requirements:
    """Returns the requirements of a supergraph."""
    reader = _Reader(
        linked_directive(document, "authenticated"),
        linked_directive(document, "requiresScopes"),
        linked_directive(document, "policy"),
    )
    types: dict[str, Requirement] = {}
    fields: dict[tuple[str, str], Requirement] = {}
    interfaces: list[str] = []
    for node in document.definitions:
        if not isinstance(node, TypeDefinitionNode):
            continue
        name = node.name.value
        types[name] = reader.requirement(node)
        if isinstance(node, InterfaceTypeDefinitionNode):
            interfaces.append(name)
        if isinstance(node, (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)):
            for one in node.fields or ():
                fields[name, one.name.value] = reader.requirement(one)
    for name in interfaces:
        _leave_out_repeated(name, possible_types.get(name, frozenset()), types, fields)
    return Requirements(
        {name: one for name, one in types.items() if one},
        {coordinate: one for coordinate, one in fields.items() if one},
    )


def _leave_out_repeated(
    interface: str,
    implementations: Iterable[str],
    types: dict[str, Requirement],
    fields: dict[tuple[str, str], Requirement],
) -> None:
    below = tuple(implementations)
    if types[interface] == _all_of(types.get(name, NO_REQUIREMENT) for name in below):
        types[interface] = NO_REQUIREMENT
    for owner, field_name in [one for one in fields if one[0] == interface]:
        repeated = _all_of(fields.get((name, field_name), NO_REQUIREMENT) for name in below)
        if fields[owner, field_name] == repeated:
            fields[owner, field_name] = NO_REQUIREMENT


def _all_of(requirements: Iterable[Requirement]) -> Requirement:
    found = NO_REQUIREMENT
    for one in requirements:
        found = found.and_also(one)
    return found


def _both(one: Alternatives, other: Alternatives) -> Alternatives:
    if not one or not other:
        return one or other
    return _smallest(first | second for first in one for second in other)


def _smallest(alternatives: Iterable[frozenset[str]]) -> Alternatives:
    """Returns the alternatives without those that ask for more than another one."""
    every = frozenset(alternatives)
    return frozenset(one for one in every if not any(other < one for other in every))


@dataclass(frozen=True, slots=True)
class _Reader:
    """The names the three directives go by in one document; None for those it does not link."""

    authenticated: str | None
    scopes: str | None
    policies: str | None

    def requirement(self, node: Any) -> Requirement:
        if not node.directives:
            return NO_REQUIREMENT
        return Requirement(
            any(True for _ in applications(node, self.authenticated)) if self.authenticated else False,
            self._alternatives(node, self.scopes, "scopes"),
            self._alternatives(node, self.policies, "policies"),
        )

    @staticmethod
    def _alternatives(node: Any, directive: str | None, argument: str) -> Alternatives:
        found = _ASKS_NOTHING
        for arguments in applications(node, directive) if directive else ():
            groups = arguments.get(argument) or ()
            # An application without alternatives can never hold: nobody is to pass by a slip.
            given = frozenset(frozenset(map(str, group)) for group in groups) or frozenset(
                [frozenset(["\0"])]
            )
            found = _both(found, _smallest(given))
        return found
