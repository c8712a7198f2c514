"""Prints an operation that a client could send and no router could answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from router.composition.merge.model import MergedField, MergedInput, MergedSchema
from router.composition.subgraph.model import Kind
from router.composition.subgraph.type_ref import is_list, is_required, named_type, nullable

_EXAMPLES = {"Int": "1", "Float": "1.0", "Boolean": "true", "ID": '"1"', "String": '"text"'}


@dataclass(frozen=True, slots=True)
class Step:
    """One field of the witness, on an object of this type."""

    type_name: str
    field: MergedField


def print_witness(steps: Sequence[Step], schema: MergedSchema) -> str:
    """The operation that takes the steps, with type conditions where a value could be of several types."""
    lines = [f"{steps[0].type_name.lower()} {{"]
    depth = 1
    static = steps[0].type_name
    for step in steps:
        if step.type_name != static:
            lines.append(f"{'  ' * depth}... on {step.type_name} {{")
            depth += 1
        lines.append(f"{'  ' * depth}{step.field.name}{_arguments(step.field, schema)} {{")
        depth += 1
        static = named_type(step.field.type)
    last = schema.types.get(static)
    if last is None or last.kind in (Kind.SCALAR, Kind.ENUM):
        lines[-1] = lines[-1].removesuffix(" {")
    else:
        lines.append(f"{'  ' * depth}__typename")
        lines.append(f"{'  ' * (depth - 1)}}}")
    lines += [f"{'  ' * level}}}" for level in reversed(range(depth - 1))]
    return "\n".join(lines)


def _arguments(field: MergedField, schema: MergedSchema) -> str:
    needed = [argument for argument in field.arguments.values() if argument.is_mandatory]
    if not needed:
        return ""
    return "(" + ", ".join(f"{a.name}: {_example(a.type, schema, 0)}" for a in needed) + ")"


def _example(reference: str, schema: MergedSchema, depth: int) -> str:
    if is_list(reference):
        return "[]"
    name = named_type(nullable(reference))
    merged = schema.types.get(name)
    if merged is None or merged.kind is Kind.SCALAR or depth > 4:
        return _EXAMPLES.get(name, '"..."')
    if merged.kind is Kind.ENUM:
        return next(iter(merged.values), "UNKNOWN")
    needed: list[MergedInput] = [
        f for f in merged.input_fields.values() if is_required(f.type) and not f.default
    ]
    return "{" + ", ".join(f"{f.name}: {_example(f.type, schema, depth + 1)}" for f in needed) + "}"
