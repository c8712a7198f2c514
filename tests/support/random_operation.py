"""Seeded random operations that are valid on a schema."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_required_argument,
)

from tests.support.checked_document import checked_document

DEPTH_MAX = 6
FIELDS_MAX = 60
ATTEMPTS_MAX = 40


@dataclass(frozen=True, slots=True)
class RandomOperation:
    """One drawn operation."""

    query: str
    variables: dict[str, Any]


def random_operation(schema: GraphQLSchema, rng: random.Random) -> RandomOperation:
    """Draws a valid operation; draws again when two selections of one response key conflict."""
    for _ in range(ATTEMPTS_MAX):
        operation = Drawing(schema, rng).operation()
        if not checked_document(schema, operation.query)[1]:
            return operation
    raise AssertionError(f"no valid operation in {ATTEMPTS_MAX} attempts")


@dataclass(slots=True)
class Drawing:
    """One operation in the making."""

    schema: GraphQLSchema
    rng: random.Random
    variables: dict[str, Any] = field(default_factory=dict)
    definitions: list[str] = field(default_factory=list)
    fragments: dict[str, str] = field(default_factory=dict)
    fragments_of: dict[str, list[str]] = field(default_factory=dict)
    arguments_of: dict[tuple[str, str], str] = field(default_factory=dict)
    budget: int = FIELDS_MAX
    aliases: int = 0

    def chance(self, probability: float) -> bool:
        """Draws yes or no."""
        return self.rng.random() < probability

    def operation(self) -> RandomOperation:
        """Draws the whole operation."""
        root, kind = self.schema.query_type, "query"
        if self.schema.mutation_type is not None and self.chance(0.15):
            root, kind = self.schema.mutation_type, "mutation"
        assert root is not None
        self.budget = self.rng.randint(4, FIELDS_MAX)
        body = self.selections(root, self.rng.randint(2, DEPTH_MAX))
        definitions = f"({', '.join(self.definitions)})" if self.definitions else ""
        text = "\n".join([f"{kind} Drawn{definitions} {body}", *self.fragments.values()])
        return RandomOperation(text, self.variables)

    def selections(self, type_: GraphQLNamedType, depth: int) -> str:
        """Draws a selection set on a composite type."""
        drawn: list[str] = self.leaves(type_) if self.chance(0.08) else []
        for _ in range(self.rng.randint(1, 5)):
            if drawn and self.budget <= 0:
                break
            drawn.append(self.selection(type_, depth))
        if self.chance(0.1):
            drawn.append(self.rng.choice(drawn))
        return "{ " + " ".join(drawn) + " }"

    def leaves(self, type_: GraphQLNamedType) -> list[str]:
        """Selects every leaf of a type at once, so that requirements and subgraphs of all of them meet."""
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            return []
        found = []
        for name, definition in type_.fields.items():
            if is_leaf_type(get_named_type(definition.type)):
                found.append(f"{name}{self.steady_arguments(type_, name, definition)}")
        return found

    def steady_arguments(self, type_: GraphQLNamedType, name: str, definition: GraphQLField) -> str:
        """Draws the arguments of a field without alias: the same everywhere, or selections would conflict."""
        place = (type_.name, name)
        if place not in self.arguments_of:
            self.arguments_of[place] = self.arguments(definition)
        return self.arguments_of[place]

    def selection(self, type_: GraphQLNamedType, depth: int) -> str:
        """Draws a field or a fragment."""
        if isinstance(type_, GraphQLUnionType):
            return self.fragment(type_, depth) if self.chance(0.85) else self.typename()
        assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        if self.chance(0.35 if isinstance(type_, GraphQLInterfaceType) else 0.1) and depth > 0:
            return self.fragment(type_, depth)
        return self.field_of(type_, depth) if self.chance(0.93) else self.typename()

    def typename(self) -> str:
        """Draws `__typename`, sometimes under an alias."""
        return "kind: __typename" if self.chance(0.2) else "__typename"

    def field_of(self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        """Draws one field with all below it."""
        fields = [
            (name, each)
            for name, each in type_.fields.items()
            if depth > 0 or is_leaf_type(get_named_type(each.type))
        ]
        if not fields:
            return self.typename()
        self.budget -= 1
        name, definition = self.rng.choice(fields)
        alias, arguments = "", ""
        if self.chance(0.2):
            self.aliases += 1
            alias = f"x{self.aliases}: "
            arguments = self.arguments(definition)
        else:
            arguments = self.steady_arguments(type_, name, definition)
        inner = get_named_type(definition.type)
        below = f" {self.selections(inner, depth - 1)}" if is_composite_type(inner) else ""
        return f"{alias}{name}{arguments}{self.condition()}{below}"

    def fragment(self, type_: GraphQLNamedType, depth: int) -> str:
        """Draws an inline or named fragment on a type that overlaps."""
        target = self.rng.choice(self.overlapping(type_))
        known = self.fragments_of.get(target.name, [])
        if known and self.chance(0.3):
            return f"...{self.rng.choice(known)}{self.condition()}"
        body = self.selections(target, max(depth - (target is type_), 0))
        if self.chance(0.2):
            name = f"Part{len(self.fragments)}"
            self.fragments[name] = f"fragment {name} on {target.name} {body}"
            self.fragments_of.setdefault(target.name, []).append(name)
            return f"...{name}{self.condition()}"
        on = "" if target is type_ and self.chance(0.5) else f" on {target.name}"
        return f"...{on}{self.condition()} {body}"

    def overlapping(self, type_: GraphQLNamedType) -> list[GraphQLNamedType]:
        """Returns the composite types that share a concrete type with this one."""
        own = self.concrete(type_)
        return [
            each
            for each in self.schema.type_map.values()
            if is_composite_type(each) and not each.name.startswith("__") and own & self.concrete(each)
        ]

    def concrete(self, type_: GraphQLNamedType) -> set[str]:
        """Returns the names of the object types a composite type may be."""
        if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            return {each.name for each in self.schema.get_possible_types(type_)}
        return {type_.name}

    def condition(self) -> str:
        """Draws @skip or @include; mostly none."""
        if not self.chance(0.07):
            return ""
        directive = self.rng.choice(("skip", "include"))
        value = self.rng.choice(("true", "false", None, None))
        return f" @{directive}(if: {value or self.variable('Boolean!', self.chance(0.5))})"

    def variable(self, type_text: str, value: Any) -> str:
        """Declares a variable; returns how it is used."""
        name = f"v{len(self.definitions)}"
        self.definitions.append(f"${name}: {type_text}")
        if value is not Undefined:
            self.variables[name] = value
        return f"${name}"

    def arguments(self, definition: GraphQLField) -> str:
        """Draws the arguments of a field, by literals and variables."""
        given = []
        for name, argument in definition.args.items():
            if not is_required_argument(argument) and self.chance(0.4):
                continue
            given.append(f"{name}: {self.argument(argument)}")
        return f"({', '.join(given)})" if given else ""

    def argument(self, argument: GraphQLArgument) -> str:
        """Draws one argument value."""
        value = self.value(argument.type)
        if not self.chance(0.4):
            return literal(value)
        optional = not isinstance(argument.type, GraphQLNonNull)
        # An optional variable may be left out: then the argument counts as not given.
        return self.variable(str(argument.type), Undefined if optional and self.chance(0.2) else plain(value))

    def value(self, type_: Any) -> Any:
        """Draws an input value; enum values are marked as such for `literal`."""
        if isinstance(type_, GraphQLNonNull):
            return self.value(type_.of_type)
        if isinstance(type_, GraphQLList):
            return [self.value(type_.of_type) for _ in range(self.rng.randint(0, 2))]
        if isinstance(type_, GraphQLEnumType):
            return EnumName(self.rng.choice(list(type_.values)))
        if isinstance(type_, GraphQLInputObjectType):
            return {name: self.value(each.type) for name, each in type_.fields.items() if self.chance(0.6)}
        values = {
            "Int": self.rng.randint(-3, 9),
            "Float": self.rng.randint(0, 9) / 2,
            "Boolean": self.chance(0.5),
        }
        return values.get(type_.name, self.rng.choice(("a", "été", 'q"uote', "العربية")))


class EnumName(str):
    """An enum value, which a literal shows without quotes."""

    __slots__ = ()


def literal(value: Any) -> str:
    """Returns an input value as GraphQL text."""
    if isinstance(value, EnumName):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace('"', '\\"') + '"'
    return str(value).lower() if isinstance(value, bool) else str(value)


def plain(value: Any) -> Any:
    """Returns an input value as JSON."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return str(value) if isinstance(value, EnumName) else value
