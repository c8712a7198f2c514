"""Type references as the text GraphQL prints (`[User!]!`): comparable, hashable, cheap."""

from __future__ import annotations

from graphql import ListTypeNode, NamedTypeNode, NonNullTypeNode, TypeNode


def type_text(node: TypeNode) -> str:
    """Print a parsed type reference."""
    if isinstance(node, NamedTypeNode):
        return node.name.value
    if isinstance(node, NonNullTypeNode):
        return type_text(node.type) + "!"
    assert isinstance(node, ListTypeNode), "GraphQL has three kinds of type reference"
    return f"[{type_text(node.type)}]"


def named_type(reference: str) -> str:
    """The type's name without its wrappers."""
    return reference.strip("[]!")


def with_named_type(reference: str, name: str) -> str:
    """The same wrappers around another name."""
    return reference.replace(named_type(reference), name)


def is_required(reference: str) -> bool:
    """Whether the outermost wrapper is `!`."""
    return reference.endswith("!")


def nullable(reference: str) -> str:
    """The reference without its outermost `!`."""
    return reference.removesuffix("!")


def is_list(reference: str) -> bool:
    """Whether the value is a list, nullable or not."""
    return reference.startswith("[")


def item_type(reference: str) -> str:
    """What a list holds."""
    return nullable(reference)[1:-1]
