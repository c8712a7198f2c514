"""Subgraph SDL in the making: types and fields that are added to until all is decided, then printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

HEADER = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: [
  "@key", "@external", "@requires", "@provides", "@shareable", "@override", "@interfaceObject"
])
"""


@dataclass(slots=True)
class FieldDraft:
    """One field of one type in one subgraph."""

    name: str
    type: str
    arguments: str = ""
    directives: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Returns the field as SDL."""
        return " ".join([f"{self.name}{self.arguments}: {self.type}", *self.directives])

    def has(self, directive: str) -> bool:
        """Whether a directive stands on the field."""
        return any(each.startswith(directive) for each in self.directives)

    def mark(self, directive: str) -> None:
        """Adds a directive once."""
        if directive not in self.directives:
            self.directives.append(directive)


@dataclass(slots=True)
class TypeDraft:
    """One type in one subgraph."""

    kind: str
    name: str
    directives: list[str] = field(default_factory=list)
    interfaces: list[str] = field(default_factory=list)
    fields: dict[str, FieldDraft] = field(default_factory=dict)
    members: list[str] = field(default_factory=list)

    def add(self, name: str, type_: str, *directives: str, arguments: str = "") -> FieldDraft:
        """Adds a field, or returns the one there is with the directives added."""
        draft = self.fields.setdefault(name, FieldDraft(name, type_, arguments))
        for directive in directives:
            draft.mark(directive)
        return draft

    def text(self) -> str:
        """Returns the type as SDL."""
        if self.kind == "union":
            return f"union {self.name} = {' | '.join(self.members)}"
        implements = f" implements {' & '.join(self.interfaces)}" if self.interfaces else ""
        head = " ".join([f"{self.kind} {self.name}{implements}", *self.directives])
        body = self.members if self.kind == "enum" else [each.text() for each in self.fields.values()]
        return "\n".join([f"{head} {{", *(f"  {line}" for line in body), "}"])


@dataclass(slots=True)
class SubgraphDraft:
    """One subgraph."""

    name: str
    types: dict[str, TypeDraft] = field(default_factory=dict)

    def type(self, name: str, kind: str = "type") -> TypeDraft:
        """Returns a type of the subgraph, made when it is not there."""
        return self.types.setdefault(name, TypeDraft(kind, name))

    def text(self) -> str:
        """Returns the SDL."""
        return "\n".join(
            [HEADER, *(each.text() for each in self.types.values() if each.fields or each.members)]
        )


@dataclass(frozen=True, slots=True)
class KeySpec:
    """One key of an entity: its field set, the fields on the entity, the types these need."""

    text: str
    fields: tuple[tuple[str, str], ...]
    value_types: tuple[str, ...] = ()


@dataclass(slots=True)
class OwnedField:
    """A field of an entity that one subgraph resolves (or several, shared)."""

    name: str
    type: str
    owners: list[str]
    arguments: str = ""
    requires: bool = False
    former_owner: str = ""  # the subgraph that still has the field although another took it over

    @property
    def named_type(self) -> str:
        """The type without lists and nullability."""
        return self.type.strip("[]!")


@dataclass(slots=True)
class Entity:
    """An entity of the whole: its keys, where it lives, what it has."""

    name: str
    keys: list[KeySpec]
    homes: list[str]
    fields: list[OwnedField] = field(default_factory=list)

    def foreign_fields(self, subgraph: str) -> Iterable[OwnedField]:
        """Returns the fields another subgraph resolves, and this one does not."""
        return [each for each in self.fields if subgraph not in (*each.owners, each.former_owner)]
