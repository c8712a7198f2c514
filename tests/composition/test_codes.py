"""Every code of composition is found where its name says: a file of its own, and a folder of cases."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import router.composition
from router.composition.codes import ERRORS, HINTS

ROOM = Path(router.composition.__file__).parent
CASES = Path(__file__).parent / "cases"

# code -> why no rule of composition reports it
OF_THE_RUNNING_ROUTER = {
    "INVALID_FEDERATION_SUPERGRAPH": "a document given as a supergraph is none",
    "DOWNSTREAM_SERVICE_ERROR": "a subgraph answered with an error",
}
# code -> why no case meets it
WITHOUT_CASES = {
    **OF_THE_RUNNING_ROUTER,
    "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED": "a case has no limits of its own; test_limits.py lowers them",
}
CODES = {*ERRORS, *HINTS}


@pytest.mark.parametrize("code", sorted(CODES - OF_THE_RUNNING_ROUTER.keys()))
def test_code_has_a_file_of_its_name_that_says_the_rule_and_where_it_is_specified(code: str) -> None:
    files = sorted(ROOM.rglob(f"{code.lower()}.py"))
    assert files, f"no file under {ROOM} is called {code.lower()}.py"
    for path in files:
        rule, _, reference = (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n\n")
        assert rule.startswith(f"{code}: ") and rule.endswith("."), path
        assert reference.startswith("https://"), path


@pytest.mark.parametrize("code", sorted(CODES - WITHOUT_CASES.keys()))
def test_code_has_a_folder_of_cases(code: str) -> None:
    assert sorted((CASES / code).glob("*.case"))


def test_exceptions_are_codes_and_hold_still() -> None:
    assert WITHOUT_CASES.keys() <= CODES
    assert [code for code in OF_THE_RUNNING_ROUTER if [*ROOM.rglob(f"{code.lower()}.py")]] == []
    assert [code for code in WITHOUT_CASES if (CASES / code).exists()] == []
