"""The facts of a supergraph, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from graphql import DirectiveLocation, GraphQLSchema

from router.supergraph.feeds.model import EventFeed
from router.supergraph.requirements import Requirements


class Kind(Enum):
    """The kind of a named type."""

    OBJECT = "OBJECT"
    INTERFACE = "INTERFACE"
    UNION = "UNION"
    ENUM = "ENUM"
    SCALAR = "SCALAR"
    INPUT_OBJECT = "INPUT_OBJECT"


COMPOSITE_KINDS = frozenset({Kind.OBJECT, Kind.INTERFACE, Kind.UNION})


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One `join__Graph` value: `id` is the enum value, `name` what people call it.

    With a `feed` it is no service: it stands for the events a Subscription field is made of.
    """

    id: str
    name: str
    url: str
    feed: EventFeed | None = None


@dataclass(frozen=True, slots=True)
class TypeJoin:
    """One `@join__type` application; `key` is a field set or None."""

    key: str | None = None
    is_extension: bool = False
    is_resolvable: bool = True
    is_interface_object: bool = False


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """One entry of `@join__field(contextArguments:)`."""

    context: str
    name: str
    type: str
    selection: str


@dataclass(frozen=True, slots=True)
class FieldJoin:
    """One `@join__field` application: how a subgraph takes part in a field.

    `type` is the field's type as that subgraph declares it, in SDL notation.
    """

    type: str
    requires: str | None = None
    provides: str | None = None
    is_external: bool = False
    is_overridden: bool = False
    override: str | None = None
    override_label: str | None = None
    context_arguments: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """A field of an object or interface: its merged type and, by subgraph id, how it is joined."""

    name: str
    type: str
    named_type: str
    joins: Mapping[str, FieldJoin]
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class TypeFacts:
    """A named type: where it lives, with which keys, fields, interfaces and members, by subgraph id.

    `contexts` are the names (with their subgraph's prefix) that `@fromContext` finds it by.
    """

    name: str
    kind: Kind
    joins: Mapping[str, tuple[TypeJoin, ...]]
    fields: Mapping[str, FieldFacts] = field(default_factory=dict)
    interfaces: Mapping[str, frozenset[str]] = field(default_factory=dict)
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)
    contexts: frozenset[str] = frozenset()

    @property
    def is_abstract(self) -> bool:
        """Whether values of this type have another, concrete type."""
        return self.kind is Kind.INTERFACE or self.kind is Kind.UNION

    def is_interface_object_in(self, graph: str) -> bool:
        """Whether the subgraph stands in for the interface without knowing its implementations."""
        return any(join.is_interface_object for join in self.joins.get(graph, ()))


@dataclass(frozen=True)
class Supergraph:
    """A supergraph ready to plan over.

    `api_schema` is what clients see (nothing inaccessible, no federation machinery). `root_types` maps
    "query", "mutation" and "subscription" to type names, for those that exist. `requirements` are what the
    authorization directives ask.
    """

    sdl: str
    subgraphs: Mapping[str, Subgraph]
    types: Mapping[str, TypeFacts]
    root_types: Mapping[str, str]
    api_schema: GraphQLSchema
    requirements: Requirements = field(default_factory=Requirements)

    @cached_property
    def services(self) -> tuple[Subgraph, ...]:
        """The subgraphs that are asked over a transport: all but those that stand for feeds."""
        return tuple(subgraph for subgraph in self.subgraphs.values() if subgraph.feed is None)

    @cached_property
    def possible_types(self) -> Mapping[str, frozenset[str]]:
        """By composite type: the object types a value may have anywhere in the supergraph."""
        possible: dict[str, set[str]] = {}
        for facts in self.types.values():
            if facts.kind is Kind.OBJECT:
                possible.setdefault(facts.name, set()).add(facts.name)
                for names in facts.interfaces.values():
                    for name in names:
                        possible.setdefault(name, set()).add(facts.name)
            elif facts.kind is Kind.UNION:
                members = possible.setdefault(facts.name, set())
                members.update(*facts.members.values())
            elif facts.kind is Kind.INTERFACE:
                possible.setdefault(facts.name, set())
        return {name: frozenset(types) for name, types in possible.items()}

    @cached_property
    def field_types(self) -> Mapping[tuple[str, str], str]:
        """By (type, field): the named type of the field."""
        return {
            (facts.name, field.name): field.named_type
            for facts in self.types.values()
            for field in facts.fields.values()
        }

    @cached_property
    def override_labels(self) -> frozenset[str]:
        """The labels of the supergraph's progressive overrides."""
        return frozenset(
            join.override_label
            for facts in self.types.values()
            for field in facts.fields.values()
            for join in field.joins.values()
            if join.override_label is not None
        )

    @cached_property
    def _possible_by_graph(self) -> Mapping[tuple[str, str], frozenset[str]]:
        possible: dict[tuple[str, str], set[str]] = {}
        for facts in self.types.values():
            if facts.kind is Kind.OBJECT:
                for graph in facts.joins:
                    possible.setdefault((facts.name, graph), set()).add(facts.name)
                for graph, names in facts.interfaces.items():
                    for name in names:
                        possible.setdefault((name, graph), set()).add(facts.name)
            elif facts.kind is Kind.UNION:
                for graph, names in facts.members.items():
                    possible.setdefault((facts.name, graph), set()).update(names)
        return {key: frozenset(types) for key, types in possible.items()}

    def is_composite(self, type_name: str) -> bool:
        """Whether values of the type have fields; built-in scalars are no types of the supergraph's own."""
        facts = self.types.get(type_name)
        return facts is not None and facts.kind in COMPOSITE_KINDS

    def possible_types_in(self, type_name: str, graph: str) -> frozenset[str]:
        """Returns the object types a value of `type_name` may have when `graph` answers it."""
        return self._possible_by_graph.get((type_name, graph), frozenset())

    def subgraph_named(self, name: str) -> Subgraph | None:
        """Returns the subgraph of that name, or None."""
        return next((subgraph for subgraph in self.subgraphs.values() if subgraph.name == name), None)


EXECUTABLE_LOCATIONS = frozenset(
    {
        DirectiveLocation.QUERY,
        DirectiveLocation.MUTATION,
        DirectiveLocation.SUBSCRIPTION,
        DirectiveLocation.FIELD,
        DirectiveLocation.FRAGMENT_DEFINITION,
        DirectiveLocation.FRAGMENT_SPREAD,
        DirectiveLocation.INLINE_FRAGMENT,
        DirectiveLocation.VARIABLE_DEFINITION,
    }
)
