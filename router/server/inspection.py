"""What a request did, in `extensions.zellige` of its answer, for tools that ask for it by header.

`{plan, fetches: [{id, service, startMs, endMs, bytes, entities, cache, error}], phases, planningMs,
totalMs}`; times are milliseconds since the request came in.
"""

from __future__ import annotations

from collections.abc import Iterable
from time import perf_counter
from typing import Any

from router.plan import Plan, plan_to_map
from router.response.result import GraphQLResult, ResponseError
from router.telemetry.record import ErrorRecord, FetchRecord, OperationRecord, RequestRecord

KEY = "zellige"
_PLANNING = frozenset({"normalize", "plan", "compile"})


def with_trace(result: GraphQLResult, record: RequestRecord, operation: OperationRecord) -> GraphQLResult:
    """Returns the result with its trace; the one given, which others may share, stays as it was."""
    extensions = {**result.extensions, **trace_extension(record, operation)}
    if result.encoded is not None:
        return GraphQLResult(None, result.errors, extensions, encoded=result.encoded)
    return GraphQLResult(result.data, result.errors, extensions, executed=result.executed)


def note_errors(operation: OperationRecord, errors: Iterable[ResponseError]) -> None:
    """Adds what a client is told of went wrong to the record of the operation."""
    found = [ErrorRecord(error.code, error.extensions.get("serviceName")) for error in errors]
    if found:
        operation.errors = (*operation.errors, *found)


def trace_extension(record: RequestRecord, operation: OperationRecord) -> dict[str, Any]:
    """Returns the extension of an answer that is made now."""
    start = record.started_at
    phases = [
        {"name": one.name, "startMs": _ms(one.started_at - start), "endMs": _ms(one.ended_at - start)}
        for one in operation.phases
    ]
    planning_s = sum(one.ended_at - one.started_at for one in operation.phases if one.name in _PLANNING)
    trace: dict[str, Any] = {
        "plan": plan_to_map(operation.plan) if isinstance(operation.plan, Plan) else None,
        "fetches": [_describe(fetch, start) for fetch in operation.fetches],
        "phases": phases,
        "planningMs": _ms(planning_s),
        "totalMs": _ms(perf_counter() - start),
    }
    return {KEY: trace}


def _describe(fetch: FetchRecord, start: float) -> dict[str, Any]:
    # A fetch that has no end yet is one for a part of the answer that nobody waits for any more.
    return {
        "id": fetch.fetch_id,
        "service": fetch.service,
        "startMs": _ms(fetch.started_at - start),
        "endMs": _ms(fetch.ended_at - start) if fetch.ended_at else None,
        "bytes": fetch.bytes_received,
        "entities": fetch.entities,
        "cache": fetch.cache,
        "error": fetch.error,
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 3)
