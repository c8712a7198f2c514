"""Where in Python a schema is written: `Product.price` -> `shop.types.Product.price (shop/types.py:41)`.

Composition knows GraphQL names only; with these a diagnostic can send its reader to the class and field.
"""

from __future__ import annotations

import ast
import os
import sys
from functools import lru_cache
from pathlib import Path

from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.enum import StrawberryEnumDefinition

from subgraphs.kit.schema import KitSchema


def find_origins(schema: KitSchema) -> dict[str, str]:
    """Returns the Python name and place of each type, field and enum value, by schema coordinate."""
    origins: dict[str, str] = {}
    for name, known in schema.schema_converter.type_map.items():
        definition = known.definition
        if isinstance(definition, StrawberryObjectDefinition):
            origins |= _of_class(name, definition.origin, _fields(schema, definition))
        elif isinstance(definition, StrawberryEnumDefinition):
            values = {value.name: value.name for value in definition.values}
            origins |= _of_class(name, definition.wrapped_cls, values)
    return origins


def _fields(schema: KitSchema, definition: StrawberryObjectDefinition) -> dict[str, str]:
    names = schema.config.name_converter
    return {names.get_graphql_name(field): field.python_name for field in definition.fields}


def _of_class(name: str, written: type, members: dict[str, str]) -> dict[str, str]:
    places = {name: _place(written, None)}
    places |= {f"{name}.{shown}": _place(written, member) for shown, member in members.items()}
    return {coordinate: place for coordinate, place in places.items() if place is not None}


def _place(written: type, member: str | None) -> str | None:
    """Returns the first class of the MRO that is written in a file and has the member in its body."""
    for owner in written.__mro__:
        file = getattr(sys.modules.get(owner.__module__), "__file__", None)
        name = owner.__qualname__ if member is None else f"{owner.__qualname__}.{member}"
        line = _lines(file).get(name) if file is not None else None
        if file is not None and line is not None:
            return f"{owner.__module__}.{name} ({os.path.relpath(file)}:{line})"
    return None


@lru_cache(maxsize=1024)
def _lines(file: str) -> dict[str, int]:
    """Returns the line of each class and of each name its body defines, by qualified name."""
    found: dict[str, int] = {}
    waiting: list[tuple[str, ast.stmt]] = [("", node) for node in ast.parse(Path(file).read_bytes()).body]
    while waiting:
        prefix, node = waiting.pop()
        for name in _names(node):
            found.setdefault(f"{prefix}{name}", node.lineno)
        if isinstance(node, ast.ClassDef):
            waiting += [(f"{prefix}{node.name}.", child) for child in node.body]
    return found


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
    return []
