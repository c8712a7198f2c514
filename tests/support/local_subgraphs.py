"""Executable in-process subgraphs made of an SDL each and one data store.

Each subgraph really parses, validates and executes what it is sent, answers only the fields its own SDL
defines, and complains in the log about requests no correct router sends: an invalid operation, a
representation without a full key, an external field off its provided path, a field taken over by another
subgraph, a field asked without the values it requires.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    execute_sync,
    get_named_type,
)
from graphql.language import ast

from router.executor.transport.client import AwaitedOnly, SubgraphClient, SubgraphRequest, SubgraphResponse
from tests.support.checked_document import checked_document
from tests.support.data_store import (
    TYPENAME,
    DataStore,
    MissingRequirementError,
    Record,
    project_representation,
    selected_fields,
)
from tests.support.federated_sdl import EntityKey, SubgraphDocument
from tests.support.federation_facts import FederationFacts
from tests.support.fetch_log import Fetch, FetchLog


@dataclass(frozen=True, slots=True)
class Instance:
    """A record as one subgraph sees it: the name it has there and the external fields it may answer."""

    record: Record
    type_name: str
    usable: tuple[ast.SelectionSetNode, ...] = ()
    representation: Mapping[str, Any] | None = None


class LocalSubgraph(AwaitedOnly):
    """One subgraph over the store; a `SubgraphClient`."""

    takes_body = False

    def __init__(self, document: SubgraphDocument, store: DataStore, log: FetchLog) -> None:
        self.document = document
        self.store = store
        self.log = log

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Runs one operation."""
        await asyncio.sleep(0)
        body = self.run(request.query, request.variables, request.operation_name)
        return SubgraphResponse(body.get("data"), tuple(body.get("errors") or ()))

    async def close(self) -> None:
        """Holds nothing."""

    def run(
        self, query: str, variables: Mapping[str, Any] | None = None, operation_name: str | None = None
    ) -> dict[str, Any]:
        """Returns the response body, as JSON would carry it."""
        # By way of JSON, so that nothing is shared with the router and nothing but JSON is accepted.
        given: dict[str, Any] = json.loads(json.dumps(variables or {}))
        self.log.fetches.append(Fetch(self.document.name, query, given))
        document, errors = checked_document(self.document.schema, query)
        if document is None or errors:
            self.complain(f"invalid operation: {errors[0].message}\n{query}")
            return {"errors": [error.formatted for error in errors]}
        result = execute_sync(
            self.document.schema,
            document,
            variable_values=given,
            operation_name=operation_name,
            field_resolver=self.resolve,
            type_resolver=lambda source, *_: source.type_name,
        )
        for error in result.errors or ():
            if error.path is None:
                self.complain(f"refused: {error.message}\n{query}\n{json.dumps(given)}")
        return json.loads(json.dumps(result.formatted))

    def complain(self, message: str) -> GraphQLError:
        """Writes a complaint down and returns it as the error to raise."""
        self.log.complaints.append(f"{self.document.name}: {message}")
        return GraphQLError(message)

    def resolve(self, source: Instance | None, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        """Answers one field."""
        name = info.field_name
        if name == "_service":
            return {"sdl": self.document.sdl}
        if name == "sdl" and isinstance(source, dict):
            return source["sdl"]
        if name == "_entities":
            return [self.entity(each) for each in arguments["representations"]]
        root = self.document.roots.get(info.parent_type.name)
        if source is None or root is not None:
            return self.resolve_root(root or "Query", info, arguments)
        required = self.required_values(source, info.parent_type.name, name)
        self.refuse_unowned(source, info)
        value = self.store.read(source.record, name, arguments, required)
        return self.seen(value, source, info)

    def resolve_root(self, root: str, info: GraphQLResolveInfo, arguments: dict[str, Any]) -> Any:
        """Answers a root field; mutations go into the journal."""
        if root == "Mutation":
            self.store.journal.append(f"{info.field_name}({json.dumps(arguments, sort_keys=True)})")
        record = self.store.root(root)
        self.refuse_unowned(Instance(record, info.parent_type.name), info)
        value = self.store.read(record, info.field_name, arguments)
        return self.seen(value, Instance(record, info.parent_type.name), info)

    def required_values(self, source: Instance, type_name: str, field_name: str) -> Any:
        """Returns the values the field requires, out of the representation it was asked with."""
        requires = self.document.rules_of(type_name, field_name).requires
        if requires is None:
            return None
        if source.representation is None:
            raise self.complain(f"{type_name}.{field_name} asked without a representation")
        try:
            return project_representation(self.store, requires, source.representation)
        except MissingRequirementError as missing:
            raise self.complain(f"{type_name}.{field_name} asked without its required {missing}") from missing

    def refuse_unowned(self, source: Instance, info: GraphQLResolveInfo) -> None:
        """Complains of a field this subgraph does not answer here."""
        type_name, name = info.parent_type.name, info.field_name
        names = self.store.type_names(source.record) | {type_name}
        if any(node.name.value == name for each in source.usable for node in selected_fields(each, names)):
            return
        if self.document.rules_of(type_name, name).external:
            raise self.complain(f"external {type_name}.{name} asked where it is not provided")
        if self.store.facts.is_overridden(self.document.name, source.record.type_name, name):
            raise self.complain(f"{type_name}.{name} is overridden by another subgraph")

    def seen(self, value: Any, parent: Instance, info: GraphQLResolveInfo) -> Any:
        """Returns records as instances of this subgraph, with what is provided below this field."""
        if isinstance(value, list):
            return [self.seen(each, parent, info) for each in value]
        if not isinstance(value, Record):
            return value
        names = self.store.type_names(parent.record) | {parent.type_name}
        below = [
            node.selection_set
            for each in parent.usable
            for node in selected_fields(each, names)
            if node.name.value == info.field_name and node.selection_set is not None
        ]
        provides = self.document.rules_of(info.parent_type.name, info.field_name).provides
        below += [provides] if provides is not None else []
        return self.instance(value, tuple(below), get_named_type(info.return_type).name)

    def instance(
        self,
        record: Record,
        usable: tuple[ast.SelectionSetNode, ...],
        type_name: str,
        representation: Mapping[str, Any] | None = None,
    ) -> Instance:
        """Returns the record as this subgraph names it; the key fields are always usable."""
        known = self.document.schema.get_type(record.type_name)
        name = record.type_name if isinstance(known, GraphQLObjectType) else type_name
        names = {name, *self.store.type_names(record)}
        keys = tuple(key.fields for each in sorted(names) for key in self.document.keys.get(each, ()))
        return Instance(record, name, usable + keys, representation)

    def entity(self, representation: Mapping[str, Any]) -> Instance | GraphQLError | None:
        """Returns what a representation stands for."""
        type_name = representation.get(TYPENAME)
        keys = [key for key in self.document.keys.get(type_name or "", ()) if key.resolvable]
        given = [key for key in keys if self.has(key, representation)]
        if not given:
            return self.complain(f"no resolvable key in the representation {json.dumps(representation)}")
        for record in self.candidates(str(type_name)):
            if all(self.matches(key, record, representation) for key in given):
                return self.instance(record, (), str(type_name), representation)
        return None

    def candidates(self, type_name: str) -> list[Record]:
        """Returns the records a representation of this type may mean."""
        return self.store.of_types(self.store.facts.possible_types(type_name, ()))

    def has(self, key: EntityKey, representation: Mapping[str, Any]) -> bool:
        """Whether a representation holds the whole key, without nulls."""
        try:
            return not holds_null(project_representation(self.store, key.fields, representation))
        except MissingRequirementError:
            return False

    def matches(self, key: EntityKey, record: Record, representation: Mapping[str, Any]) -> bool:
        """Whether the record has the key values of the representation."""
        given = project_representation(self.store, key.fields, representation)
        return self.store.project(key.fields, record) == given


def holds_null(value: Any) -> bool:
    """Whether there is a null anywhere in JSON."""
    if isinstance(value, dict):
        return any(map(holds_null, value.values()))
    return any(map(holds_null, value)) if isinstance(value, list) else value is None


@dataclass(frozen=True, slots=True)
class LocalFederation:
    """All subgraphs of one test, their store and their log."""

    facts: FederationFacts
    store: DataStore
    log: FetchLog
    clients: Mapping[str, LocalSubgraph]

    def subgraph_clients(self) -> dict[str, SubgraphClient]:
        """Returns the subgraphs as the router takes them."""
        return dict(self.clients)


def local_federation(
    subgraphs: Mapping[str, str], records: Mapping[str, Mapping[str, Any]] | None = None
) -> LocalFederation:
    """Makes executable subgraphs of SDLs by name over the given records."""
    facts = FederationFacts(subgraphs)
    store, log = DataStore(facts, records), FetchLog()
    clients = {name: LocalSubgraph(document, store, log) for name, document in facts.documents.items()}
    return LocalFederation(facts, store, log, clients)
