"""`zellige compose` as a person and as a script meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from zellige.cli import app

PRODUCTS = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Query { products: [Product!]! }
type Product @key(fields: "id") { id: ID! name: String! }
"""
STOCK = """
extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
type Product @key(fields: "id") { id: ID! inStock: Boolean! }
"""
CLASHING = STOCK.replace("inStock: Boolean!", "name: String!")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two subgraphs that compose and one that does not fit, where the command runs."""
    (tmp_path / "products.graphql").write_text(PRODUCTS)
    (tmp_path / "stock.graphql").write_text(STOCK)
    (tmp_path / "clashing.graphql").write_text(CLASHING)
    (tmp_path / "supergraph.yaml").write_text(
        "subgraphs:\n"
        "  products: {url: 'http://products:4001/graphql', schema: products.graphql}\n"
        "  stock: {url: 'http://stock:4002/graphql', schema: stock.graphql}\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    """Runs the command line in this process."""
    return CliRunner().invoke(app, ["compose", *arguments], prog_name="zellige")


def test_the_supergraph_of_the_file_goes_to_standard_output_with_its_addresses(shop: Path) -> None:
    result = run("--config", "supergraph.yaml")
    assert result.exit_code == 0
    assert 'PRODUCTS @join__graph(name: "products", url: "http://products:4001/graphql")' in result.stdout
    assert 'STOCK @join__graph(name: "stock", url: "http://stock:4002/graphql")' in result.stdout


def test_subgraphs_can_be_named_one_by_one_and_the_result_written_to_a_file(shop: Path) -> None:
    result = run("products=products.graphql", "stock=stock.graphql", "--output", "out.graphql")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "type Product" in (shop / "out.graphql").read_text()
    assert result.stderr == "out.graphql written.\n"


def test_an_error_names_code_place_and_excerpt_on_standard_error_and_exits_with_one(shop: Path) -> None:
    result = run("products=products.graphql", "clashing=clashing.graphql")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "INVALID_FIELD_SHARING" in result.stderr
    assert "products.graphql:4:" in result.stderr
    assert 'type Product @key(fields: "id") { id: ID! name: String! }' in result.stderr
    assert "\x1b" not in result.stderr
    assert "The subgraphs do not compose: 1 error." in result.stderr


def test_json_carries_schemas_and_diagnostics_for_tools(shop: Path) -> None:
    made = json.loads(run("products=products.graphql", "stock=stock.graphql", "--format", "json").stdout)
    assert made["supergraphSdl"].startswith("schema")
    assert "join__" not in made["apiSdl"]
    refused = run("products=products.graphql", "clashing=clashing.graphql", "--format", "json")
    outcome = json.loads(refused.stdout)
    assert (refused.exit_code, outcome["supergraphSdl"], outcome["apiSdl"]) == (1, None, None)
    assert [entry["code"] for entry in outcome["diagnostics"] if entry["severity"] == "error"] == [
        "INVALID_FIELD_SHARING"
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["products"], 2, "'products' is not NAME=FILE"),
        (["products=absent.graphql"], 1, "absent.graphql does not exist"),
        (["--config", "absent.yaml"], 1, "absent.yaml cannot be read: No such file or directory"),
        (["--format", "xml"], 2, "--format"),
        (["products=products.graphql", "--include-tags", "a,"], 2, "a tag is empty; write tags as a,b"),
    ],
)
def test_what_cannot_be_read_is_named(shop: Path, arguments: list[str], code: int, message: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr


def test_a_contract_shows_only_the_tagged_part(shop: Path) -> None:
    tagged = PRODUCTS.replace('"@key"', '"@key", "@tag"').replace(
        "name: String!", 'name: String! @tag(name: "internal") price: Int @tag(name: "beta")'
    )
    (shop / "products.graphql").write_text(tagged)
    result = run("products=products.graphql", "--exclude-tags", "internal,beta", "--format", "json")
    assert result.exit_code == 0
    outcome = json.loads(result.stdout)
    assert "name" not in outcome["apiSdl"]
    assert "price" not in outcome["apiSdl"]
    assert 'name: String! @tag(name: "internal") @inaccessible' in outcome["supergraphSdl"]
    repeated = run("products=products.graphql", "--exclude-tags", "internal", "--exclude-tags", "beta")
    assert repeated.stdout == outcome["supergraphSdl"]


def test_hints_of_the_lowest_level_are_printed_on_demand_only(shop: Path) -> None:
    (shop / "products.graphql").write_text(PRODUCTS + "enum Colour { RED }")
    assert run("products=products.graphql").stderr == ""
    assert "hint (DEBUG)[UNUSED_ENUM_TYPE]" in run("products=products.graphql", "--all-hints").stderr


def test_a_mistyped_tag_of_a_contract_is_warned_of(shop: Path) -> None:
    result = run("products=products.graphql", "--exclude-tags", "intrenal")
    assert result.exit_code == 0
    assert 'The contract excludes the tag "intrenal", which nothing carries' in result.stderr


def test_types_no_visible_field_leads_to_can_be_kept(shop: Path) -> None:
    (shop / "products.graphql").write_text(PRODUCTS.replace("type Query", "type Draft { id: ID } type Query"))
    arguments = ["products=products.graphql", "--exclude-tags", "internal", "--format", "json"]
    assert "type Draft" not in json.loads(run(*arguments).stdout)["apiSdl"]
    assert "type Draft" in json.loads(run(*arguments, "--no-hide-unreachable-types").stdout)["apiSdl"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("subgraphs: [", "is not YAML"),
        ("services: {}", "needs a map `subgraphs:`"),
        ("subgraphs: {a: {url: 'http://a'}}", "a needs `schema`"),
        ("subgraphs: {a: {url: 'http://a', schema: a.graphql, shema: b}}", "a has unknown keys shema"),
        ("subgraphs: {a: nothing}", "a must be a map with url and schema"),
    ],
)
def test_a_mistake_in_the_supergraph_file_is_explained(shop: Path, content: str, message: str) -> None:
    (shop / "wrong.yaml").write_text(content)
    result = run("--config", "wrong.yaml")
    assert result.exit_code == 1
    assert message in result.stderr
