"""The records of a random supergraph: three of each entity, with nulls, errors and lists here and there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLOutputType, get_named_type

from tests.support.federation_facts import FederationFacts
from tests.support.random_supergraph_world import VALUE_TYPES, World

RECORDS_PER_ENTITY = 3
UNSET = object()


def random_records(world: World, facts: FederationFacts) -> dict[str, dict[str, Any]]:
    """Draws the records; what is left out has the default of its place."""
    records: dict[str, dict[str, Any]] = {}
    for name, entity in world.entities.items():
        for number in range(1, RECORDS_PER_ENTITY + 1):
            values = random_values(world, facts, name)
            for key in entity.keys:
                # A key that is another entity's id must tell the records apart.
                if key.text == "parent { id }":
                    values["parent"] = f"@{key.value_types[0]}:{number}"
            records[f"{name}:{number}"] = values
    records["Query"] = random_values(world, facts, "Query")
    return records


def random_values(world: World, facts: FederationFacts, type_name: str) -> dict[str, Any]:
    """Draws the stored values of one record."""
    values = {}
    for field_name in field_names(facts, type_name):
        if (type_name, field_name) in world.in_keys or field_name.startswith("_"):
            continue
        owners = [document for document, _ in facts.owners(type_name, field_name)]
        type_ = facts.output_field(type_name, field_name).type
        required = type_name in world.read_through or (type_name, field_name) in world.required
        possible = facts.possible_types(get_named_type(type_).name, owners)
        value = Draw(world, possible, required).value(type_)
        if value is not UNSET:
            values[field_name] = value
    return values


def field_names(facts: FederationFacts, type_name: str) -> list[str]:
    """Returns the fields a record of a type has in any subgraph."""
    names: dict[str, None] = {}
    above = facts.abstract_names.get(type_name, set()) & facts.interface_object_names
    for document in facts.documents.values():
        for own in (type_name, *sorted(above)):
            type_ = document.schema.get_type(own)
            names.update(dict.fromkeys(getattr(type_, "fields", {})))
    return list(names)


@dataclass(frozen=True, slots=True)
class Draw:
    """Draws a value for one field: `possible` are the types it may answer, none for a leaf."""

    world: World
    possible: list[str]
    required: bool

    def value(self, type_: GraphQLOutputType, *, nullable: bool = True) -> Any:
        """Returns a stored value, or UNSET to leave the default."""
        if isinstance(type_, GraphQLNonNull):
            return self.value(type_.of_type, nullable=False)
        if nullable and self.world.chance(0.08):
            return None
        # A required field that is not nullable does not fail: a router asks for it on its own account, and
        # its failure would take fields with it that the monolith still answers.
        if (nullable or not self.required) and self.world.chance(0.04 if nullable else 0.01):
            return "!a stored fault"
        if isinstance(type_, GraphQLList):
            return self.items(type_) if self.possible and self.world.chance(0.7) else UNSET
        return self.composite() if self.possible and self.world.chance(0.7) else UNSET

    def items(self, type_: GraphQLList[Any]) -> Any:
        """Returns the elements of a list of composite values; the last level is never left to default."""
        drawn = []
        for _ in range(self.world.rng.randint(0, 3)):
            item = self.value(type_.of_type)
            if item is UNSET:
                inner = type_.of_type
                while isinstance(inner, GraphQLNonNull):
                    inner = inner.of_type
                item = [] if isinstance(inner, GraphQLList) else self.composite()
            drawn.append(item)
        return drawn

    def composite(self) -> Any:
        """Returns a reference to an entity, or a value without identity."""
        name = self.world.rng.choice(self.possible)
        if name in self.world.entities:
            return f"@{name}:{self.world.rng.randint(1, RECORDS_PER_ENTITY)}"
        value: dict[str, Any] = {"$type": name}
        for field_name, type_ in VALUE_TYPES.get(name, {}).items():
            if not type_.endswith("!") and self.world.chance(0.2):
                value[field_name] = None
        return value
