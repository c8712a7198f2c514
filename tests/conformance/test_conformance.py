"""Every operation of the public conformance suites, on the given supergraph and on our own composition."""

from __future__ import annotations

import pytest

from tests.support import conformance
from tests.support.run_router import Request

if not conformance.suites():
    pytest.skip(
        f"no conformance suites in {conformance.FOLDER}; ZELLIGE_CONFORMANCE may name their folder",
        allow_module_level=True,
    )

PARAMETERS = [
    pytest.param(way, operation, id=f"{way}-{operation.suite}-{operation.index}")
    for way in conformance.WAYS
    for suite in conformance.suites()
    for operation in conformance.operations(suite)
]


@pytest.mark.parametrize(("way", "operation"), PARAMETERS)
async def test_operation_is_answered_as_expected(
    way: str, operation: conformance.ConformanceOperation
) -> None:
    router = conformance.router_of(operation.suite, way)
    answer = await router.execute(Request(operation.query))
    mismatches = operation.mismatches(answer)
    assert not mismatches, "\n".join([*mismatches, conformance.explain(operation, way, answer)])
