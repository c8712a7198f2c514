"""The fields of a random supergraph: dealt out to subgraphs, shared, required, provided, overridden."""

from __future__ import annotations

from dataclasses import replace

from tests.support.random_supergraph_draft import Entity, OwnedField
from tests.support.random_supergraph_world import VALUE_TYPES, World


def add_scalars(world: World, entity: Entity) -> None:
    """Gives each home of an entity fields of its own; some are shared with another home."""
    for home in entity.homes:
        for _ in range(world.rng.randint(1, 3)):
            owners = [home]
            if world.chance(0.2):
                owners.append(world.rng.choice([each for each in entity.homes if each != home]))
            named = world.rng.choice(("", "", "", "Frame", "Label"))
            type_ = world.object_type(named) if named else world.scalar_type()
            give(world, entity, OwnedField(world.fresh("f"), type_, owners, world.arguments(home)))


def give(world: World, entity: Entity, owned: OwnedField) -> None:
    """Writes a field into the subgraphs that own it."""
    entity.fields.append(owned)
    for owner in owned.owners:
        world.ensure(owned.named_type, owner)
        world.ensure_arguments(owned.arguments, owner)
        world.open(entity.name, owner)
        draft = (
            world.subgraphs[owner].type(entity.name).add(owned.name, owned.type, arguments=owned.arguments)
        )
        if len(owned.owners) > 1:
            draft.mark("@shareable")


def add_partial_value(world: World, entity: Entity) -> None:
    """Adds a shared value whose fields are spread: each subgraph that answers it knows only a part."""
    if not world.chance(0.3):
        return
    owners = world.rng.sample(entity.homes, 2)
    name = f"{entity.name}Part"
    owned = OwnedField(world.fresh("v"), name, owners)
    entity.fields.append(owned)
    for index, owner in enumerate(owners):
        draft = world.subgraphs[owner].type(name)
        draft.directives = ["@shareable"]
        draft.add("both", "String")
        draft.add(f"only{index}", world.rng.choice(("Int", "String", "[Int]")))
        world.subgraphs[owner].type(entity.name).add(owned.name, name, "@shareable")


def add_relation(world: World, entity: Entity) -> None:
    """Adds a field that answers entities, perhaps of the same type."""
    home = world.rng.choice(entity.homes)
    target = world.rng.choice(list(world.entities))
    world.ensure(target, home)
    type_ = world.object_type(target)
    give(world, entity, OwnedField(world.fresh("r"), type_, [home], world.arguments(home, 0.15)))


def add_override(world: World) -> None:
    """Lets another home take a field over."""
    for entity in world.entities.values():
        for owned in entity.fields:
            drafts = [world.subgraphs[owner].type(entity.name).fields[owned.name] for owner in owned.owners]
            if len(owned.owners) > 1 or drafts[0].directives or owned.named_type in world.entities:
                continue
            takers = [home for home in entity.homes if home not in owned.owners]
            if not takers or world.chance(0.5):
                continue
            taker, old = world.rng.choice(takers), owned.owners[0]
            entity.fields.remove(owned)
            give(world, entity, replace(owned, owners=[taker], former_owner=old))
            draft = world.subgraphs[taker].type(entity.name).fields[owned.name]
            draft.mark(f'@override(from: "{old}")')
            return


def is_plain(world: World, entity: Entity, owned: OwnedField) -> bool:
    """Whether a field may be shared or declared external elsewhere without breaking a rule."""
    drafts = [world.subgraphs[owner].type(entity.name).fields[owned.name] for owner in owned.owners]
    return not any(draft.has("@override") or draft.has("@requires") for draft in drafts)


def add_provides(world: World) -> None:
    """Lets a relation or root field provide a field that another subgraph owns."""
    relations = [
        (owned.owners[0], entity.name, owned.name, owned.named_type)
        for entity in world.entities.values()
        for owned in entity.fields
        if owned.named_type in world.entities and len(owned.owners) == 1
    ]
    world.rng.shuffle(relations)
    for subgraph, type_name, field_name, target_name in relations:
        target = world.entities[target_name]
        foreign = [
            each
            for each in target.foreign_fields(subgraph)
            if not each.arguments
            and each.named_type not in world.entities
            and not each.named_type.endswith("Part")
            and is_plain(world, target, each)
        ]
        if not foreign:
            continue
        chosen = world.rng.choice(foreign)
        for owner in chosen.owners:
            world.subgraphs[owner].type(target_name).fields[chosen.name].mark("@shareable")
        text = declare_external(world, target, chosen, subgraph)
        world.subgraphs[subgraph].type(type_name).fields[field_name].mark(f'@provides(fields: "{text}")')
        return


def declare_external(world: World, entity: Entity, owned: OwnedField, subgraph: str) -> str:
    """Declares a foreign field as external in a subgraph; returns how a field set selects it."""
    world.ensure(owned.named_type, subgraph)
    world.ensure_arguments(owned.arguments, subgraph)
    draft = world.subgraphs[subgraph].type(entity.name)
    draft.add(owned.name, owned.type, "@external", arguments=owned.arguments)
    if owned.named_type not in VALUE_TYPES:
        return owned.name
    leaves = [
        f"{name} {{ rank }}" if type_.startswith("Part") else name
        for name, type_ in VALUE_TYPES[owned.named_type].items()
    ]
    chosen = world.rng.sample(leaves, world.rng.randint(1, len(leaves)))
    for leaf in chosen:
        world.required.add((owned.named_type, leaf.split(" ")[0]))
    return f"{owned.name} {{ {' '.join(chosen)} }}"


def add_requires(world: World) -> None:
    """Adds a field that needs one or two fields of other subgraphs, perhaps ones that require in turn."""
    entity = world.rng.choice(list(world.entities.values()))
    home = world.rng.choice(entity.homes)
    foreign = [
        each
        for each in entity.foreign_fields(home)
        if not each.named_type.endswith("Part") and "lang" not in each.arguments
    ]
    if not foreign:
        return
    texts = []
    for owned in world.rng.sample(foreign, min(len(foreign), world.rng.randint(1, 2))):
        text = required_text(world, entity, owned, home)
        if text:
            texts.append(text)
    if not texts:
        return
    name = world.fresh("q")
    field_type = world.scalar_type()
    if world.chance(0.2):
        target = world.rng.choice(list(world.entities))
        world.ensure(target, home)
        field_type = world.object_type(target)
    owned = OwnedField(name, field_type, [home], world.arguments(home, 0.15), requires=True)
    give(world, entity, owned)
    draft = world.subgraphs[home].type(entity.name).fields[name]
    draft.mark(f'@requires(fields: "{" ".join(texts)}")')


def add_rival_requires(world: World) -> None:
    """Adds two fields beside each other that require one field with different arguments."""
    entity = world.rng.choice(list(world.entities.values()))
    home, owner = world.rng.sample(entity.homes, 2)
    name, arguments = world.fresh("f"), "(first: Int = 2)"
    give(world, entity, OwnedField(name, "Int", [owner], arguments))
    world.required.add((entity.name, name))
    draft = world.subgraphs[home].type(entity.name)
    draft.add(name, "Int", "@external", arguments=arguments)
    for first in world.rng.sample(range(10), 2):
        draft.add(world.fresh("q"), "String", f'@requires(fields: "{name}(first: {first})")')


def required_text(world: World, entity: Entity, owned: OwnedField, home: str) -> str:
    """Declares what a requirement reads; returns its field set, empty where it cannot be."""
    world.required.add((entity.name, owned.name))
    target = world.entities.get(owned.named_type)
    if target is None:
        return with_arguments(world, owned, declare_external(world, entity, owned, home))
    world.read_through.add(target.name)
    world.ensure(target.name, home)
    world.ensure_arguments(owned.arguments, home)
    world.subgraphs[home].type(entity.name).add(
        owned.name, owned.type, "@external", arguments=owned.arguments
    )
    leaves = [
        each
        for each in target.foreign_fields(home)
        if each.named_type not in world.entities
        and not each.arguments
        and not each.requires
        and not each.named_type.endswith("Part")
    ]
    inner = "id"
    if leaves and world.chance(0.7):
        leaf = world.rng.choice(leaves)
        world.required.add((target.name, leaf.name))
        inner = declare_external(world, target, leaf, home)
    return with_arguments(world, owned, f"{owned.name} {{ {inner} }}")


def with_arguments(world: World, owned: OwnedField, text: str) -> str:
    """Gives the required field arguments of its own, where it takes any."""
    if "first" not in owned.arguments or world.chance(0.3):
        return text
    return text.replace(owned.name, f"{owned.name}(first: {world.rng.randint(1, 9)})", 1)


def add_roots(world: World) -> None:
    """Adds query fields that answer entities and values; some are shared by two subgraphs."""
    for name, subgraph in world.subgraphs.items():
        known = [each for each in subgraph.types if each in world.entities]
        for target in world.rng.sample(known, min(len(known), world.rng.randint(1, 2))):
            field_name, type_ = world.fresh("find"), world.object_type(target)
            arguments = world.arguments(name)
            subgraph.type("Query").add(field_name, type_, arguments=arguments)
            others = [
                other for other in world.subgraphs if other != name and target in world.subgraphs[other].types
            ]
            if others and world.chance(0.15):
                other = world.rng.choice(others)
                world.ensure_arguments(arguments, other)
                for each in (name, other):
                    query = world.subgraphs[each].type("Query")
                    query.add(field_name, type_, "@shareable", arguments=arguments)


def add_mutations(world: World) -> None:
    """Adds mutation fields to two subgraphs."""
    for name in world.rng.sample(list(world.subgraphs), 2):
        mutation = world.subgraphs[name].type("Mutation")
        known = [each for each in world.subgraphs[name].types if each in world.entities]
        for _ in range(world.rng.randint(1, 2)):
            target = world.rng.choice([*known, "Int"])
            mutation.add(world.fresh("change"), target, arguments="(by: Int = 1)")
