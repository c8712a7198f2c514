"""All subgraphs side by side: who defines which type and field, and what follows from that for merging."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from graphql import parse

from router.composition.merge.composed import ComposedDirectives, find_composed_directives
from router.composition.merge.overrides import OverrideFacts, find_overrides
from router.composition.subgraph.model import (
    EnumValue,
    Field,
    InputValue,
    Kind,
    Subgraph,
    TypeDefinition,
)
from router.composition.subgraph.type_ref import named_type

_EMPTY_QUERY = parse("type Query { _: Int }", no_location=True).definitions[0]


@dataclass(frozen=True, slots=True)
class TypeSource:
    """A type as one subgraph defines it."""

    subgraph: Subgraph
    definition: TypeDefinition


@dataclass(frozen=True, slots=True)
class FieldSource:
    """A field as one subgraph defines it."""

    subgraph: Subgraph
    field: Field

    @property
    def is_external(self) -> bool:
        return self.field.coordinate in self.subgraph.external


@dataclass(frozen=True, slots=True)
class InputSource:
    """An argument or input field as one subgraph defines it."""

    subgraph: Subgraph
    value: InputValue


@dataclass(frozen=True, slots=True)
class ValueSource:
    """An enum value as one subgraph defines it."""

    subgraph: Subgraph
    value: EnumValue


@dataclass(frozen=True, slots=True)
class EnumUse:
    """Where an enum is used: as an input, as an output; with one example of each."""

    as_input: str | None = None
    as_output: str | None = None


@dataclass(frozen=True)
class SubgraphsView:
    """The subgraphs in order of name, with the indexes that rules and merging share."""

    subgraphs: tuple[Subgraph, ...]

    @cached_property
    def types(self) -> dict[str, tuple[TypeSource, ...]]:
        """Every type name with its definitions, in order of name."""
        found: dict[str, list[TypeSource]] = {}
        for subgraph in self.subgraphs:
            for definition in subgraph.types.values():
                found.setdefault(definition.name, []).append(TypeSource(subgraph, definition))
        return {name: tuple(found[name]) for name in sorted(found)}

    @cached_property
    def fields(self) -> dict[str, tuple[FieldSource, ...]]:
        """Every `Type.field` of object and interface types with its definitions."""
        found: dict[str, list[FieldSource]] = {}
        for sources in self.types.values():
            for source in sources:
                for field in source.definition.fields.values():
                    found.setdefault(field.coordinate, []).append(FieldSource(source.subgraph, field))
        return {coordinate: tuple(sources) for coordinate, sources in found.items()}

    @cached_property
    def overrides(self) -> OverrideFacts:
        return find_overrides(self.subgraphs)

    @cached_property
    def composed(self) -> ComposedDirectives:
        return find_composed_directives(self.subgraphs)

    @cached_property
    def supertypes(self) -> dict[str, frozenset[str]]:
        """For each type, the interfaces it implements and the unions it belongs to, in any subgraph."""
        found: dict[str, set[str]] = {}
        for name, sources in self.types.items():
            for source in sources:
                found.setdefault(name, set()).update(source.definition.interfaces)
                for member in source.definition.members:
                    found.setdefault(member, set()).add(name)
        return {name: frozenset(above) for name, above in found.items()}

    @cached_property
    def implementations(self) -> dict[str, tuple[str, ...]]:
        """For each interface, the object types that implement it in any subgraph."""
        found: dict[str, list[str]] = {}
        for name, sources in self.types.items():
            if self.kind_of(name) is Kind.OBJECT:
                for interface in {i for source in sources for i in source.definition.interfaces}:
                    found.setdefault(interface, []).append(name)
        return {interface: tuple(names) for interface, names in found.items()}

    @cached_property
    def enum_uses(self) -> dict[str, EnumUse]:
        inputs: dict[str, str] = {}
        outputs: dict[str, str] = {}
        for coordinate, sources in self.fields.items():
            for source in sources:
                outputs.setdefault(named_type(source.field.type), coordinate)
                for argument in source.field.arguments.values():
                    inputs.setdefault(named_type(argument.type), argument.coordinate)
        for sources in self.types.values():
            for source in sources:
                for value in source.definition.input_fields.values():
                    inputs.setdefault(named_type(value.type), value.coordinate)
        return {
            name: EnumUse(inputs.get(name), outputs.get(name))
            for name in self.types
            if self.kind_of(name) is Kind.ENUM
        }

    def kind_of(self, name: str) -> Kind | None:
        """The kind the type has in the supergraph."""
        sources = self.types.get(name)
        return sources[0].definition.merged_kind if sources else None

    def of_kind(self, kind: Kind) -> Iterator[tuple[str, tuple[TypeSource, ...]]]:
        """The types of one kind, in order of name."""
        return ((name, sources) for name, sources in self.types.items() if self.kind_of(name) is kind)

    def possible_types(self, name: str) -> tuple[str, ...]:
        """The object types a value of this type can have in the supergraph."""
        kind = self.kind_of(name)
        if kind is Kind.INTERFACE:
            return self.implementations.get(name, ())
        if kind is Kind.UNION:
            return tuple(sorted({m for source in self.types[name] for m in source.definition.members}))
        return (name,)

    def interface_object_sources(self, name: str) -> tuple[TypeSource, ...]:
        """The subgraphs that know the interface only as an object."""
        return tuple(s for s in self.types.get(name, ()) if s.definition.is_interface_object)


def view_subgraphs(subgraphs: Sequence[Subgraph]) -> SubgraphsView:
    """Put subgraphs side by side; each gets a query root, which every federated service has."""
    for subgraph in subgraphs:
        if "Query" not in subgraph.types:
            subgraph.types["Query"] = TypeDefinition("Query", "Query", [], None, _EMPTY_QUERY, Kind.OBJECT)
    return SubgraphsView(tuple(subgraphs))
