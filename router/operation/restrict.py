"""Takes out of an operation what its viewer may not read.

Before, with `User.email` denied: query { me { name email } }
Asked of subgraphs:               query { me { name } }
Shown to the client:              query { me { name email } }, `email` null with an error at its path

Each object is judged by its own type: where an interface or a union has types that may not be read, objects
of these are null, and the others are there. What keys and @requires need is not touched: it is never shown.
Steps, for each position: which of the types it can have may not be read, which fields of which types; then
what is left, below. Bound: each field becomes at most two, one that is asked and one that is denied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from router.operation.model import TYPENAME, Field, Operation, Selections, Types
from router.supergraph import Requirement, Supergraph

StaticPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RestrictedOperation:
    """What is asked of subgraphs, what is shown, and where in the response something is denied.

    `denied` are paths of response keys, without the places in lists.
    """

    asked: Operation
    shown: Operation
    denied: tuple[StaticPath, ...]


def restrict_operation(
    supergraph: Supergraph, operation: Operation, denied: frozenset[Requirement]
) -> RestrictedOperation:
    """Returns the operation without what asks for any of the `denied` requirements."""
    restrictor = _Restrictor(supergraph, denied)
    everything = frozenset({operation.root_type})
    is_closed = operation.root_type in restrictor.denied_types
    shown, asked = restrictor.restrict(operation.selections, operation.root_type, (), is_closed=is_closed)
    reached = restrictor.denied_types - everything
    return RestrictedOperation(
        replace(operation, selections=asked),
        replace(operation, selections=shown, denied_types=reached),
        tuple(dict.fromkeys(restrictor.paths)),
    )


class _Restrictor:
    def __init__(self, supergraph: Supergraph, denied: frozenset[Requirement]) -> None:
        self._supergraph = supergraph
        requirements = supergraph.requirements
        self.denied_types = frozenset(name for name, one in requirements.types.items() if one in denied)
        self._denied_fields = frozenset(at for at, one in requirements.fields.items() if one in denied)
        self.paths: list[StaticPath] = []

    def restrict(
        self, selections: Selections, type_name: str, path: StaticPath, *, is_closed: bool = False
    ) -> tuple[Selections, Selections]:
        """Returns what is shown and what is asked of an object whose static type is `type_name`.

        Of one that `is_closed` nothing may be read but its type's name.
        """
        everything = self._possible(type_name)
        hidden = frozenset[str]() if is_closed else everything & self.denied_types
        shown: list[Field] = []
        asked: list[Field] = []
        for field in selections:
            applicable = everything if field.types is None else field.types
            if field.name.startswith("__"):
                bad = frozenset[str]()
                shown_below = asked_below = field.selections
            else:
                bad = applicable if is_closed else self._bad(field, type_name, applicable)
                shown_below, asked_below = self._below(field, type_name, path, is_asked=bad != applicable)
            if bad:
                self.paths.append((*path, field.key))
                shown.append(replace(field, types=_narrowed(bad, everything, field), is_denied=True))
            if bad != applicable:
                left = _narrowed(applicable - bad, everything, field)
                shown.append(replace(field, types=left, selections=shown_below))
            if applicable & hidden:
                self.paths.append(path)
            if open_types := applicable - bad - hidden:
                left = _narrowed(open_types, everything, field)
                asked.append(replace(field, types=left, selections=asked_below))
        if hidden or (selections and not asked):
            asked.append(Field(TYPENAME, TYPENAME))
        return tuple(shown), tuple(dict.fromkeys(asked))

    def _below(
        self, field: Field, type_name: str, path: StaticPath, *, is_asked: bool
    ) -> tuple[Selections | None, Selections | None]:
        if field.selections is None or not is_asked:
            return field.selections, None
        returned = self._returned(type_name, field.types, field.name)
        return self.restrict(field.selections, returned, (*path, field.key))

    def _bad(self, field: Field, type_name: str, applicable: frozenset[str]) -> frozenset[str]:
        """Returns the types on which the field may not be read."""
        is_by_interface = field.types is None and (
            (type_name, field.name) in self._denied_fields or type_name in self.denied_types
        )
        if is_by_interface:
            return applicable
        return frozenset(
            owner
            for owner in applicable
            if (owner, field.name) in self._denied_fields or self._is_closed(owner, field.name)
        )

    def _is_closed(self, owner: str, name: str) -> bool:
        """Whether nothing the field can return may be read."""
        returned = self._supergraph.field_types.get((owner, name))
        if returned is None:
            return False
        possible = self._supergraph.possible_types.get(returned, frozenset())
        return returned in self.denied_types or bool(possible and possible <= self.denied_types)

    def _returned(self, type_name: str, types: Types, name: str) -> str:
        """Returns the widest of the types the field returns at this position."""
        owners = [type_name, *sorted(types if types is not None else self._possible(type_name))]
        found = [one for one in (self._supergraph.field_types.get((o, name)) for o in owners) if one]
        assert found, "the operation is valid"
        return max(found, key=lambda one: len(self._possible(one)))

    def _possible(self, type_name: str) -> frozenset[str]:
        return self._supergraph.possible_types.get(type_name, frozenset())


def _narrowed(types: frozenset[str], everything: frozenset[str], field: Field) -> Types:
    whole = everything if field.types is None else field.types
    return field.types if types == whole else types
