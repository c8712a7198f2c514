"""The model of one valid subgraph: types with extensions folded in, directives by canonical name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from graphql import (
    BooleanValueNode,
    ConstValueNode,
    FieldNode,
    ListValueNode,
    Node,
    SelectionSetNode,
    StringValueNode,
)

from router.composition.diagnostics import SourceLocation
from router.composition.source import SubgraphSource
from router.federation.directives import FEDERATION_1, Version
from router.federation.link import Link


class Kind(Enum):
    """The six kinds of named type, as messages call them."""

    OBJECT = "object type"
    INTERFACE = "interface"
    UNION = "union"
    ENUM = "enum"
    SCALAR = "scalar"
    INPUT = "input type"


@dataclass(slots=True)
class Applied:
    """One application of a directive.

    `name` is canonical: a bare name for directives of federation and of GraphQL itself (whatever the
    document calls them), `@name` for every other one.
    """

    name: str
    arguments: dict[str, ConstValueNode]
    node: Node

    def text(self, argument: str) -> str | None:
        """A string argument's value."""
        value = self.arguments.get(argument)
        return value.value if isinstance(value, StringValueNode) else None

    def strings(self, argument: str) -> tuple[str, ...]:
        """The strings of a list argument."""
        value = self.arguments.get(argument)
        items = value.values if isinstance(value, ListValueNode) else ()
        return tuple(item.value for item in items if isinstance(item, StringValueNode))


@dataclass(slots=True)
class Element:
    """What carries a name, directives and a description."""

    name: str
    coordinate: str
    directives: list[Applied]
    description: str | None
    node: Node

    def has(self, directive: str) -> bool:
        return any(applied.name == directive for applied in self.directives)

    def first(self, directive: str) -> Applied | None:
        return next((applied for applied in self.directives if applied.name == directive), None)

    def all(self, directive: str) -> Iterator[Applied]:
        return (applied for applied in self.directives if applied.name == directive)

    def drop(self, directive: str) -> None:
        self.directives = [applied for applied in self.directives if applied.name != directive]


@dataclass(slots=True)
class InputValue(Element):
    """An argument or an input field."""

    type: str = ""
    default: ConstValueNode | None = None

    @property
    def is_mandatory(self) -> bool:
        return self.type.endswith("!") and self.default is None


@dataclass(slots=True)
class Field(Element):
    """A field of an object or interface type."""

    type: str = ""
    parent: str = ""
    arguments: dict[str, InputValue] = field(default_factory=dict)


@dataclass(slots=True)
class EnumValue(Element):
    """A value of an enum type."""


@dataclass(slots=True)
class TypeDefinition(Element):
    """A named type with everything its definition and extensions say."""

    kind: Kind = Kind.OBJECT
    is_extension: bool = False
    interfaces: dict[str, Node] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    input_fields: dict[str, InputValue] = field(default_factory=dict)
    members: dict[str, Node] = field(default_factory=dict)
    values: dict[str, EnumValue] = field(default_factory=dict)

    @property
    def is_interface_object(self) -> bool:
        return self.has("interfaceObject")

    @property
    def merged_kind(self) -> Kind:
        """The kind the type has in the supergraph."""
        return Kind.INTERFACE if self.is_interface_object else self.kind

    @property
    def extends_another(self) -> bool:
        """Whether the subgraph only extends a type other subgraphs own (`extend type`, `@extends`)."""
        return self.kind in (Kind.OBJECT, Kind.INTERFACE) and (self.is_extension or self.has("extends"))


@dataclass(slots=True)
class DirectiveDefinition(Element):
    """A directive the document itself defines."""

    arguments: dict[str, InputValue] = field(default_factory=dict)
    places: tuple[str, ...] = ()
    repeatable: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SelectedField:
    """One field a field set selects, with the selected field it hangs from."""

    parent: str
    field: Field
    node: FieldNode
    is_leaf: bool
    above: SelectedField | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FieldSetUse:
    """One `@key`, `@requires` or `@provides`, with what its field set means in this subgraph.

    `problems` says what is wrong with it; `selection` is None when its text could not be parsed, and
    `text` is None when the argument is no string.
    """

    directive: str
    owner: TypeDefinition | Field
    holder: TypeDefinition
    applied: Applied
    text: str | None
    selection: SelectionSetNode | None
    fields: tuple[SelectedField, ...]
    problems: tuple[str, ...]
    has_directives: bool

    @property
    def is_resolvable(self) -> bool:
        value = self.applied.arguments.get("resolvable")
        return not (isinstance(value, BooleanValueNode) and not value.value)


@dataclass
class Subgraph:
    """One subgraph, ready to be checked against the others and merged."""

    source: SubgraphSource
    version: Version
    links: tuple[Link, ...]
    types: dict[str, TypeDefinition]
    directive_definitions: dict[str, DirectiveDefinition]
    schema_directives: list[Applied]
    lines: tuple[str, ...] = ()
    field_sets: tuple[FieldSetUse, ...] = ()
    graph: str = ""
    # Coordinates; filled in by `analyse`. External are the fields that this subgraph does not resolve.
    external: frozenset[str] = frozenset()
    used: frozenset[str] = frozenset()
    shareable: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def is_federation_1(self) -> bool:
        return self.version == FEDERATION_1

    @cached_property
    def implementations(self) -> dict[str, tuple[str, ...]]:
        """The object types that implement each interface here."""
        found: dict[str, list[str]] = {}
        for definition in self.types.values():
            if definition.kind is Kind.OBJECT:
                for interface in definition.interfaces:
                    found.setdefault(interface, []).append(definition.name)
        return {name: tuple(names) for name, names in found.items()}

    def possible_types(self, name: str) -> tuple[str, ...]:
        """The object types a value of this type can have in this subgraph."""
        definition = self.types.get(name)
        if definition is None:
            return ()
        if definition.kind is Kind.INTERFACE:
            return self.implementations.get(name, ())
        if definition.kind is Kind.UNION:
            return tuple(definition.members)
        return (name,)

    def fields(self) -> Iterator[tuple[TypeDefinition, Field]]:
        """Every field of every object and interface type."""
        for definition in self.types.values():
            for field_ in definition.fields.values():
                yield definition, field_

    def at(self, item: Element | Applied | Node | None) -> SourceLocation:
        """The place of an element, a directive application or a node."""
        node = item if item is None or isinstance(item, Node) else item.node
        loc = getattr(node, "loc", None)
        if loc is None:
            return SourceLocation(self.name, self.source.file)
        token = getattr(getattr(node, "name", None), "loc", None) or loc
        start = token.start_token
        if isinstance(item, Applied) or node is None or node.kind == "directive":
            start = loc.start_token
        line = self.lines[start.line - 1] if 0 < start.line <= len(self.lines) else ""
        return SourceLocation(self.name, self.source.file, start.line, start.column, line)

    def directive_name(self, name: str) -> str:
        """What the document calls a federation directive, with its `@`."""
        for link in self.links:
            if link.url.name == "federation":
                return link.local_name("@" + name)
        return "@" + name
