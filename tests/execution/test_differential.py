"""graphql-core's executor is the oracle: drawn operations over drawn schemas must end the same.

Compared are the data with the order of its keys, the errors with message, path and locations in their order,
and the order in which resolvers were called, began, ended and asked their loader.

ZELLIGE_EXECUTION_OPERATIONS and ZELLIGE_SEED make longer runs of it (`make fuzz-execution`).
"""

from __future__ import annotations

import os

import pytest

from tests.execution.comparing import compare, draw_case

FIRST_SEED = int(os.environ.get("ZELLIGE_SEED", "0"))
OPERATIONS = int(os.environ.get("ZELLIGE_EXECUTION_OPERATIONS", "600"))
BATCH = 50


@pytest.mark.filterwarnings(
    # What graphql-core cancels before it began is never awaited, and says so.
    "ignore:coroutine .* was never awaited:RuntimeWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)
@pytest.mark.parametrize("first", range(FIRST_SEED, FIRST_SEED + OPERATIONS, BATCH))
async def test_compiled_operations_end_as_graphql_core_ends_them(first: int) -> None:
    print(f"seeds {first} to {first + BATCH - 1}")  # noqa: T201 - to run them again
    compared = 0
    for seed in range(first, first + BATCH):
        case = draw_case(seed)
        if case is None:
            continue
        compared += 1
        differences = await compare(case)
        assert not differences, f"seed {seed}\n{case.text}\n{case.variables}\n" + "\n".join(differences)
    assert compared > BATCH // 2, "the drawers draw mostly invalid operations"
