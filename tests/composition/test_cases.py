"""Every code of composition has cases: documents that are refused with it, and near ones that are not."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import DefinitionNode, parse, print_ast

from router.composition.codes import ERRORS, HINTS
from tests.support.cases import Case, case_files, faults_of_folder, read_case
from tests.support.cases_stages import CaseRun, check_stages

FOLDER = Path(__file__).parent / "cases"

# About a document given as a supergraph; about execution; about a limit (test_limits.py).
ELSEWHERE = {
    "INVALID_FEDERATION_SUPERGRAPH",
    "DOWNSTREAM_SERVICE_ERROR",
    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED",
}


def test_folder_holds_cases_only() -> None:
    assert list(faults_of_folder(FOLDER)) == []


@pytest.mark.parametrize("code", sorted({*ERRORS, *HINTS} - ELSEWHERE))
def test_code_has_a_case_that_meets_it_and_one_that_does_not(code: str) -> None:
    met = [reports(read_case(path), code) for path in case_files(FOLDER / code)]
    assert True in met, f"no case under {FOLDER / code} is reported as {code}"
    assert False in met, f"every case under {FOLDER / code} is reported as {code}"


@pytest.mark.parametrize("path", case_files(FOLDER), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_case(path: Path, accept: bool) -> None:
    case = read_case(path)
    code = path.parent.name
    check_stages(case, accept=accept, more={"merged": merged})
    if code in {*ERRORS, *HINTS}:
        assert reports(case, code) == path.stem.startswith(("refused", "hinted"))


def reports(case: Case, code: str) -> bool:
    """Whether composing the case's subgraphs reports the code."""
    return any(diagnostic.code == code for diagnostic in CaseRun(case).composition.diagnostics)


def merged(run: CaseRun) -> str:
    """The supergraph without the definitions that are the same in all of them."""
    sdl = run.composition.supergraph_sdl or ""
    parts = [print_ast(node) for node in parse(sdl).definitions if not is_of_specification(node)]
    return "\n\n".join(parts)


def is_of_specification(node: DefinitionNode) -> bool:
    name = getattr(getattr(node, "name", None), "value", "")
    return name == "link" or name.startswith(("join__", "link__"))
