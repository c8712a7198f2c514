"""Answers in parts, put together again as clients do, strictly: what no client could apply is a fault."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    REMOVE,
    DirectiveNode,
    VariableDefinitionNode,
    Visitor,
    VisitorAction,
    parse,
    print_ast,
    visit,
)

from tests.support.monolith import OracleAnswer, null_positions

Position = tuple[str | int, ...]
Body = Mapping[str, Any]


@dataclass(slots=True)
class Assembled:
    """The data of all payloads together; `failed` are the objects a fragment could not be delivered to."""

    data: Any = None
    errors: list[Mapping[str, Any]] = field(default_factory=list)
    failed: list[Position] = field(default_factory=list)


def assemble_previous(bodies: Sequence[Body]) -> Assembled:
    """Puts payloads of the format of August 2022 together."""
    found = _begin(bodies)
    for body in bodies[1:]:
        assert set(body) <= {"incremental", "hasNext"}, body
        for entry in body.get("incremental", ()):
            target = _object_at(found.data, tuple(entry["path"]))
            found.errors += entry.get("errors", ())
            if entry["data"] is None:
                assert entry["errors"], "a fragment without data says why"
                found.failed.append(tuple(entry["path"]))
            else:
                _merge(target, entry["data"])
    return found


def assemble_current(bodies: Sequence[Body]) -> Assembled:
    """Puts payloads of the current format together; nothing may come twice."""
    found = _begin(bodies)
    pending: dict[str, Position] = {}
    seen: set[str] = set()
    for body in bodies:
        for entry in body.get("pending", ()):
            assert entry["id"] not in seen, "an id is announced once"
            seen.add(entry["id"])
            pending[entry["id"]] = tuple(entry["path"])
        for entry in body.get("incremental", ()):
            target = _object_at(found.data, pending[entry["id"]] + tuple(entry.get("subPath", ())))
            assert not target.keys() & entry["data"].keys(), f"delivered twice: {entry}"
            target.update(copy.deepcopy(entry["data"]))
            found.errors += entry.get("errors", ())
        for entry in body.get("completed", ()):
            path = pending.pop(entry["id"])
            if "errors" in entry:
                assert entry["errors"], "a fragment that fails says why"
                found.errors += entry["errors"]
                found.failed.append(path)
        for path in pending.values():
            _object_at(found.data, path)
    assert not pending, f"never completed: {pending}"
    return found


def _begin(bodies: Sequence[Body]) -> Assembled:
    assert [body["hasNext"] for body in bodies] == [True] * (len(bodies) - 1) + [False]
    return Assembled(copy.deepcopy(bodies[0]["data"]), list(bodies[0].get("errors", ())))


def _object_at(data: Any, path: Position) -> dict[str, Any]:
    for step in path:
        data = data[step]
    assert isinstance(data, dict), f"no object at {path}"
    return data


def _merge(target: Any, source: Any) -> None:
    for key, value in source.items():
        known = target.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            _merge(known, value)
        elif isinstance(known, list) and isinstance(value, list) and len(known) == len(value):
            holder = dict(enumerate(known))
            _merge(holder, dict(enumerate(value)))
            target[key] = list(holder.values())
        else:
            target[key] = copy.deepcopy(value)


def differences_of_parts(expected: OracleAnswer, got: Assembled) -> list[str]:
    """Says in what an assembled answer differs from the oracle's, who deferred nothing.

    Nulls that errors leave may stand lower in parts: they do not leave the fragment they occur in.
    """
    found = list(_differ(expected.data, got.data, (), expected, got))
    # Fields that the router asks for itself, to fill a representation, may have errors of their own.
    visible, _ = null_positions(got.data, got.errors)
    if (expected.errors and not got.errors) or (visible and not expected.errors):
        found.append(f"expected errors {expected.errors}, received {got.errors}")
    return found


def _differ(expected: Any, got: Any, path: Position, oracle: OracleAnswer, parts: Assembled) -> Iterable[str]:
    if expected is None and got is not None:
        paths = [tuple(error.get("path") or ()) for error in oracle.errors]
        if not any(one[: len(path)] == path for one in paths):
            yield f"expected null at {path}, received {got}"
    elif isinstance(expected, dict) and isinstance(got, dict):
        for key in expected.keys() | got.keys():
            if key not in expected:
                yield f"{key} at {path} was not asked"
            elif key in got:
                yield from _differ(expected[key], got[key], (*path, key), oracle, parts)
            elif not any(path[: len(one)] == one for one in parts.failed):
                yield f"{key} at {path} is missing"
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, (one, other) in enumerate(zip(expected, got, strict=True)):
            yield from _differ(one, other, (*path, index), oracle, parts)
    elif expected != got:
        yield f"expected {expected} at {path}, received {got}"


class _WithoutDefer(Visitor):
    """Removes @defer, and the definitions of variables that only it used."""

    def __init__(self, query: str) -> None:
        super().__init__()
        self._query = query

    def enter_directive(self, node: DirectiveNode, *_: object) -> VisitorAction:
        return REMOVE if node.name.value == "defer" else None

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: object) -> VisitorAction:
        name = re.escape(node.variable.name.value)
        uses = re.findall(rf"\${name}\b", self._query)
        return REMOVE if len(uses) == 1 + len(re.findall(rf"@defer\([^)]*\${name}\b", self._query)) else None


def without_defer(query: str) -> str:
    """Returns the operation with nothing deferred."""
    return print_ast(visit(parse(query), _WithoutDefer(query))) if "@defer" in query else query
