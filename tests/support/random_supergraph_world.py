"""The supergraph in the making, and how types are put into a subgraph."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.support.random_supergraph_draft import Entity, KeySpec, SubgraphDraft

SHADES = ("AZURE", "OCHRE", "SABLE")
VALUE_TYPES = {
    "Lot": {"code": "String!", "part": "Part!"},
    "Part": {"rank": "String!"},
    "Frame": {"width": "Int", "height": "Int!", "shade": "Shade", "part": "Part"},
    "Label": {"text": "String!", "tags": "[String]"},
}
INPUT = {"shade": "Shade", "least": "Int = 2", "tags": "[String!]"}
ARGUMENTS = (
    "(first: Int = 2)",
    "(shade: Shade = OCHRE)",
    "(filter: Filter)",
    "(lang: String!)",
    '(ids: [ID!] = ["a", "b"], strict: Boolean)',
)
SCALARS = ("String", "Int", "Float", "Boolean", "ID", "Shade")


@dataclass(slots=True)
class World:
    """All that is drawn so far."""

    rng: random.Random
    subgraphs: dict[str, SubgraphDraft]
    entities: dict[str, Entity] = field(default_factory=dict)
    count: int = 0
    # Fields a key reads are never null; fields a requirement reads are never in error.
    in_keys: set[tuple[str, str]] = field(default_factory=set)
    required: set[tuple[str, str]] = field(default_factory=set)
    # Entities a requirement reads fields of: one that must not be null may not fail, since its failure
    # would take the required field beside it along, in every router and in no monolith.
    read_through: set[str] = field(default_factory=set)

    def fresh(self, word: str) -> str:
        """Returns a field name not used before."""
        self.count += 1
        return f"{word}{self.count}"

    def chance(self, probability: float) -> bool:
        """Draws yes or no."""
        return self.rng.random() < probability

    def hold(self, entity: Entity, subgraph: str, keys: list[KeySpec], *, resolvable: bool = True) -> None:
        """Puts an entity with some of its keys into a subgraph."""
        draft = self.subgraphs[subgraph].type(entity.name)
        for key in keys:
            option = "" if resolvable else ", resolvable: false"
            directive = f'@key(fields: "{key.text}"{option})'
            if directive not in draft.directives:
                draft.directives.append(directive)
            for name, type_ in key.fields:
                draft.add(name, type_)
                self.in_keys.add((entity.name, name))
            for needed in key.value_types:
                self.ensure(needed, subgraph)

    def open(self, type_name: str, subgraph: str) -> None:
        """Makes the keys of an entity resolvable: a subgraph that owns a field must be reachable."""
        draft = self.subgraphs[subgraph].type(type_name)
        opened = [each.replace(", resolvable: false", "") for each in draft.directives]
        draft.directives = list(dict.fromkeys(opened))

    def ensure(self, type_name: str, subgraph: str) -> None:
        """Puts a type into a subgraph, if it is not there."""
        types = self.subgraphs[subgraph].types
        if type_name == "Shade":
            self.subgraphs[subgraph].type("Shade", "enum").members = list(SHADES)
        elif type_name == "Filter":
            draft = self.subgraphs[subgraph].type("Filter", "input")
            for name, type_ in INPUT.items():
                draft.add(name, type_)
            self.ensure("Shade", subgraph)
        elif type_name in VALUE_TYPES and type_name not in types:
            draft = self.subgraphs[subgraph].type(type_name)
            draft.directives.append("@shareable")
            for name, type_ in VALUE_TYPES[type_name].items():
                draft.add(name, type_)
                self.ensure(type_.strip("[]!"), subgraph)
        elif type_name in self.entities and not self.knows_first_key(type_name, subgraph):
            entity = self.entities[type_name]
            is_home = subgraph in entity.homes
            self.hold(entity, subgraph, entity.keys[:1], resolvable=is_home or self.chance(0.5))

    def knows_first_key(self, type_name: str, subgraph: str) -> bool:
        """Whether a subgraph has the entity with the key that holds its id."""
        draft = self.subgraphs[subgraph].types.get(type_name)
        return draft is not None and "id" in draft.fields

    def arguments(self, subgraph: str, probability: float = 0.25) -> str:
        """Draws the arguments of a field; often none."""
        if not self.chance(probability):
            return ""
        text = self.rng.choice(ARGUMENTS)
        self.ensure_arguments(text, subgraph)
        return text

    def ensure_arguments(self, text: str, subgraph: str) -> None:
        """Puts the types that arguments name into a subgraph."""
        for name in ("Shade", "Filter"):
            if name in text:
                self.ensure(name, subgraph)

    def scalar_type(self) -> str:
        """Draws a scalar or enum type with its nullability and lists."""
        named = self.rng.choice(SCALARS)
        shapes = ("{0}", "{0}", "{0}", "{0}!", "[{0}]", "[{0}!]!", "[[{0}]!]")
        return self.rng.choice(shapes).format(named)

    def object_type(self, named: str) -> str:
        """Draws nullability and lists around a composite type."""
        shapes = ("{0}", "{0}", "{0}!", "[{0}]", "[{0}!]", "[{0}!]!", "[[{0}]]")
        return self.rng.choice(shapes).format(named)
