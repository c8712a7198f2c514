"""`zellige schema check` guards clients and files; `zellige schema export` writes what the code makes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from zellige.cli import app

SHOP = "tests.zellige.strawberry_shop"
ENTRY = "  {name}: {{url: 'http://{name}.test/graphql', schema: {name}.graphql, module: {module}}}\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The supergraph file of a shop whose schemas are exported and fresh."""
    config = write_config(tmp_path, products=f"{SHOP}.products")
    assert run("export", config).exit_code == 0
    return config


def write_config(folder: Path, **modules: str) -> Path:
    config = folder / "supergraph.yaml"
    entries = [ENTRY.format(name=name, module=module) for name, module in modules.items()]
    config.write_text("subgraphs:\n" + "".join(entries))
    return config


def run(command: str, config: Path, *arguments: str, given: str = "") -> Result:
    """Runs the command line in this process."""
    return CliRunner().invoke(
        app, ["schema", command, "--config", str(config), *arguments], prog_name="zellige", input=given
    )


def test_fresh_files_and_unharmed_clients_pass(shop: Path) -> None:
    result = run("check", shop)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == ("The code composes, it breaks no client, and the exported schemas are fresh.\n")


def test_what_breaks_clients_is_listed_with_advice_and_fails(shop: Path) -> None:
    widen(shop)
    result = run("check", shop)
    assert result.exit_code == 1
    assert result.stdout.startswith(
        "breaking[FIELD_REMOVED] Product.weight: Field Product.weight was removed.\n"
        "  clients: those whose operations select it\n"
        "  = Keep it, mark it @deprecated(reason:), and remove it when no client asks for it any more.\n"
    )
    assert "-  weight: Int\n" in result.stdout
    assert "The API schema has 1 breaking change." in result.stderr
    assert "The exported schemas are stale. Run `zellige schema export`" in result.stderr


def test_breaking_changes_can_be_accepted_against_a_released_schema(shop: Path) -> None:
    released = (shop.parent / "api.graphql").read_text().replace("name: String!", "name: String! weight: Int")
    (shop.parent / "released.graphql").write_text(released)
    arguments = ["--against", str(shop.parent / "released.graphql")]
    refused, accepted = run("check", shop, *arguments), run("check", shop, *arguments, "--allow-breaking")
    assert (refused.exit_code, accepted.exit_code) == (1, 0)
    assert accepted.stdout == refused.stdout
    assert "its breaking changes are accepted" in accepted.stderr
    assert run("check", shop, "--against", "-", given=released).stdout == refused.stdout


def test_dangerous_changes_are_warned_of_and_pass(shop: Path) -> None:
    released = (shop.parent / "api.graphql").read_text().replace('"DZD"', '"EUR"')
    result = run("check", shop, "--against", "-", given=released)
    assert result.exit_code == 0
    assert result.stdout == (
        "dangerous[ARG_DEFAULT_VALUE_CHANGE] Product.priceAmount(currency:): "
        'Product.priceAmount(currency:) has changed defaultValue from "EUR" to "DZD".\n'
        "  clients: those that leave the argument out\n"
        "  = Nothing, if clients that leave it out may be answered differently.\n"
    )


def test_stale_files_alone_fail_with_the_difference(shop: Path) -> None:
    (shop.parent / "products.graphql").write_text("type Query { product: Int }\n")
    result = run("check", shop)
    assert result.exit_code == 1
    assert "-type Query { product: Int }\n" in result.stdout
    assert "breaking change" not in result.stderr


def test_json_holds_the_findings_for_tools(shop: Path) -> None:
    widen(shop)
    result = run("check", shop, "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["ok"] is False
    assert [change["coordinate"] for change in found["breaking"]] == ["Product.weight"]
    assert (found["dangerous"], found["diagnostics"]) == ([], [])
    assert found["stale"] == [str(shop.parent / "api.graphql")]
    assert len(found["refusals"]) == 2


def test_export_says_what_it_breaks_and_writes(shop: Path) -> None:
    widen(shop)
    result = run("export", shop)
    assert result.exit_code == 0
    assert "This breaks those whose operations select it: Field Product.weight was removed." in result.stderr
    assert run("check", shop).exit_code == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [("type Query {", "is no API schema"), ("type Query { a: Absent }", "is no API schema")],
)
def test_a_file_that_is_no_schema_is_named(shop: Path, text: str, message: str) -> None:
    result = run("check", shop, "--against", "-", given=text)
    assert result.exit_code == 1
    assert message in result.stderr


def test_code_that_does_not_compose_names_the_python_class_and_field(tmp_path: Path) -> None:
    config = write_config(tmp_path, products=f"{SHOP}.products", prices=f"{SHOP}.clashing_prices")
    result = run("check", config)
    assert result.exit_code == 1
    assert "error[FIELD_TYPE_MISMATCH]" in result.stdout
    for name, line in (("products.Product", 21), ("clashing_prices.Priced", 28)):
        file = f"{SHOP.replace('.', '/')}/{name.partition('.')[0]}.py"
        assert f"   python: {SHOP}.{name}.price_amount ({file}:{line})\n" in result.stdout
    assert result.stderr == "Error: The subgraphs do not compose\n"
    assert not (tmp_path / "api.graphql").exists()


def test_json_names_the_python_class_and_field_too(tmp_path: Path) -> None:
    config = write_config(tmp_path, products=f"{SHOP}.products", prices=f"{SHOP}.clashing_prices")
    found = json.loads(run("check", config, "--format", "json").stdout)
    mismatch = next(entry for entry in found["diagnostics"] if entry["code"] == "FIELD_TYPE_MISMATCH")
    assert [at["python"].partition(" ")[0] for at in mismatch["locations"]] == [
        f"{SHOP}.clashing_prices.Priced.price_amount",
        f"{SHOP}.products.Product.price_amount",
    ]


def widen(config: Path) -> None:
    """Gives the exported API schema a field that the code does not have."""
    api = config.parent / "api.graphql"
    api.write_text(api.read_text().replace("  name: String!\n", "  name: String!\n  weight: Int\n"))
