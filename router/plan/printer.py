"""A plan as text for people and case files, and as JSON for tools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import indent
from typing import Any

from graphql import parse, print_ast

from router.plan.model import (
    ContextValue,
    DeferredPart,
    Entities,
    Fetch,
    Path,
    Plan,
    Representation,
    RepresentedField,
)


def print_plan(plan: Plan) -> str:
    """Returns the plan as indented text: levels in sequence, the fetches of a level in parallel."""
    if plan.parts:
        return _block("Plan", _print_parts(plan))
    return _block("Plan", _print_levels(plan.levels()))


def _block(title: str, lines: Iterable[str]) -> str:
    body = indent("\n".join(lines), "  ")
    return f"{title} {{\n{body}\n}}" if body else f"{title} {{}}"


def _print_parts(plan: Plan) -> Iterator[str]:
    """Yields the fetches of the initial response, then those of each part; shared ones stand in between."""
    levels = plan.levels()
    sets = {fetch.deferred for fetch in plan.fetches} | {(), *((part.id,) for part in plan.parts)}
    for parts in sorted(sets):
        own = [[fetch for fetch in level if fetch.deferred == parts] for level in levels]
        title = " and ".join(_print_part(plan.parts[number - 1]) for number in parts) or "Initial"
        yield _block(title, _print_levels([level for level in own if level]))


def _print_part(part: DeferredPart) -> str:
    label = f", label: {part.label!r}" if part.label is not None else ""
    parent = f", in: {part.parent}" if part.parent else ""
    return f"Deferred(part: {part.id}{label}, path: {print_path(part.path)}{parent})"


def _print_levels(levels: list[list[Fetch]]) -> Iterator[str]:
    if not levels:
        return
    if len(levels) == 1:
        yield from _print_level(levels[0])
        return
    yield "Sequence {"
    for level in levels:
        yield indent("\n".join(_print_level(level)), "  ")
    yield "}"


def _print_level(fetches: list[Fetch]) -> Iterator[str]:
    if len(fetches) == 1:
        yield _print_fetch(fetches[0])
        return
    yield "Parallel {"
    for fetch in fetches:
        yield indent(_print_fetch(fetch), "  ")
    yield "}"


def _print_fetch(fetch: Fetch) -> str:
    after = f", after: {', '.join(map(str, fetch.after))}" if fetch.after else ""
    path = f", path: {print_path(fetch.path)}" if fetch.path else ""
    lines = [f"Fetch(id: {fetch.id}, service: {fetch.service}{path}{after}) {{"]
    lines += (indent(_print_entities(entities), "  ") for entities in fetch.entities)
    lines.append(indent(print_ast(parse(fetch.document)), "  "))
    if fetch.renames:
        lines.append("  renames: " + ", ".join(f"{a} -> {b}" for a, b in sorted(fetch.renames.items())))
    if fetch.apart is not None:
        lines.append("  (apart when something required is missing)")
    lines.append("}")
    return "\n".join(lines)


def _print_entities(entities: Entities) -> str:
    paths = ", ".join(print_path(path) for path in entities.paths)
    needs = " ".join(_print_representation(one) for one in entities.representations)
    context = "".join(_print_context(one, entities.paths[0]) for one in entities.context)
    return f"${entities.variable} of {paths} by {needs}{context}"


def _print_context(one: ContextValue, path: Path) -> str:
    return f", ${one.variable} from {print_path(path[: one.depth])} {{ {_print_fields(one.fields)} }}"


def _print_representation(one: Representation) -> str:
    types = "" if one.types is None else "|".join(sorted(one.types)) + " "
    typename = "" if one.typename is None else f'__typename: "{one.typename}" '
    return f"{types}{{ {typename}{_print_fields(one.fields)} }}"


def _print_fields(fields: Iterable[RepresentedField]) -> str:
    parts: list[str] = []
    for field in fields:
        key = "" if field.key == field.name else f": {field.key}"
        below = "" if field.fields is None else f" {{ {_print_fields(field.fields)} }}"
        types = "" if field.types is None else f"... on {'|'.join(sorted(field.types))} "
        parts.append(f"{types}{field.name}{key}{below}")
    return " ".join(parts)


def print_path(path: Path) -> str:
    """Returns a path with dots between its steps, the root as a single dot."""
    return ".".join(map(str, path)) or "."


def plan_to_map(plan: Plan) -> dict[str, Any]:
    """Returns the plan as plain values for JSON."""
    found: dict[str, Any] = {"kind": plan.kind, "fetches": [_fetch_to_map(fetch) for fetch in plan.fetches]}
    if plan.parts:
        found["parts"] = [
            {"id": part.id, "label": part.label, "parent": part.parent, "path": print_path(part.path)}
            for part in plan.parts
        ]
    return found


def _fetch_to_map(fetch: Fetch) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": fetch.id,
        "service": fetch.service,
        "kind": fetch.kind,
        "operation": fetch.document,
        "variables": list(fetch.variables),
        "after": list(fetch.after),
    }
    if fetch.path:
        found["path"] = print_path(fetch.path)
    if fetch.entities:
        found["entities"] = [
            {
                "variable": entities.variable,
                "paths": [print_path(path) for path in entities.paths],
                "representations": [_print_representation(one) for one in entities.representations],
            }
            for entities in fetch.entities
        ]
    if fetch.renames:
        found["renames"] = dict(fetch.renames)
    if fetch.deferred:
        found["deferred"] = list(fetch.deferred)
    if fetch.apart is not None:
        found["apart"] = _fetch_to_map(fetch.apart)
    return found
