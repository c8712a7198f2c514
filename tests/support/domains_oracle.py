"""The oracle over the real domains: the API schema, every field asked of its owner alone, one at a time.

Shares nothing with the router: no planning, no batching, no merging. graphql-core executes the operation on
the API schema; each field becomes one request of one path to one subgraph. As long as the subgraph that gave
an object defines the next field, the path grows; else the object's entity is asked of the field's owner, by
`_entities`, alone. Equal requests within one operation are sent once.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    Visitor,
    build_ast_schema,
    execute_sync,
    get_named_type,
    is_composite_type,
    parse,
    parse_type,
    print_ast,
    visit,
)
from graphql.language import ast

from subgraphs.kit.app import SubgraphApp
from tests.support.checked_document import checked_document
from tests.support.federated_sdl import SubgraphDocument, read_subgraph
from tests.support.monolith import OracleAnswer

Path = tuple[str | int, ...]
NO_VALUE = "DOWNSTREAM_SERVICE_ERROR"  # of a null where none may be, that no subgraph explains


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object stands: the fields down to it from a subgraph's root, or from an entity there."""

    subgraph: str
    type_name: str
    representation: str | None = None  # JSON of the entity; None at the root
    steps: tuple[str, ...] = ()
    position: Path = ()  # in the response of the steps


@dataclass(slots=True)
class Asking:
    """One operation being answered: who asks, on which loop the domains run, and what was asked already."""

    headers: Mapping[str, str]
    variables: Mapping[str, Any]
    loop: asyncio.AbstractEventLoop
    answers: dict[tuple[str, str, str | None], dict[str, Any]] = field(default_factory=dict)


class NullableFields(Visitor):
    """Lets every field be null, and every item of its lists."""

    def enter_field_definition(self, node: ast.FieldDefinitionNode, *_: Any) -> ast.FieldDefinitionNode:
        """Takes the marks off the field's type; its arguments keep theirs."""
        return replace(node, type=parse_type(print_ast(node.type).replace("!", "")))


def queries_only(document: ast.DocumentNode) -> GraphQLSchema:
    """Returns a schema without mutations, for the two sides share one database, and without @defer."""
    schema = build_ast_schema(document)
    schema.mutation_type = None
    schema.directives = tuple(each for each in schema.directives if each.name != "defer")
    return schema


class DomainsOracle:
    """Answers queries on the API schema out of the domains' own resolvers."""

    def __init__(self, api_sdl: str, domains: Sequence[SubgraphApp]) -> None:
        self.schema = queries_only(parse(api_sdl))
        self.lenient = queries_only(visit(parse(api_sdl), NullableFields()))
        self.domains = {domain.name: domain for domain in domains}
        self.documents = {domain.name: read_subgraph(domain.name, domain.sdl()) for domain in domains}

    async def execute(
        self, query: str, variables: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[OracleAnswer, set[str]]:
        """Runs one query for the caller with these headers; returns also the codes of every error in it.

        The codes come from a run in which any field may be null: otherwise the first error ends the rest.
        """
        asking = Asking(headers, variables, asyncio.get_running_loop())
        # In a thread, one field after the other: what graphql-core awaits side by side it abandons on errors.
        free = await asyncio.to_thread(self.run, self.lenient, query, asking)
        answer = await asyncio.to_thread(self.run, self.schema, query, asking)
        found = [error.get("extensions", {}).get("code") for error in (*free.errors, *answer.errors)]
        return answer, {code or NO_VALUE for code in found}

    def run(self, schema: GraphQLSchema, query: str, asking: Asking) -> OracleAnswer:
        """Executes a query on one of the two schemas."""
        document, invalid = checked_document(schema, query)
        assert document is not None and not invalid, f"not valid: {invalid[0].message}\n{query}"
        result = execute_sync(
            schema,
            document,
            variable_values=dict(asking.variables),
            context_value=asking,
            field_resolver=self.resolve,
        )
        body = json.loads(json.dumps(result.formatted))
        return OracleAnswer(body.get("data"), tuple(body.get("errors") or ()))

    def resolve(self, source: Place | None, info: GraphQLResolveInfo, **_arguments: Any) -> Any:
        """Answers one field."""
        type_name, name = info.parent_type.name, info.field_name
        place = source or Place(self.owner_of_root(name), type_name)
        if not self.continues(place.subgraph, type_name, name):
            place = self.entity_with(place, name, info)
        return self.ask(place, printed_step(info), info.return_type, info)

    def owner_of_root(self, name: str) -> str:
        """Returns the subgraph of a root field; the domains share none."""
        [owner] = [each for each, document in self.documents.items() if document.output_field("Query", name)]
        return owner

    def continues(self, subgraph: str, type_name: str, name: str) -> bool:
        """Whether the subgraph answers the field of an object it has given itself."""
        document = self.documents[subgraph]
        rules = document.rules_of(type_name, name)
        return (
            document.output_field(type_name, name) is not None
            and not rules.external
            and rules.requires is None
        )

    def entity_with(self, place: Place, name: str, info: GraphQLResolveInfo) -> Place:
        """Returns the object as an entity of the one subgraph that answers the field."""
        type_name = place.type_name
        [owner] = [each for each in self.documents.values() if owns(each, type_name, name)]
        requires = owner.rules_of(type_name, name).requires
        needed = ["id", *(print_ast(each) for each in (requires.selections if requires else ()))]
        representation: dict[str, Any] = {"__typename": type_name}
        for each in needed:
            holder = place
            if not self.continues(place.subgraph, type_name, each):
                holder = self.entity_with(place, each, info)
            representation[each] = self.leaf(holder, each, info)
        return Place(owner.name, type_name, json.dumps(representation), (), ("_entities", 0))

    def leaf(self, place: Place, name: str, info: GraphQLResolveInfo) -> Any:
        """Returns a leaf of an object, for a representation."""
        declared = declared_variables(info, place.steps)
        body = self.answer(place, (*place.steps, name), declared, info.context)
        value = at(body, (*place.position, name))
        if isinstance(value, GraphQLError):
            raise value
        return value

    def ask(self, place: Place, step: str, type_: GraphQLOutputType, info: GraphQLResolveInfo) -> Any:
        """Asks one more field of an object; objects come back as places."""
        inner = get_named_type(type_)
        is_composite = is_composite_type(inner)
        body = self.answer(
            place,
            (*place.steps, step + (" { __typename }" if is_composite else "")),
            declared_variables(info, (*place.steps, step)),
            info.context,
        )
        position = (*place.position, info.field_name)
        value = at(body, position)
        if not is_composite:
            return value
        below = Place(place.subgraph, inner.name, place.representation, (*place.steps, step), position)
        return places(body, value, below)

    def answer(self, place: Place, steps: Sequence[str], declared: str, asking: Asking) -> dict[str, Any]:
        """Returns the response of the subgraph to one path; raises nothing but what the subgraph raises."""
        query = nested(steps)
        if place.representation is not None:
            declared = f"$representations: [_Any!]! {declared}"
            entity = f"... on {entity_type(place)} {query}"
            query = f"{{ _entities(representations: $representations) {{ {entity} }} }}"
        text = f"query {f'({declared})' if declared.strip() else ''} {query}"
        key = (place.subgraph, text, place.representation)
        if key not in asking.answers:
            variables = {name: value for name, value in asking.variables.items() if f"${name}:" in declared}
            if place.representation is not None:
                variables["representations"] = [json.loads(place.representation)]
            asked = self.domains[place.subgraph].execute(text, variables, None, asking.headers)
            asking.answers[key] = asyncio.run_coroutine_threadsafe(asked, asking.loop).result()
        return asking.answers[key]


def owns(document: SubgraphDocument, type_name: str, name: str) -> bool:
    """Whether a subgraph answers the field of an entity it is given by key."""
    keys = document.keys.get(type_name, ())
    assert all(print_ast(each.fields).split() == ["{", "id", "}"] for each in keys), "the domains' key is id"
    return (
        any(key.resolvable for key in keys)
        and document.output_field(type_name, name) is not None
        and not document.rules_of(type_name, name).external
        and (name != "id" or len(document.keys[type_name]) > 0)
    )


def entity_type(place: Place) -> str:
    """Returns the name of the entity a place began at."""
    return json.loads(place.representation or "{}")["__typename"]


def nested(steps: Sequence[str]) -> str:
    """Returns the selection set of one path."""
    *outer, last = steps
    text = f"{{ {last} }}"
    for step in reversed(outer):
        text = f"{{ {step} {text} }}"
    return text


def printed_step(info: GraphQLResolveInfo) -> str:
    """Returns the field with its arguments, without alias and selection."""
    arguments = ", ".join(print_ast(each) for each in info.field_nodes[0].arguments or ())
    return f"{info.field_name}({arguments})" if arguments else info.field_name


def declared_variables(info: GraphQLResolveInfo, steps: Sequence[str]) -> str:
    """Returns the definitions of the operation's variables that the steps read."""
    text = " ".join(steps) + " "
    return ", ".join(
        print_ast(each)
        for each in info.operation.variable_definitions or ()
        if any(f"${each.variable.name.value}{end}" in text for end in ",)}] ")
    )


def at(body: Mapping[str, Any], position: Path) -> Any:
    """Returns what stands at a position: a value, or the error that left a null at it or above it."""
    value: Any = body.get("data")
    passed: Path = ()
    for step in position:
        if value is None:
            break
        value, passed = value[step], (*passed, step)
    if value is not None:
        return value
    for error in body.get("errors") or ():
        path = tuple(error.get("path") or ())
        if path[: len(passed)] == passed:
            return GraphQLError(error["message"], extensions=error.get("extensions"))
    return None


def places(body: Mapping[str, Any], value: Any, place: Place) -> Any:
    """Returns the objects of a value as places, lists of them as lists."""
    if isinstance(value, list):
        return [
            places(
                body,
                at(body, (*place.position, index)),
                Place(
                    place.subgraph,
                    place.type_name,
                    place.representation,
                    place.steps,
                    (*place.position, index),
                ),
            )
            for index in range(len(value))
        ]
    return place if isinstance(value, dict) else value
