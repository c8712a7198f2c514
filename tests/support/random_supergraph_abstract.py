"""The abstract types of a random supergraph: interfaces and unions that differ by subgraph."""

from __future__ import annotations

from tests.support.random_supergraph_draft import OwnedField
from tests.support.random_supergraph_fields import give
from tests.support.random_supergraph_world import World


def members_of(world: World, subgraph: str) -> list[str]:
    """Draws entities for an abstract type in a subgraph and makes sure it knows them."""
    names = list(world.entities)
    chosen = world.rng.sample(names, world.rng.randint(1, len(names)))
    for name in chosen:
        world.ensure(name, subgraph)
    return sorted(chosen)


def add_interface(world: World) -> None:
    """Adds an interface in two subgraphs, each with its own implementations and its own field."""
    first, second = world.rng.sample(list(world.subgraphs), 2)
    members = {first: members_of(world, first), second: members_of(world, second)}
    for name in sorted({*members[first], *members[second]}):
        entity = world.entities[name]
        give(world, entity, OwnedField("label", "String", [first if name in members[first] else second]))
        give(world, entity, OwnedField("extra", "Int", [second if name in members[second] else first]))
    for subgraph, own in ((first, ("label", "String")), (second, ("extra", "Int"))):
        interface = world.subgraphs[subgraph].type("Named", "interface")
        interface.add("id", "ID!")
        interface.add(*own)
        for name in members[subgraph]:
            world.subgraphs[subgraph].type(name).interfaces.append("Named")
        add_abstract_fields(world, subgraph, "Named")


def add_union(world: World) -> None:
    """Adds a union in two subgraphs with members of their own."""
    for subgraph in world.rng.sample(list(world.subgraphs), 2):
        members = members_of(world, subgraph)
        if world.chance(0.5):
            world.ensure("Label", subgraph)
            members.append("Label")
        world.subgraphs[subgraph].type("Either", "union").members = members
        add_abstract_fields(world, subgraph, "Either")


def add_abstract_fields(world: World, subgraph: str, abstract: str) -> None:
    """Adds a root field and a relation that answer the abstract type."""
    query = world.subgraphs[subgraph].type("Query")
    query.add(world.fresh("any"), world.object_type(abstract), arguments=world.arguments(subgraph))
    homes = [entity for entity in world.entities.values() if subgraph in entity.homes]
    if homes and world.chance(0.6):
        entity = world.rng.choice(homes)
        name, type_ = world.fresh("a"), world.object_type(abstract)
        # Not listed among the entity's fields: it is neither required nor provided elsewhere.
        world.subgraphs[subgraph].type(entity.name).add(name, type_)


def add_interface_object(world: World) -> None:
    """Adds an interface with a key in one subgraph, and a subgraph that knows it as an object only."""
    simple = [name for name, entity in world.entities.items() if entity.keys[0].text == "id"]
    if not simple:
        return
    members = sorted(world.rng.sample(simple, world.rng.randint(1, len(simple))))
    strangers = [
        name for name, draft in world.subgraphs.items() if not any(each in draft.types for each in members)
    ]
    if not strangers:
        return
    stranger = world.rng.choice(strangers)
    host = world.rng.choice([name for name in world.subgraphs if name != stranger])
    interface = world.subgraphs[host].type("Thing", "interface")
    interface.directives.append('@key(fields: "id")')
    interface.add("id", "ID!")
    interface.add("mark", "String")
    for name in members:
        entity = world.entities[name]
        world.hold(entity, host, entity.keys[:1])
        draft = world.subgraphs[host].type(name)
        give(world, entity, OwnedField("mark", "String", [host]))
        world.required.add((name, "mark"))
        draft.interfaces.append("Thing")
    object_ = world.subgraphs[stranger].type("Thing")
    object_.directives += ['@interfaceObject @key(fields: "id")']
    object_.add("id", "ID!")
    object_.add("weight", "Int")
    if world.chance(0.5):
        object_.add("mark", "String", "@external")
        object_.add("stamp", "String", '@requires(fields: "mark")')
    world.subgraphs[stranger].type("Query").add(world.fresh("things"), world.object_type("Thing"))
    add_abstract_fields(world, host, "Thing")
