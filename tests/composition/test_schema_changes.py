"""Changes of the API schema are found, named by coordinate and explained."""

from __future__ import annotations

import json

import pytest
from graphql import (
    BreakingChangeType,
    DangerousChangeType,
    build_schema,
    parse_schema_coordinate,
    resolve_schema_coordinate,
)

from router.composition.schema_changes import (
    ApiChange,
    find_api_changes,
    render_changes_json,
    render_changes_text,
)

OLD = """
directive @shout(loud: Boolean, tone: Int) repeatable on FIELD | QUERY
directive @gone on FIELD
type Query { product(id: ID!, currency: String = "DZD", old: Int, as: Int): Product  find(by: Find): Found }
type Product implements Node & Priced { id: ID! price: Int name: String! color(shade: Shade): Color }
interface Node { id: ID! }
interface Priced { price: Int }
type Page { url: String }
type Post { url: String }
type Leaflet { url: String }
union Found = Product | Page
enum Color { RED BLUE }
enum Shade { LIGHT }
input Find { name: String size: Int = 1 sort: String code: Int }
"""
NEW = """
directive @shout(tone: Int, since: Int!) on FIELD
type Query {
  product(id: ID!, currency: String = "EUR", as: String, must: Int!, may: Int): Product
  find(by: Find): Found
}
type Product implements Node & Named { id: ID! name: String color(shade: Shade): Color }
interface Node { id: ID! }
interface Named { name: String }
interface Priced { price: Int }
interface Post { url: String }
type Page { url: String }
union Found = Product | Post2
type Post2 { url: String }
enum Color { RED GREEN }
enum Shade { LIGHT }
input Find @oneOf { name: String size: Int sort: Int must: Int! may: Int }
"""
EXPECTED = [
    ("breaking", "ARG_CHANGED_KIND", "Query.product(as:)"),
    ("breaking", "ARG_REMOVED", "Query.product(old:)"),
    ("breaking", "DIRECTIVE_ARG_REMOVED", "@shout(loud:)"),
    ("breaking", "DIRECTIVE_LOCATION_REMOVED", "@shout"),
    ("breaking", "DIRECTIVE_REMOVED", "@gone"),
    ("breaking", "DIRECTIVE_REPEATABLE_REMOVED", "@shout"),
    ("breaking", "FIELD_CHANGED_KIND", "Find.sort"),
    ("breaking", "FIELD_CHANGED_KIND", "Product.name"),
    ("breaking", "FIELD_REMOVED", "Find.code"),
    ("breaking", "FIELD_REMOVED", "Product.price"),
    ("breaking", "IMPLEMENTED_INTERFACE_REMOVED", "Product"),
    ("breaking", "INPUT_BECAME_ONE_OF", "Find"),
    ("breaking", "REQUIRED_ARG_ADDED", "Query.product(must:)"),
    ("breaking", "REQUIRED_DIRECTIVE_ARG_ADDED", "@shout(since:)"),
    ("breaking", "REQUIRED_INPUT_FIELD_ADDED", "Find.must"),
    ("breaking", "TYPE_CHANGED_KIND", "Post"),
    ("breaking", "TYPE_REMOVED", "Leaflet"),
    ("breaking", "TYPE_REMOVED_FROM_UNION", "Found"),
    ("breaking", "VALUE_REMOVED_FROM_ENUM", "Color.BLUE"),
    ("dangerous", "ARG_DEFAULT_VALUE_CHANGE", "Query.product(currency:)"),
    ("dangerous", "IMPLEMENTED_INTERFACE_ADDED", "Product"),
    ("dangerous", "INPUT_FIELD_DEFAULT_VALUE_CHANGE", "Find.size"),
    ("dangerous", "OPTIONAL_ARG_ADDED", "Query.product(may:)"),
    ("dangerous", "OPTIONAL_INPUT_FIELD_ADDED", "Find.may"),
    ("dangerous", "TYPE_ADDED_TO_UNION", "Found"),
    ("dangerous", "VALUE_ADDED_TO_ENUM", "Color.GREEN"),
]


def changes(old: str, new: str) -> tuple[ApiChange, ...]:
    return find_api_changes(build_schema(old), build_schema(new, assume_valid=True))


def test_every_kind_of_change_is_found_at_its_coordinate() -> None:
    found = changes(OLD, NEW)
    assert sorted((c.severity, c.code, c.coordinate) for c in found) == EXPECTED
    kinds = {kind.name for kind in (*BreakingChangeType, *DangerousChangeType)}
    assert {code for _, code, _ in EXPECTED} == kinds | {"INPUT_BECAME_ONE_OF"}


def test_breaking_changes_come_first_in_order_of_coordinates() -> None:
    found = [(c.severity, c.coordinate) for c in changes(OLD, NEW)]
    assert found == sorted(found)


@pytest.mark.parametrize("change", changes(OLD, NEW), ids=lambda change: f"{change.code}-{change.coordinate}")
def test_each_coordinate_names_an_element_of_the_old_or_the_new_schema(change: ApiChange) -> None:
    assert parse_schema_coordinate(change.coordinate)
    schemas = (build_schema(OLD), build_schema(NEW, assume_valid=True))
    assert any(resolve_schema_coordinate(schema, change.coordinate) for schema in schemas)


def test_additions_and_looser_inputs_are_no_change_for_clients() -> None:
    old = "type Query { size(unit: Int!): Int }"
    new = '"Sizes." type Query { size(unit: Int): Int! weight: Int } enum Unit { KG }'
    assert changes(old, new) == ()


def test_a_removed_field_and_a_removed_input_field_reach_different_clients() -> None:
    found = {c.coordinate: c.clients for c in changes(OLD, NEW) if c.code == "FIELD_REMOVED"}
    assert found == {
        "Find.code": "those that send it",
        "Product.price": "those whose operations select it",
    }


def test_the_text_says_what_breaks_for_whom_and_what_to_do() -> None:
    found = changes("type Query { a: Int b: Int }", "type Query { a: Int }")
    assert render_changes_text(found) == (
        "breaking[FIELD_REMOVED] Query.b: Field Query.b was removed.\n"
        "  clients: those whose operations select it\n"
        "  = Keep it, mark it @deprecated(reason:), and remove it when no client asks for it any more."
    )


def test_json_carries_the_same() -> None:
    found = changes("type Query { a: Int b: Int }", "type Query { a: Int }")
    assert json.loads(json.dumps(render_changes_json(found))) == [
        {
            "code": "FIELD_REMOVED",
            "severity": "breaking",
            "coordinate": "Query.b",
            "message": "Field Query.b was removed.",
            "clients": "those whose operations select it",
            "advice": found[0].advice,
        }
    ]
