"""One graph: its subgraphs, its supergraph, and what every field of it answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLResolveInfo,
    GraphQLSchema,
    execute_sync,
    parse,
    validate,
)

from router.supergraph import load_supergraph
from tests.support.federated_sdl import read_subgraph

Row = dict[str, Any]
Resolver = Callable[[Row, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class World:
    """A graph by name. `resolvers` answer the fields that no row holds; `find` returns an entity's row."""

    name: str
    subgraph_sdls: Mapping[str, str]
    supergraph_sdl: str
    find: Callable[[Row], Row | None]
    resolvers: Mapping[tuple[str, str], Resolver] = field(default_factory=dict)

    @cached_property
    def _subgraph_schemas(self) -> dict[str, GraphQLSchema]:
        return {name: read_subgraph(name, sdl).schema for name, sdl in self.subgraph_sdls.items()}

    @cached_property
    def api_schema(self) -> GraphQLSchema:
        """What clients see."""
        return load_supergraph(self.supergraph_sdl).api_schema

    def supergraph_at(self, base_url: str) -> str:
        """Returns the supergraph with every subgraph below `base_url`."""
        sdl = self.supergraph_sdl
        for subgraph in load_supergraph(self.supergraph_sdl).subgraphs.values():
            sdl = sdl.replace(f'url: "{subgraph.url}"', f'url: "{base_url}/{self.name}/{subgraph.name}"')
        return sdl

    def answer_as_subgraph(self, subgraph: str, body: bytes) -> bytes:
        """Returns the response of one subgraph to the body of a POST."""
        return self._answer(self._subgraph_schemas[subgraph], json.loads(body))

    def answer_as_monolith(self, body: bytes) -> dict[str, Any]:
        """Returns the response of a server that holds the whole graph."""
        return json.loads(self._answer(self.api_schema, json.loads(body)))

    def _answer(self, schema: GraphQLSchema, request: Mapping[str, Any]) -> bytes:
        document = parse(request["query"], no_location=True)
        errors = validate(schema, document)
        if errors:
            return _encode(ExecutionResult(None, errors))
        result = execute_sync(
            schema,
            document,
            variable_values=request.get("variables") or {},
            operation_name=request.get("operationName"),
            field_resolver=self._resolve,
            type_resolver=lambda row, *_: row["__typename"],
        )
        assert isinstance(result, ExecutionResult), "no resolver here is a coroutine"
        return _encode(result)

    def _resolve(self, row: Row | None, details: GraphQLResolveInfo, **arguments: Any) -> Any:
        name = details.field_name
        if name == "_entities":
            return [self.find(representation) for representation in arguments["representations"]]
        resolver = self.resolvers.get((details.parent_type.name, name))
        return resolver(row or {}, arguments) if resolver is not None else (row or {}).get(name)


def _encode(result: ExecutionResult) -> bytes:
    return json.dumps(result.formatted, ensure_ascii=False, separators=(",", ":")).encode()
