"""What all subgraphs of a test say together: what a type may be, who defines a field, what it requires."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)
from graphql.language import ast

from tests.support.federated_sdl import SubgraphDocument, read_subgraph


class FederationFacts:
    """The subgraph documents by name, with the questions a data store asks of them."""

    def __init__(self, subgraphs: Mapping[str, str]) -> None:
        self.documents = {name: read_subgraph(name, sdl) for name, sdl in subgraphs.items()}

    @cached_property
    def interface_object_names(self) -> set[str]:
        """The interfaces some subgraph knows as an object type only."""
        return {name for document in self.documents.values() for name in document.interface_objects}

    @cached_property
    def object_names(self) -> set[str]:
        """Every concrete object type of the whole, roots and interface objects left out."""
        names = set()
        for document in self.documents.values():
            for name, type_ in document.schema.type_map.items():
                if isinstance(type_, GraphQLObjectType) and not name.startswith("_"):
                    names.add(name)
            names -= set(document.roots)
        return names - self.interface_object_names

    @cached_property
    def entity_names(self) -> set[str]:
        """The object types that have a key somewhere."""
        keyed = {name for document in self.documents.values() for name, keys in document.keys.items() if keys}
        return keyed & self.object_names

    @cached_property
    def abstract_names(self) -> dict[str, set[str]]:
        """For each object type the interfaces and unions it belongs to in any subgraph."""
        found: dict[str, set[str]] = defaultdict(set)
        for document in self.documents.values():
            for name, type_ in document.schema.type_map.items():
                if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType) and not name.startswith("_"):
                    for concrete in document.concrete_names(name):
                        found[concrete].add(name)
        return found

    @cached_property
    def keyed_abstract_names(self) -> set[str]:
        """The interfaces that have a key, so that ids must differ across their implementations."""
        keyed = {name for document in self.documents.values() for name, keys in document.keys.items() if keys}
        return keyed - self.object_names

    def is_composite(self, type_name: str) -> bool:
        """Whether a type has fields of its own, or members that have."""
        if type_name in self.object_names or type_name in self.interface_object_names:
            return True
        return any(type_name in names for names in self.abstract_names.values())

    def possible_types(self, type_name: str, documents: Iterable[SubgraphDocument]) -> list[str]:
        """Returns the concrete types a value may have so that each of `documents` knows what it is."""
        possible = {name for name, above in self.abstract_names.items() if type_name in above} | (
            {type_name} & self.object_names
        )
        for document in documents:
            known = document.concrete_names(type_name)
            if known:
                possible &= known
        return sorted(possible)

    def owners(self, type_name: str, field_name: str) -> list[tuple[SubgraphDocument, str]]:
        """Returns the subgraphs that define a field, with the type name it stands under there.

        For a concrete type that may be an interface some subgraph knows as an @interfaceObject.
        """
        names = [type_name, *sorted(self.abstract_names.get(type_name, set()) & self.interface_object_names)]
        roots = {
            name: next((own for own, root in document.roots.items() if root == type_name), None)
            for name, document in self.documents.items()
        }
        return [
            (document, own)
            for document in self.documents.values()
            for own in ([roots[document.name] or type_name] if roots[document.name] else names)
            if document.output_field(own, field_name) is not None
        ]

    def output_field(self, type_name: str, field_name: str) -> GraphQLField:
        """Returns a definition of the field from the first subgraph that has one."""
        for document, own in self.owners(type_name, field_name):
            found = document.output_field(own, field_name)
            if found is not None:
                return found
        raise LookupError(f"no subgraph defines {type_name}.{field_name}")

    def requirement(self, type_name: str, field_name: str) -> ast.SelectionSetNode | None:
        """Returns the @requires of a field, None where it has none."""
        for document, own in self.owners(type_name, field_name):
            requires = document.rules_of(own, field_name).requires
            if requires is not None:
                return requires
        return None

    def is_overridden(self, subgraph: str, type_name: str, field_name: str) -> bool:
        """Whether another subgraph took the field over from this one."""
        return any(
            document.rules_of(own, field_name).override_from == subgraph
            for document, own in self.owners(type_name, field_name)
        )

    def enum_values(self, enum_name: str) -> list[str]:
        """Returns the values of an enum that every subgraph with that enum knows."""
        values: set[str] | None = None
        for document in self.documents.values():
            type_ = document.schema.get_type(enum_name)
            if isinstance(type_, GraphQLEnumType):
                values = set(type_.values) if values is None else values & set(type_.values)
        return sorted(values or ())

    def is_enum(self, field: GraphQLField) -> bool:
        """Whether a field answers an enum value."""
        return isinstance(get_named_type(field.type), GraphQLEnumType)
