"""Every case of the operation room: what normalisation makes of a document."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, parse

from router.operation import condition_variables, normalize_operation
from router.operation.model import print_selections
from tests.support.cases import case_files, faults_of_folder, read_case
from tests.support.cases_stages import CaseRun, check_stages

FOLDER = Path(__file__).parent / "cases"


def normalized(run: CaseRun) -> str:
    """Returns the normalised operation of a case as text."""
    document = parse(run.request.query)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    values = run.request.variables
    conditions = {name: bool(values[name]) for name in condition_variables(document) if name in values}
    result = normalize_operation(run.router.supergraph, document, operation, conditions, defers=True)
    return f"{result.kind} {{\n{print_selections(result.selections, '  ')}\n}}"


def groups(run: CaseRun) -> str:
    """Returns the deferred groups of a case: label, parent and where they stand."""
    document = parse(run.request.query)
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    result = normalize_operation(run.router.supergraph, document, operation, {}, defers=True)
    return "\n".join(
        f"{group.id} {group.label} in {group.parent} at {group.type_name} "
        + ".".join(key if types is None else f"{key}|{'|'.join(sorted(types))}" for key, types in group.path)
        for group in result.groups
    )


def test_folder_holds_cases_only() -> None:
    assert list(faults_of_folder(FOLDER)) == []


@pytest.mark.parametrize("path", case_files(FOLDER), ids=lambda path: path.stem)
def test_case(path: Path, accept: bool) -> None:
    check_stages(read_case(path), accept=accept, more={"normalized": normalized, "groups": groups})
