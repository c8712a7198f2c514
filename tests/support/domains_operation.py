"""Seeded random queries over the domains' API schema, whose arguments mean something there."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    Undefined,
    is_required_argument,
    is_required_input_field,
)

from tests.support.checked_document import checked_document
from tests.support.random_operation import ATTEMPTS_MAX, Drawing, EnumName, RandomOperation, literal, plain

FIELDS_MAX = 26
PAGING = ("first", "after", "last", "before")
TEXTS = ("tapis", "زربية", "Rug", "RUG-", "GHR-M", "nothing like it")
MOMENTS = ("2020-01-01T00:00:00+00:00", "2099-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Known:
    """What a client may have seen: ids by kind, cursors by root field."""

    ids: Mapping[str, Sequence[str]]
    cursors: Mapping[str, Sequence[str]] = field(default_factory=dict)


def domains_operation(schema: GraphQLSchema, known: Known, rng: random.Random) -> RandomOperation:
    """Draws a valid query; draws again when two selections of one response key conflict."""
    for _ in range(ATTEMPTS_MAX):
        operation = DomainsDrawing(schema, rng, known=known).operation()
        if not checked_document(schema, operation.query)[1]:
            return operation
    raise AssertionError(f"no valid operation in {ATTEMPTS_MAX} attempts")


@dataclass(slots=True)
class DomainsDrawing(Drawing):
    """One query in the making. The schema must be without mutations."""

    known: Known = field(default_factory=lambda: Known({}))

    def operation(self) -> RandomOperation:
        """Draws the whole query."""
        root = self.schema.query_type
        assert root is not None
        self.budget = self.rng.randint(4, FIELDS_MAX)
        body = self.selections(root, self.rng.randint(3, 6))
        definitions = f"({', '.join(self.definitions)})" if self.definitions else ""
        text = "\n".join([f"query Drawn{definitions} {body}", *self.fragments.values()])
        return RandomOperation(text, self.variables)

    def arguments(self, definition: GraphQLField) -> str:
        """Draws arguments: of a list one page, seldom an impossible one; of anything else what is there."""
        name = self.name_of(definition)
        values = self.page(name) if "after" in definition.args else {}
        for argument, described in definition.args.items():
            if argument in PAGING:
                continue
            if is_required_argument(described) or self.chance(0.3):
                values[argument] = self.known_value(name, argument, described.type)
        given = []
        for argument, value in values.items():
            type_ = definition.args[argument].type
            is_optional = not isinstance(type_, GraphQLNonNull)
            text = literal(value)
            if self.chance(0.4):
                left_out = is_optional and self.chance(0.1)
                text = self.variable(str(type_), Undefined if left_out else plain(value))
            given.append(f"{argument}: {text}")
        return f"({', '.join(given)})" if given else ""

    def name_of(self, definition: GraphQLField) -> str:
        """Returns the name of a root field, `orders` for a user's orders, else nothing."""
        assert self.schema.query_type is not None
        found = [name for name, each in self.schema.query_type.fields.items() if each is definition]
        return found[0] if found else "orders" if "after" in definition.args else ""

    def page(self, name: str) -> dict[str, Any]:
        """Draws the page of a list; small ones, for the oracle asks every field by itself."""
        count = self.rng.randint(1, 3)
        cursors = self.known.cursors.get(name)
        if self.chance(0.06):
            return self.rng.choice(
                ({"first": 101}, {"first": 1, "last": 1}, {"first": 2, "after": "no cursor"})
            )
        if cursors and self.chance(0.3):
            return self.rng.choice(
                (
                    {"first": count, "after": self.rng.choice(cursors)},
                    {"last": count, "before": self.rng.choice(cursors)},
                )
            )
        return {"last": count} if self.chance(0.2) else {"first": count}

    def known_value(self, name: str, argument: str, type_: Any) -> Any:
        """Draws the value of a root field's argument, mostly one that finds something."""
        if argument == "id":
            return self.some_id(name)
        if argument == "ids":
            return [self.some_id("variant") for _ in range(self.rng.randint(0, 3))]
        if argument == "organizationId":
            return self.some_id("organization")
        if argument == "slug":
            return "tapis-de-ghardaia"
        return self.value(type_)

    def some_id(self, kind: str) -> str:
        """Draws an id of a kind, seldom one of another kind or no id at all."""
        if self.chance(0.08):
            return "no id"
        others = [each for ids in self.known.ids.values() for each in ids]
        pool = self.known.ids.get(kind, ()) if self.chance(0.85) else others
        return self.rng.choice(pool or others)

    def value(self, type_: Any) -> Any:
        """Draws an input value; a filter has one condition or two, for more of them find nothing."""
        if isinstance(type_, GraphQLNonNull):
            return self.value(type_.of_type)
        if isinstance(type_, GraphQLList):
            return [self.value(type_.of_type) for _ in range(self.rng.randint(1, 2))]
        if isinstance(type_, GraphQLEnumType):
            return EnumName(self.rng.choice(list(type_.values)))
        if isinstance(type_, GraphQLInputObjectType):
            return self.input_object(type_)
        values = {
            "Int": self.rng.randint(0, 9),
            "Boolean": self.chance(0.5),
            "BigInt": str(self.rng.choice((0, 90_000, 250_000, 1_200_000))),
            "DateTime": self.rng.choice(MOMENTS),
            "ID": self.some_id(""),
        }
        return values.get(type_.name, self.rng.choice(TEXTS))

    def input_object(self, type_: GraphQLInputObjectType) -> dict[str, Any]:
        """Draws an order, or a filter's few conditions."""
        if {"field", "direction"} == set(type_.fields):
            return {name: self.value(each.type) for name, each in type_.fields.items()}
        # Conditions nest without end, so that combining ones are drawn seldom.
        plain_names = [name for name in type_.fields if name.lower() == name or name[0].islower()]
        combining = [name for name in type_.fields if name not in plain_names]
        chosen = self.rng.sample(plain_names, min(len(plain_names), self.rng.choice((1, 1, 2))))
        if combining and self.chance(0.15):
            chosen = [self.rng.choice(combining)]
        required = [name for name, each in type_.fields.items() if is_required_input_field(each)]
        return {name: self.value(type_.fields[name].type) for name in dict.fromkeys([*required, *chosen])}
