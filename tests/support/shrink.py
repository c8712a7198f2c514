"""Makes a failing operation small: takes parts away for as long as it still fails, then prints a case."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from graphql import GraphQLSchema, parse, print_ast, validate
from graphql.language import ast

from tests.support.cases import case_text
from tests.support.random_supergraph import RandomSupergraph
from tests.support.run_router import Request

ROUNDS_MAX = 400
NodeT = TypeVar("NodeT", bound=ast.Node)
Fails = Callable[[Request], Awaitable[bool]]


async def shrink(request: Request, schema: GraphQLSchema, fails: Fails) -> Request:
    """Returns a smaller operation that still fails; tries at most `ROUNDS_MAX` smaller ones."""
    smallest, rounds = request, 0
    progress = True
    while progress and rounds < ROUNDS_MAX:
        progress = False
        for candidate in smaller(parse(smallest.query, no_location=True)):
            rounds += 1
            document = without_unused(candidate)
            if rounds > ROUNDS_MAX:
                break
            if validate(schema, document):
                continue
            attempt = with_used_variables(document, smallest)
            if await fails(attempt):
                smallest, progress = attempt, True
                break
    return smallest


def smaller(document: ast.DocumentNode) -> Iterator[ast.DocumentNode]:
    """Yields the document with one part less: the largest parts first, as they stand first."""
    for index, definition in enumerate(document.definitions):
        for changed in smaller_node(definition):
            definitions = list(document.definitions)
            definitions[index] = changed
            yield replace(document, definitions=tuple(definitions))


def smaller_node(node: NodeT) -> Iterator[NodeT]:
    """Yields a definition or selection with one selection, fragment, alias, argument or directive less."""
    change: Any = replace  # which parts a node has is only known here
    selection_set = getattr(node, "selection_set", None)
    if selection_set is not None:
        for selections in smaller_selections(selection_set.selections):
            yield change(node, selection_set=change(selection_set, selections=selections))
    for part in ("directives", "arguments"):
        if getattr(node, part, None):
            yield change(node, **{part: ()})
    if getattr(node, "alias", None) is not None:
        yield change(node, alias=None)


def smaller_selections(
    selections: tuple[ast.SelectionNode, ...],
) -> Iterator[tuple[ast.SelectionNode, ...]]:
    """Yields the selections with one taken away, unwrapped or made smaller itself."""
    if len(selections) > 1:
        for index in range(len(selections)):
            yield selections[:index] + selections[index + 1 :]
    for index, selection in enumerate(selections):
        before, after = selections[:index], selections[index + 1 :]
        if isinstance(selection, ast.InlineFragmentNode):
            yield before + tuple(selection.selection_set.selections) + after
        for changed in smaller_node(selection):
            yield (*before, changed, *after)


def without_unused(document: ast.DocumentNode) -> ast.DocumentNode:
    """Returns the document without fragments nobody spreads and variables nobody reads."""
    definitions = list(document.definitions)
    for _ in range(len(definitions)):
        text = [print_ast(each) for each in definitions]
        kept = [
            each
            for index, each in enumerate(definitions)
            if not isinstance(each, ast.FragmentDefinitionNode)
            or any(f"...{each.name.value}" in other for i, other in enumerate(text) if i != index)
        ]
        if len(kept) == len(definitions):
            break
        definitions = kept
    return ast.DocumentNode(definitions=tuple(used_variables_only(each, definitions) for each in definitions))


def used_variables_only(
    definition: ast.DefinitionNode, definitions: list[ast.DefinitionNode]
) -> ast.DefinitionNode:
    """Returns an operation with only the variables that are read somewhere."""
    if not isinstance(definition, ast.OperationDefinitionNode):
        return definition
    bare = replace(definition, variable_definitions=())
    others = [each for each in definitions if each is not definition]
    names = variables_in("\n".join(print_ast(each) for each in [bare, *others]))
    declared = tuple(
        each for each in definition.variable_definitions or () if each.variable.name.value in names
    )
    return replace(definition, variable_definitions=declared)


def variables_in(text: str) -> set[str]:
    """Returns the names of the variables a text reads."""
    return set(re.findall(r"\$(\w+)", text))


def with_used_variables(document: ast.DocumentNode, request: Request) -> Request:
    """Returns the document as a request, with the variables it declares."""
    text = print_ast(document)
    names = variables_in(text)
    return Request(text, {name: value for name, value in request.variables.items() if name in names})


def as_case(drawn: RandomSupergraph, request: Request, faults: tuple[str, ...]) -> str:
    """Returns the failing operation as the text of a `.case`, ready to be put into tests/issues."""
    lines = faults[0].splitlines() if faults else ["it fails"]
    sections = {
        "about": f"Found by the differential test (supergraph seed {drawn.seed}): {lines[0]}",
        **{f"subgraph:{name}": sdl for name, sdl in drawn.subgraphs.items()},
        "operation": request.query,
        "variables": json.dumps(dict(request.variables), ensure_ascii=False),
        "data": json.dumps(drawn.records, ensure_ascii=False),
        "response": "",
    }
    return case_text(sections)
