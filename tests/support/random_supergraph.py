"""Seeded random supergraphs: a few subgraphs that compose by construction, with their data.

Every entity has a hub, a subgraph with all its keys, so each subgraph that holds any key of it can reach
all others. Values and entities are drawn first, then fields are dealt out to subgraphs, then requirements,
provisions, overrides, abstract types and interface objects are laid over what is there.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from tests.support.federation_facts import FederationFacts
from tests.support.random_supergraph_abstract import (
    add_interface,
    add_interface_object,
    add_union,
)
from tests.support.random_supergraph_data import random_records
from tests.support.random_supergraph_draft import Entity, KeySpec, SubgraphDraft
from tests.support.random_supergraph_fields import (
    add_mutations,
    add_override,
    add_partial_value,
    add_provides,
    add_relation,
    add_requires,
    add_rival_requires,
    add_roots,
    add_scalars,
)
from tests.support.random_supergraph_world import World

SUBGRAPH_NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")
ENTITY_NAMES = ("Atlas", "Bahia", "Casbah", "Dune")


@dataclass(frozen=True, slots=True)
class RandomSupergraph:
    """One drawn supergraph: SDL by subgraph name, and the records behind them."""

    seed: int
    subgraphs: dict[str, str]
    records: dict[str, dict[str, Any]] = field(default_factory=dict)


def random_supergraph(seed: int) -> RandomSupergraph:
    """Draws the supergraph of a seed."""
    rng = random.Random(seed)
    names = SUBGRAPH_NAMES[: rng.randint(2, len(SUBGRAPH_NAMES))]
    world = World(rng, {name: SubgraphDraft(name) for name in names})
    for name in ENTITY_NAMES[: rng.randint(2, len(ENTITY_NAMES))]:
        add_entity(world, name)
    for entity in list(world.entities.values()):
        add_scalars(world, entity)
        add_partial_value(world, entity)
        for _ in range(rng.randint(1, 2)):
            add_relation(world, entity)
    for step in (add_interface, add_union, add_override, add_provides):
        if rng.random() < 0.6:
            step(world)
    for _ in range(rng.randint(0, 4)):
        add_requires(world)
    if rng.random() < 0.4:
        add_rival_requires(world)
    # Last of the types: the subgraph that knows the interface as an object must not meet its members later.
    if rng.random() < 0.6:
        add_interface_object(world)
    add_roots(world)
    if rng.random() < 0.5:
        add_mutations(world)
    subgraphs = {name: draft.text() for name, draft in world.subgraphs.items() if draft.types}
    return RandomSupergraph(seed, subgraphs, random_records(world, FederationFacts(subgraphs)))


def add_entity(world: World, name: str) -> None:
    """Draws an entity: its keys, and the subgraphs where it lives."""
    rng = world.rng
    homes = rng.sample(list(world.subgraphs), rng.randint(2, len(world.subgraphs)))
    entity = Entity(name, random_keys(world), homes)
    world.entities[name] = entity
    world.hold(entity, homes[0], entity.keys)
    for home in homes[1:]:
        world.hold(entity, home, rng.sample(entity.keys, rng.randint(1, len(entity.keys))))


def random_keys(world: World) -> list[KeySpec]:
    """Draws one to three keys; the first always holds `id`."""
    rng = world.rng
    first = KeySpec("id", (("id", "ID!"),))
    if rng.random() < 0.2:
        first = KeySpec("id region", (("id", "ID!"), ("region", "String!")))
    others = [
        KeySpec("sku", (("sku", "String!"),)),
        KeySpec("sku lot { code }", (("sku", "String!"), ("lot", "Lot!")), ("Lot",)),
        KeySpec("lot { code part { rank } }", (("lot", "Lot!"),), ("Lot",)),
    ]
    target = rng.choice(list(world.entities.values())) if world.entities else None
    if target is not None:
        others.append(KeySpec("parent { id }", (("parent", f"{target.name}!"),), (target.name,)))
    return [first, *rng.sample(others, rng.choice((0, 0, 1, 1, 2)))]
