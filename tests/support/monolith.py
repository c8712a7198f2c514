"""The oracle: one graphql-core schema of the whole API over the same store, and how answers compare."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLResolveInfo, build_schema, execute_sync

from router.executor.merge.errors import POSITIONS_PER_ERROR_MAX
from tests.support.checked_document import checked_document
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
        document, invalid = checked_document(self.schema, query)
        assert document is not None and not invalid, (
            f"the operation is not valid: {invalid[0].message}\n{query}"
        )
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


Position = tuple[str | int, ...]


def null_position(data: Any, path: Position) -> Position | None:
    """Returns where the first null stands on a path (the path itself where none does); None off the data."""
    for depth, step in enumerate(path):
        if data is None:
            return path[:depth]
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return path


def null_positions(data: Any, errors: Sequence[Mapping[str, Any]]) -> tuple[set[Position], set[Position]]:
    """Returns where errors left a null in the data, and the error paths that leave the data.

    The second come from fields a router asks for itself, to fill a representation.
    """
    paths = {tuple(error.get("path") or ()) for error in errors}
    found = {path: null_position(data, path) for path in paths}
    nulls = {position for position in found.values() if position is not None}
    return nulls, {path for path, position in found.items() if position is None}


def error_differences(expected: OracleAnswer, data: Any, errors: Sequence[Mapping[str, Any]]) -> list[str]:
    """Says where nulls by errors differ; a null may be explained by a hidden field at or below its parent."""
    wanted, _ = null_positions(expected.data, expected.errors)
    got, hidden = null_positions(data, errors)
    explained = {null for null in wanted for path in hidden if path[: len(null) - 1] == null[:-1]}
    # The router names at most so many positions of one subgraph error; the nulls are all there.
    is_capped = got < wanted and len(got) >= POSITIONS_PER_ERROR_MAX
    if is_capped or wanted - explained == got - explained:
        return []
    return [f"expected errors at {sorted(map(str, wanted))}\nreceived {sorted(map(str, got | hidden))}"]


def ordered(value: Any) -> str:
    """Returns the data as text in which the order of keys counts."""
    return json.dumps(value, ensure_ascii=False, indent=1)


def differences(expected: OracleAnswer, data: Any, errors: Sequence[Mapping[str, Any]]) -> list[str]:
    """Says in what a response differs from the oracle's; empty means equal."""
    found = []
    if ordered(expected.data) != ordered(data):
        found.append(f"expected data\n{ordered(expected.data)}\nreceived data\n{ordered(data)}")
    found += error_differences(expected, data, errors)
    if found and errors:
        found.append(f"received errors\n{ordered(list(errors))}")
    return found
