"""What a supergraph links, and the names linked directives go by in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import DocumentNode, SchemaDefinitionNode, SchemaExtensionNode, value_from_ast_untyped


def applications(node: Any, directive: str) -> Iterator[dict[str, Any]]:
    """Yields the arguments of every application of `directive` on `node`, as plain values."""
    for applied in node.directives or ():
        if applied.name.value == directive:
            yield {a.name.value: value_from_ast_untyped(a.value) for a in applied.arguments or ()}


def links_of(document: DocumentNode) -> list[dict[str, Any]]:
    """Returns the arguments of every `@link` on the schema."""
    return [
        arguments
        for node in document.definitions
        if isinstance(node, (SchemaDefinitionNode, SchemaExtensionNode))
        for arguments in applications(node, "link")
    ]


def link_name(link: dict[str, Any]) -> str:
    """Returns the name a linked spec goes by; its definitions are called NAME or NAME__something."""
    parts = str(link.get("url", "")).rstrip("/").split("/")
    return str(link.get("as") or (parts[-2] if len(parts) > 1 else ""))


def linked_directive(document: DocumentNode, feature: str) -> str | None:
    """Returns what the directive that gives a spec its name is called; None when it is not linked."""
    for link in links_of(document):
        if f"/{feature}/v" in str(link.get("url", "")):
            for imported in link.get("import") or ():
                if isinstance(imported, dict) and imported.get("name") == f"@{feature}":
                    return str(imported.get("as", f"@{feature}")).lstrip("@")
            return link_name(link)
    return None
