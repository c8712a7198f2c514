"""Random operations over a schema: aliases, arguments, fragments, conditions, variables."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_union_type,
)

DEPTH_MAX = 5
FIELDS_MAX = 40


@dataclass
class DrawnOperation:
    """The text and the variables."""

    text: str
    variables: dict[str, Any] = field(default_factory=dict)


class OperationDrawer:
    """Draws one operation."""

    def __init__(self, rng: random.Random, schema: GraphQLSchema) -> None:
        self._rng = rng
        self._schema = schema
        self._fragments: list[str] = []
        self._declared: dict[str, str] = {}
        self._variables: dict[str, Any] = {}
        self._fields = 0
        self._aliases = 0

    def draw(self) -> DrawnOperation:
        """Returns an operation, mostly a valid one."""
        kind = "mutation" if self._rng.random() < 0.2 else "query"
        root = self._schema.mutation_type if kind == "mutation" else self._schema.query_type
        body = self._selection(root, 1)
        declared = ", ".join(f"${name}: {type_}" for name, type_ in self._declared.items())
        head = f"{kind} Drawn({declared})" if declared else kind
        return DrawnOperation("\n".join([f"{head} {body}", *self._fragments]), self._variables)

    def _selection(self, type_: Any, depth: int) -> str:
        rng = self._rng
        parts = []
        fields = {} if is_union_type(type_) else type_.fields
        for name, definition in fields.items():
            if rng.random() < 0.55 and self._fields < FIELDS_MAX:
                parts.append(self._field(name, definition, depth))
        if rng.random() < 0.2:
            parts.append("__typename" if rng.random() < 0.6 else "kind: __typename")
        parts += [self._fragment(type_, depth) for _ in range(rng.choices((0, 1, 2), (60, 30, 10))[0])]
        if is_abstract_type(type_):
            parts.append(self._fragment(type_, depth))
        parts = [part for part in parts if part]
        return "{ " + " ".join(parts or ["__typename"]) + " }"

    def _field(self, name: str, definition: GraphQLField, depth: int) -> str:
        named = get_named_type(definition.type)
        below = ""
        if is_composite_type(named):
            if depth >= DEPTH_MAX:
                return ""
            below = " " + self._selection(named, depth + 1)
        self._fields += 1
        given = self._arguments(definition)
        # Fields of one key must be the same field: each call with arguments has a key of its own.
        alias = ""
        if given or self._rng.random() < 0.15:
            self._aliases += 1
            alias = f"k{self._aliases}: "
        return f"{alias}{name}{given}{self._condition()}{below}"

    def _fragment(self, type_: Any, depth: int) -> str:
        rng = self._rng
        target = type_
        if is_abstract_type(type_) and rng.random() < 0.8:
            target = rng.choice(list(self._schema.get_possible_types(type_)))
        elif isinstance(type_, GraphQLObjectType) and type_.interfaces and rng.random() < 0.4:
            target = rng.choice(list(type_.interfaces))
        body = self._selection(target, depth)
        if rng.random() < 0.5:
            condition = f" on {target.name}" if target is not type_ or rng.random() < 0.6 else ""
            return f"...{condition}{self._condition()} {body}"
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {target.name} {body}")
        spread = f"...{name}{self._condition()}"
        return f"{spread} ...{name}" if rng.random() < 0.15 else spread

    def _condition(self) -> str:
        rng = self._rng
        if rng.random() > 0.12:
            return ""
        name = rng.choice(("skip", "include"))
        if rng.random() < 0.3:
            return f" @{name}(if: {rng.choice(('true', 'false'))})"
        variable = f"c{rng.randint(0, 3)}"
        self._declare(variable, "Boolean!", rng.random() < 0.5)
        return f" @{name}(if: ${variable})"

    def _declare(self, name: str, type_: str, value: Any) -> None:
        if name not in self._declared:
            self._declared[name] = type_
            self._variables[name] = value

    def _arguments(self, definition: GraphQLField) -> str:
        rng = self._rng
        given = []
        for name, argument in definition.args.items():
            required = str(argument.type).endswith("!")
            if required or rng.random() < 0.6:
                given.append(f"{name}: {self._argument(name, str(argument.type))}")
        return f"({', '.join(given)})" if given else ""

    def _argument(self, name: str, type_: str) -> str:
        rng = self._rng
        literals = {
            "x": lambda: str(rng.randint(0, 5)),
            "y": lambda: '"text"',
            "z": lambda: rng.choice(("{a: 1}", '{a: 2, b: ["q", null], c: GREEN}', "null")),
            "from": lambda: rng.choice(("[RED]", "BLUE", "null")),
        }
        values: dict[str, Any] = {
            "x": rng.choice((1, 2, None)),
            "y": "given",
            "z": rng.choice(({"a": 5}, {"a": 6, "b": ["r"]})),
            "from": rng.choice((["RED", None], "GREEN")),
        }
        if rng.random() < 0.5:
            return literals[name]()
        variable = f"{name}{rng.randint(0, 2)}"
        self._declare(variable, type_, values[name])
        if rng.random() < 0.1 and not type_.endswith("!"):
            self._variables.pop(variable, None)
        elif rng.random() < 0.02:
            self._variables[variable] = object
        return f"${variable}"
