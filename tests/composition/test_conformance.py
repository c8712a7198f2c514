"""Our composition of the public conformance suites says the same as another composer's recorded supergraphs.

Compared, as sets: types with kinds, interfaces, fields, arguments, defaults, directives and every join fact.
Not compared, because it carries no meaning:
- the order of types, fields, directives and of words inside field sets;
- the version of the join specification, and the definitions that belong to it (v0.3 there, v0.5 here);
- arguments of join directives that state their default (`resolvable: true`);
- the subgraphs' urls.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graphql import DirectiveNode, build_schema, parse, print_ast

from router.composition.compose import compose_supergraph
from router.composition.source import SubgraphSource
from router.federation.field_set import parse_field_set

CASES = Path(__file__).resolve().parents[3] / "shared/federation/conformance/cases"
SUITES = sorted(path.name for path in CASES.iterdir()) if CASES.is_dir() else []

DEFAULTS = {"resolvable": "true", "extension": "false", "isInterfaceObject": "false", "external": "false"}
FIELD_SETS = ("key", "requires", "provides")

pytestmark = pytest.mark.skipif(not SUITES, reason="the conformance suites are not beside this checkout")


@pytest.mark.parametrize("suite", SUITES)
def test_composes_to_the_recorded_meaning(suite: str) -> None:
    composition = compose_supergraph(sources_of(suite))
    assert [d for d in composition.diagnostics if d.is_error] == []
    assert composition.supergraph_sdl is not None
    recorded = (CASES / suite / "supergraph.graphql").read_text()
    assert facts(composition.supergraph_sdl) == facts(recorded)


@pytest.mark.parametrize("suite", SUITES)
def test_both_schemas_are_valid_graphql(suite: str) -> None:
    composition = compose_supergraph(sources_of(suite))
    assert composition.supergraph_sdl is not None
    assert composition.api_sdl is not None
    assert build_schema(composition.supergraph_sdl).query_type is not None
    assert "join__" not in composition.api_sdl
    assert build_schema(composition.api_sdl).query_type is not None


def sources_of(suite: str) -> list[SubgraphSource]:
    folder = CASES / suite / "subgraphs"
    return [SubgraphSource(file.stem, file.read_text()) for file in sorted(folder.glob("*.graphql"))]


def facts(sdl: str) -> dict[str, Any]:
    """The meaning of a supergraph document, comparable."""
    found = {}
    for node in parse(sdl, no_location=True).definitions:
        name = getattr(getattr(node, "name", None), "value", "schema")
        if node.kind in ("directive_definition", "schema_definition") or name.startswith(
            ("join__", "link__")
        ):
            continue
        found[name] = element_facts(node)
    return found


def element_facts(node: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": node.kind, "directives": directive_facts(node.directives)}
    for attribute in ("type", "default_value", "description"):
        value = getattr(node, attribute, None)
        if value is not None:
            found[attribute] = print_ast(value)
    for attribute in ("interfaces", "types"):
        found[attribute] = {item.name.value for item in getattr(node, attribute, None) or ()}
    for attribute in ("fields", "arguments", "values"):
        items = getattr(node, attribute, None) or ()
        found[attribute] = {item.name.value: element_facts(item) for item in items}
    return found


def directive_facts(directives: tuple[DirectiveNode, ...]) -> set[tuple[str, frozenset[tuple[str, str]]]]:
    return {(directive.name.value, frozenset(argument_facts(directive))) for directive in directives or ()}


def argument_facts(directive: DirectiveNode) -> list[tuple[str, str]]:
    found = []
    for argument in directive.arguments or ():
        name, text = argument.name.value, print_ast(argument.value)
        if DEFAULTS.get(name) == text:
            continue
        if directive.name.value.startswith("join__") and name in FIELD_SETS:
            text = " ".join(print_ast(parse_field_set(argument.value.value)).split())  # type: ignore[attr-defined]
        found.append((name, text))
    return found
