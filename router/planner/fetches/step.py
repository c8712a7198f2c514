"""Fetch steps under construction: what each asks its subgraph, and after which others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from router.operation.model import Types
from router.plan import ContextValue, PathStep, Representation


class Output:
    """What is asked of one object: its fields, by the types they are asked on and their key."""

    __slots__ = ("fields",)

    def __init__(self) -> None:
        self.fields: dict[tuple[Types, str, str, str], OutputField] = {}

    def add(self, wanted: OutputField) -> OutputField:
        """Returns the field of that description, added when it is new."""
        identity = (wanted.types, wanted.key, wanted.name, wanted.arguments)
        return self.fields.setdefault(identity, wanted)

    def copy(self) -> Output:
        """Returns an output that asks the same and can be added to by itself."""
        twin = Output()
        for identity, wanted in self.fields.items():
            below = wanted.output.copy() if wanted.output is not None else None
            twin.fields[identity] = replace(wanted, output=below)
        return twin

    def absorb(self, other: Output) -> None:
        """Adds all that `other` asks."""
        for wanted in other.fields.values():
            found = self.add(wanted)
            if found is not wanted and found.output is not None and wanted.output is not None:
                found.output.absorb(wanted.output)


@dataclass(slots=True)
class OutputField:
    """One field asked; `output` is None for a leaf."""

    name: str
    key: str
    arguments: str = ""
    variables: tuple[str, ...] = ()
    types: Types = None
    output: Output | None = None


@dataclass(frozen=True, slots=True)
class GroupContext:
    """A value a group takes from around it, and the type its variable is declared with."""

    value: ContextValue
    type: str


@dataclass(slots=True)
class EntityGroup:
    """The objects at one path that a step fetches, how they are represented and what is asked of them.

    `parts` are the groups it was joined from when these waited for different steps: should what one of them
    needs not arrive, the others can still be fetched by themselves.
    """

    path: tuple[PathStep, ...]
    representations: list[Representation]
    output: Output
    interface_object: str | None = None
    parts: list[EntityGroup] = field(default_factory=list)
    context: list[GroupContext] = field(default_factory=list)

    @property
    def keys(self) -> tuple[str, ...]:
        """The path without its type conditions."""
        return tuple(step.key for step in self.path)

    def copy(self) -> EntityGroup:
        """Returns a group of the same that can be added to by itself, without parts."""
        return EntityGroup(self.path, list(self.representations), self.output.copy(), self.interface_object)


@dataclass(slots=True, eq=False)
class Step:
    """One future fetch. A root step has `output`; an entity step has groups.

    `absorbed` are the ids of the steps that were merged into it; `deferred` the groups that wait for it, none
    when the initial response does.
    """

    id: int
    graph: str
    kind: str
    after: set[Step] = field(default_factory=set)
    path: tuple[PathStep, ...] = ()
    output: Output | None = None
    groups: list[EntityGroup] = field(default_factory=list)
    absorbed: list[int] = field(default_factory=list)
    deferred: frozenset[int] = frozenset()

    def ancestors(self) -> Iterator[Step]:
        """Yields every step that must come before, once each."""
        seen: set[int] = set()
        stack = list(self.after)
        while stack:
            step = stack.pop()
            if step.id not in seen:
                seen.add(step.id)
                stack.extend(step.after)
                yield step


@dataclass(frozen=True, slots=True)
class Supplying:
    """Required fields on their way in: the `steps` that bring them, fetched for the `deferred` groups."""

    deferred: frozenset[int]
    steps: set[Step] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where fields are added: a step, the output of one object in it, and the types they hold for."""

    step: Step
    output: Output
    path: tuple[PathStep, ...] = ()
    types: Types = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The path of the object in merged data."""
        return tuple(step.key for step in self.path)
