"""Nodes and moves of the graph."""

from __future__ import annotations

from dataclasses import dataclass

from router.operation import Field
from router.operation.model import Selections
from router.supergraph.model import ContextArgument


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Node:
    """An object as it stands in one subgraph. Interned by the graph: equal nodes are the same object.

    `type_name` is its static type in the supergraph and `runtime` the object types it may have. `provided`
    are the external fields that can be read on this path only (@provides). When the subgraph stands in for
    an interface (@interfaceObject), `interface_object` names the interface; then `is_typed` tells whether
    the object's real type is known from another subgraph.
    """

    id: int
    type_name: str
    graph: str
    runtime: frozenset[str]
    provided: Selections = ()
    interface_object: str | None = None
    is_typed: bool = True

    def __repr__(self) -> str:
        kind = "" if self.interface_object is None else f" as {self.interface_object}"
        return f"<{self.type_name}{kind} in {self.graph}>"

    @property
    def knows_its_type(self) -> bool:
        """Whether the subgraph itself can answer `__typename` with the object's real type."""
        return self.interface_object is None


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a field gives: the node of the composite value, or None for a leaf."""

    target: Node | None


@dataclass(frozen=True, slots=True)
class Jump:
    """A move of an entity into another subgraph (or again into its own) by `key`.

    `typename` is the constant `__typename` of the representation, or None for the object's own.
    `is_root` marks the move from one subgraph's root type to another's, which needs no key.
    """

    target: Node
    key: Selections = ()
    typename: str | None = None
    is_root: bool = False


@dataclass(frozen=True, slots=True)
class Required:
    """A field that `graph` resolves once others were fetched.

    `selections` are of the same object (@requires), `context` are arguments whose values stand in an object
    around it (@fromContext).
    """

    graph: str
    field: str
    selections: Selections
    interface_object: str | None = None
    context: tuple[ContextArgument, ...] = ()


def provides_on(provided: Selections, name: str, type_name: str | None) -> list[Field]:
    """Returns the provided entries for a field, on `type_name` or, when None, on every type."""
    return [
        field
        for field in provided
        if field.name == name
        and (field.types is None or (type_name is not None and type_name in field.types))
    ]
