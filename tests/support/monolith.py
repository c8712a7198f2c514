"""The oracle: one graphql-core schema of the whole API over the same store, and how answers compare."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo, build_schema, execute_sync, parse, validate

from tests.support.data_store import DataStore, Record


@dataclass(frozen=True, slots=True)
class OracleAnswer:
    """What the monolith answered."""

    data: dict[str, Any] | None
    errors: tuple[Mapping[str, Any], ...]


class Monolith:
    """Executes operations on the API schema, every field straight from the store."""

    def __init__(self, api_sdl: str, store: DataStore) -> None:
        self.schema = build_schema(api_sdl)
        self.store = store

    def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
    ) -> OracleAnswer:
        """Runs one operation; an invalid one is the test's own fault and raises."""
        document = parse(query)
        invalid = validate(self.schema, document)
        assert not invalid, f"the operation is not valid: {invalid[0].message}\n{query}"
        result = execute_sync(
            self.schema,
            document,
            variable_values=dict(variables or {}),
            operation_name=operation_name,
            field_resolver=self.resolve,
            type_resolver=lambda source, *_: source.type_name,
        )
        body = json.loads(json.dumps(result.formatted))
        return OracleAnswer(body.get("data"), tuple(body.get("errors") or ()))

    def resolve(self, source: Record | None, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        """Answers one field."""
        if source is None:
            if info.parent_type is self.schema.mutation_type:
                self.store.journal.append(f"{info.field_name}({json.dumps(arguments, sort_keys=True)})")
            source = self.store.root(info.parent_type.name)
        return self.store.read(source, info.field_name, arguments)


def null_positions(data: Any, errors: Sequence[Mapping[str, Any]]) -> set[tuple[str | int, ...]]:
    """Returns where errors left a null in the data; the whole path of an error that left none."""
    found = set()
    for error in errors:
        path, value = tuple(error.get("path") or ()), data
        for depth, step in enumerate(path):
            if value is None:
                path = path[:depth]
                break
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                break
        found.add(path)
    return found


def ordered(value: Any) -> str:
    """Returns the data as text in which the order of keys counts."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def differences(expected: OracleAnswer, data: Any, errors: Sequence[Mapping[str, Any]]) -> list[str]:
    """Says in what a response differs from the oracle's; empty means equal."""
    found = []
    if ordered(expected.data) != ordered(data):
        found.append(f"expected data\n{ordered(expected.data)}\nreceived data\n{ordered(data)}")
    wanted, got = null_positions(expected.data, expected.errors), null_positions(data, errors)
    if wanted != got:
        found.append(f"expected errors at {sorted(map(str, wanted))}\nreceived {sorted(map(str, got))}")
    if found and errors:
        found.append(f"received errors\n{ordered(list(errors))}")
    return found
