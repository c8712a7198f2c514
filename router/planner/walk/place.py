"""Places: the candidate positions of an object, as a tree of moves from the operation's root.

A place is one way to stand on an object: its parent place and the move taken from there. A leaf of the
operation is answered from one place; the moves on the way to it are what the answer costs. Two leaves share
the cost of the moves they have in common, which is why places form a tree and children are interned.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from itertools import count

from router.graph import Jump, Node
from router.operation import Field
from router.operation.model import Selections

# A field costs more the more subgraphs lie before it: what the first can answer, it should.
FIELD_COST = 1
CROSSING_COST = 1000
# A longer chain of subgraphs is slower than two fetches side by side, but never worth one fetch more.
DEPTH_COST = 10


@dataclass(frozen=True, slots=True)
class Enter:
    """The start of an operation, or of a requirement, in one subgraph."""


@dataclass(frozen=True, slots=True)
class Read:
    """A field read in the place's subgraph."""

    field: Field


@dataclass(frozen=True, slots=True)
class Narrow:
    """Only the objects of some types (a type condition)."""

    types: frozenset[str]


@dataclass(frozen=True, slots=True)
class Defer:
    """The same object for what is delivered after it (@defer): moves below are fetches of these groups."""


@dataclass(frozen=True, slots=True)
class Leap:
    """A jump into a subgraph with what it needs: the key and, for @requires, the required fields.

    `around` are the values it takes from objects around this one (@fromContext).
    """

    jump: Jump
    supply: Supply
    around: tuple[Around, ...] = ()


Edge = Enter | Read | Narrow | Defer | Leap

_serial = count()


class Place:
    """One way to stand on an object. `cost` counts every move from the root, `own` only the last.

    `deferred` are the groups whose fetches the moves from here are, none for the initial response. `request`
    tells apart the requests that moves open: moves of one request pay for it once, since they will be merged.
    """

    __slots__ = (
        "_children",
        "cost",
        "crossings",
        "deferred",
        "edge",
        "id",
        "node",
        "own",
        "parent",
        "request",
    )

    def __init__(
        self,
        parent: Place | None,
        edge: Edge,
        node: Node | None,
        own: int = 0,
        crossings: int = 0,
        request: Hashable = None,
    ) -> None:
        self.parent = parent
        self.request = request
        self.edge = edge
        self.node = node
        self.own = own
        self.cost = own + (parent.cost if parent is not None else 0)
        self.crossings = crossings + (parent.crossings if parent is not None else 0)
        self.deferred: frozenset[int] = parent.deferred if parent is not None else frozenset()
        self.id = next(_serial)
        self._children: dict[Hashable, Place] = {}

    @property
    def standing(self) -> Node:
        """The node the object stands in; only leaves have none."""
        assert self.node is not None, "only objects stand in a node"
        return self.node

    @classmethod
    def at_root(cls, node: Node) -> Place:
        """Returns where an operation starts in one subgraph; it costs the request that asks there."""
        return cls(None, Enter(), node, CROSSING_COST, 0, ("root", node.graph))

    def child(self, identity: Hashable, edge: Edge, node: Node | None, own: int) -> Place:
        """Returns the child reached by `edge`; the same `identity` gives the same place."""
        found = self._children.get(identity)
        if found is None:
            found = self._children[identity] = Place(self, edge, node, own)
        return found

    def read(self, field: Field, node: Node | None) -> Place:
        """Returns the place of a field's value; `node` is None for a leaf."""
        identity = ("read", field.key, field.name, field.arguments, node.id if node is not None else None)
        return self.child(identity, Read(field), node, FIELD_COST * (1 + self.crossings))

    def narrow(self, node: Node) -> Place:
        """Returns the place of only those objects that `node`'s types allow."""
        return self.child(("narrow", node.id), Narrow(node.runtime), node, 0)

    def defer(self, groups: frozenset[int]) -> Place:
        """Returns the same place, from where the fields of `groups` are read."""
        place = self.child(("defer", groups), Defer(), self.node, 0)
        place.deferred = groups
        return place

    def leap(self, jump: Jump, supply: Supply, identity: Hashable, around: tuple[Around, ...] = ()) -> Place:
        """Returns the place after a jump."""
        crossings = 1 + max([supply.crossings, *(one.supply.crossings for one in around)])
        cost = supply.cost + sum(one.supply.cost for one in around)
        depth = self.crossings + crossings
        own = CROSSING_COST + cost + DEPTH_COST * depth
        identity = ("leap", jump.target.id, identity)
        found = self._children.get(identity)
        if found is None:
            # What takes values from around it is sent alone; else equal depth means one request in the end.
            request = None if around else (jump.target.graph, depth, self.deferred)
            edge = Leap(jump, supply, around)
            found = self._children[identity] = Place(self, edge, jump.target, own, crossings, request)
        return found


@dataclass(frozen=True, slots=True)
class Supply:
    """How the fields a jump `needs` are fetched: the leaves chosen, in a tree of its own from `root`."""

    needs: Selections
    root: Place
    leaves: tuple[Place, ...]
    cost: int
    crossings: int


@dataclass(frozen=True, slots=True)
class Around:
    """A value a jump takes from the object that stands in `place`, sent as `variable` of `type`."""

    place: Place
    supply: Supply
    variable: str
    type: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One leaf of the operation with the places that can answer it, cheapest first."""

    candidates: tuple[Place, ...]
