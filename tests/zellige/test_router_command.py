"""`zellige router` and `zellige plan` over a supergraph that `zellige compose` made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.command import RunningCommand, ask, status_of
from tests.support.local_subgraphs import local_federation
from tests.support.local_subgraphs_http import serve_subgraphs
from zellige.cli import app
from zellige.services.process import free_port

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n'
SHOP = (
    LINK + 'type Query { products: [Product!]! }\ntype Product @key(fields: "id") { id: ID! name: String }\n'
)
STOCK = LINK + 'type Product @key(fields: "id") { id: ID! stock: Int }\n'
RECORDS = {
    "Query": {"products": ["@Product:1", "@Product:2"]},
    "Product:1": {"name": "Zarbia", "stock": 3},
    "Product:2": {"name": "Tajine", "stock": 0},
}
QUERY = "{ products { name stock } }"


def run(*arguments: str) -> Result:
    """Runs a command that ends by itself."""
    return CliRunner().invoke(app, list(arguments), prog_name="zellige")


@pytest.fixture
def supergraph(tmp_path: Path) -> Path:
    """A composed supergraph of two subgraphs whose schemas name no address."""
    (tmp_path / "shop.graphql").write_text(SHOP)
    (tmp_path / "stock.graphql").write_text(STOCK)
    path = tmp_path / "supergraph.graphql"
    composed = run(
        *("compose", f"shop={tmp_path}/shop.graphql", f"stock={tmp_path}/stock.graphql", "-o", str(path))
    )
    assert composed.exit_code == 0, composed.stderr
    return path


def test_a_supergraph_is_served_over_subgraphs_named_on_the_command_line(supergraph: Path) -> None:
    port = free_port()
    federation = local_federation({"shop": SHOP, "stock": STOCK}, RECORDS)
    with serve_subgraphs(federation.clients) as urls:
        named = [word for name, url in urls.items() for word in ("--subgraph-url", f"{name}={url}")]
        with RunningCommand("router", "--supergraph", str(supergraph), "--port", str(port), *named) as router:
            router.wait_until_ready(f"http://127.0.0.1:{port}/health/ready")
            assert ask(f"http://127.0.0.1:{port}/graphql", QUERY) == {
                "data": {"products": [{"name": "Zarbia", "stock": 3}, {"name": "Tajine", "stock": 0}]}
            }
            assert status_of(f"http://127.0.0.1:{port}/health") == 200
            assert router.interrupt() == 0


def test_a_subgraph_that_is_away_costs_its_fields_only(supergraph: Path) -> None:
    port = free_port()
    federation = local_federation({"shop": SHOP, "stock": STOCK}, RECORDS)
    with serve_subgraphs({"shop": federation.clients["shop"]}) as urls:
        away = f"stock=http://127.0.0.1:{free_port()}/graphql"
        with RunningCommand(
            *("router", "--supergraph", str(supergraph), "--port", str(port)),
            *("--subgraph-url", f"shop={urls['shop']}", "--subgraph-url", away),
        ) as router:
            router.wait_until_ready(f"http://127.0.0.1:{port}/health/ready")
            answer = ask(f"http://127.0.0.1:{port}/graphql", QUERY)
    assert answer["data"] == {
        "products": [{"name": "Zarbia", "stock": None}, {"name": "Tajine", "stock": None}]
    }
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"SUBGRAPH_UNREACHABLE"}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 1, "shop has no address: pass --subgraph-url shop="),
        (["--subgraph-url", "shop"], 2, "'shop' is not NAME=URL"),
        (
            ["--subgraph-url", "shop=http://a.test/", "--subgraph-url", "shop=http://b.test/"],
            2,
            "list several as transport.subgraphs.shop.url",
        ),
        (["--subgraph-url", "shpo=http://127.0.0.1:1/"], 1, "The supergraph has no subgraph shpo"),
        (["--config", "absent.yaml"], 1, "absent.yaml cannot be read"),
    ],
)
def test_what_keeps_the_router_from_serving_is_named(
    supergraph: Path, arguments: list[str], code: int, message: str
) -> None:
    result = run("router", "--supergraph", str(supergraph), *arguments)
    assert result.exit_code == code
    assert message in result.stderr


def test_a_file_that_is_no_supergraph_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plain.graphql").write_text("type Query { a: Int }")
    result = run("router", "--supergraph", str(tmp_path / "plain.graphql"))
    assert result.exit_code == 1
    assert "plain.graphql is not a supergraph" in result.stderr


def test_settings_and_supergraph_are_checked_without_serving(supergraph: Path, tmp_path: Path) -> None:
    settings = tmp_path / "router.yaml"
    settings.write_text(
        f"supergraph: {{source: {supergraph}}}\n"
        "transport: {subgraphs: {shop: {url: 'http://shop.test/'}, stock: {url: 'http://stock.test/'}}}\n"
    )
    good = run("router", "--config", str(settings), "--check-config")
    assert (good.exit_code, good.stdout) == (0, "The settings and the supergraph can be served.\n")
    alone = run("router", "--check-config")
    assert (alone.exit_code, alone.stdout) == (0, "The settings can be used.\n")


def test_each_problem_of_the_settings_is_named_with_its_line(tmp_path: Path) -> None:
    settings = tmp_path / "router.yaml"
    settings.write_text(
        "server:\n  port: 70000\n  prot: 1\n"
        "  shedding:\n    min_concurrency: 9\n    max_concurrency: 3\nsupergraph:\n  poll_interval_ms: -1\n"
    )
    result = run("router", "--config", str(settings), "--check-config")
    assert (result.exit_code, result.stdout) == (1, "")
    said = result.stderr.removeprefix("Error: ").splitlines()
    assert sorted(line.removeprefix(f"{settings}:") for line in said) == [
        "2: server.port: Input should be less than or equal to 65535",
        "3: server.prot: unknown key",
        "4: server.shedding: Value error, min_concurrency is above max_concurrency",
        "8: supergraph.poll_interval_ms: Input should be greater than or equal to 0",
    ]


def test_without_a_supergraph_the_command_says_how_to_name_one() -> None:
    result = run("router")
    assert result.exit_code == 1
    assert "There is no supergraph: pass --supergraph, or set supergraph.source" in result.stderr


def test_the_plan_is_printed_for_people_and_for_tools(supergraph: Path, tmp_path: Path) -> None:
    (tmp_path / "query.graphql").write_text(QUERY)
    text = run("plan", "--supergraph", str(supergraph), str(tmp_path / "query.graphql"))
    assert text.exit_code == 0
    assert text.stdout.startswith("Plan {\n  Sequence {\n    Fetch(id: 0, service: shop) {")
    made = run("plan", "--supergraph", str(supergraph), str(tmp_path / "query.graphql"), "--format", "json")
    assert [fetch["service"] for fetch in json.loads(made.stdout)["fetches"]] == ["shop", "stock"]


def test_a_plan_says_why_it_is_so_and_that_it_is_sound(supergraph: Path, tmp_path: Path) -> None:
    (tmp_path / "query.graphql").write_text(QUERY)
    asked = ("plan", "--supergraph", str(supergraph), str(tmp_path / "query.graphql"))
    text = run(*asked, "--explain", "--check").stdout
    assert "fetch 0 to shop, from the root\n  answers products.name;" in text
    assert "fetch 1 to stock, entered by { id }\n  answers products.stock;" in text
    assert text.endswith("The plan is sound: every field asked is fetched, after what it needs.\n")
    made = json.loads(run(*asked, "--explain", "--format", "json").stdout)
    assert [(one["service"], one["key"], one["serves"]) for one in made["explanations"]] == [
        ("shop", "", ["products.name"]),
        ("stock", "id", ["products.stock"]),
    ]


def test_every_stage_of_planning_can_be_seen(supergraph: Path, tmp_path: Path) -> None:
    (tmp_path / "query.graphql").write_text(QUERY)
    text = run(*("plan", "--supergraph", str(supergraph), str(tmp_path / "query.graphql"), "--stages")).stdout
    headings = [line[2:] for line in text.splitlines() if line.startswith("# ")]
    assert headings == ["normalised operation", "walk", "choose", "fetches", "passes", "build"]
    assert "products.stock: shop > stock" in text


@pytest.mark.parametrize(
    ("operation", "options", "code", "message"),
    [
        (
            "{ products { weight } }",
            [],
            1,
            "query.graphql:1:14: Cannot query field 'weight' on type 'Product'",
        ),
        ("{ products {", [], 1, "GRAPHQL_PARSE_FAILED"),
        (QUERY, ["--variables", "{"], 2, "--variables is not JSON"),
        (QUERY, ["--variables", "[]"], 2, "--variables must be a JSON object"),
        (QUERY, ["--operation-name", "Other"], 1, "OPERATION_NOT_FOUND"),
    ],
)
def test_an_operation_that_cannot_be_planned_is_explained(
    supergraph: Path, tmp_path: Path, operation: str, options: list[str], code: int, message: str
) -> None:
    (tmp_path / "query.graphql").write_text(operation)
    result = run("plan", "--supergraph", str(supergraph), str(tmp_path / "query.graphql"), *options)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr
