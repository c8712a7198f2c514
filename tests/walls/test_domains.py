"""Rules of the domains that no import contract can say."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml
from strawberry.types.field import StrawberryField

from subgraphs.kit.access import Access, RequireAccess
from subgraphs.kit.audit.extension import Audited
from subgraphs.kit.schema import KitSchema

ROOT = Path(__file__).parents[2]
PLATFORM = ROOT / "subgraphs"
DOMAINS = sorted(
    path.name for path in PLATFORM.iterdir() if (path / "__init__.py").is_file() and path.name != "kit"
)
# A service is handed a session and may tell one refusal of the database from another; it writes no SQL.
ALLOWED_OUTSIDE_MODEL = {
    "sqlalchemy.ext.asyncio": {"AsyncSession"},
    "sqlalchemy.exc": {"IntegrityError", "DBAPIError", "SQLAlchemyError"},
}
# A schema declares what its lists can be filtered and ordered by, over the model's columns; the statement
# itself, `select` and the like, comes from the model.
ALLOWED_IN_SCHEMA = {"ColumnElement", "Select", "and_", "case", "func", "literal", "or_", "true"}
TRANSACTION_ENDS = {"commit", "rollback"}
HTTP = {"fastapi", "starlette"}


def _files(*parts: str) -> Iterator[tuple[Path, ast.Module]]:
    for domain in DOMAINS:
        for path in sorted((PLATFORM / domain).rglob("*.py")):
            inner = path.relative_to(PLATFORM / domain)
            if not parts or inner.parts[0].removesuffix(".py") in parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text())


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def test_only_the_model_writes_sql() -> None:
    found = [
        f"{path}: {module} {name}"
        for path, tree in _files()
        if path.parts[2].removesuffix(".py") != "model"
        for module, name in _imports(tree)
        if module.partition(".")[0] == "sqlalchemy"
        and name not in ALLOWED_OUTSIDE_MODEL.get(module, set())
        and not (path.parts[2] == "schema" and module == "sqlalchemy" and name in ALLOWED_IN_SCHEMA)
    ]
    assert found == []


def test_no_domain_ends_a_transaction_itself() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in _files()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in TRANSACTION_ENDS
        and not node.args  # a session's own; `stock.commit(claim)` asks another domain
    ]
    assert found == []


def test_services_and_models_know_nothing_of_http() -> None:
    found = [
        f"{path}: {module}"
        for path, tree in _files("service", "model", "events", "errors")
        for module, _ in _imports(tree)
        if module.partition(".")[0] in HTTP
    ]
    assert found == []


def test_every_domain_is_in_the_supergraph_file_and_the_contracts() -> None:
    named = yaml.safe_load((ROOT / "schema" / "supergraph.yaml").read_text())["subgraphs"]
    contracts = (ROOT / "pyproject.toml").read_text()
    for domain in DOMAINS:
        assert named[domain]["module"] == f"subgraphs.{domain}.app"
        assert contracts.count(f'"subgraphs.{domain}"') == 3, "layers, independence, and kept out of the kit"


def test_every_mutation_that_takes_a_permission_is_audited() -> None:
    missing = [
        f"{domain}.{field.python_name}"
        for domain in DOMAINS
        for field in _mutations(domain)
        if _rule_of(field).may_take_privilege() and not _is_audited(field)
    ]
    assert missing == []


def _mutations(domain: str) -> Sequence[StrawberryField]:
    schema: KitSchema = importlib.import_module(f"subgraphs.{domain}.schema").build_schema()
    known = schema.schema_converter.type_map.get("Mutation")
    return known.definition.fields if known is not None else ()  # pyright: ignore[reportAttributeAccessIssue]


def _rule_of(field: StrawberryField) -> Access:
    (required,) = [each for each in field.extensions if isinstance(each, RequireAccess)]
    return required.rule


def _is_audited(field: StrawberryField) -> bool:
    return any(isinstance(each, Audited) for each in field.extensions)
