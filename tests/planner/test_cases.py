"""Every case of the planner, from its operation to the answer the monolith gives too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cases import case_files, faults_of_folder, read_case
from tests.support.cases_stages import check_stages

FOLDER = Path(__file__).parent / "cases"


def test_folder_holds_cases_only() -> None:
    assert list(faults_of_folder(FOLDER)) == []


@pytest.mark.parametrize("path", case_files(FOLDER), ids=lambda path: path.stem)
def test_case(path: Path, accept: bool) -> None:
    check_stages(read_case(path), accept=accept)
