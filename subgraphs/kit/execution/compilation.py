"""What all plans of one operation share while they are made."""

from __future__ import annotations

from typing import Any

from graphql import FieldNode, GraphQLField, GraphQLObjectType, default_field_resolver

from subgraphs.kit.execution.resolution import Call, Resolution
from subgraphs.kit.execution.selection import Selection


class Compilation:
    """The operation, and how its fields are resolved; with middleware, always by their resolvers."""

    def __init__(self, operation: Any, *, with_middleware: bool) -> None:
        self.schema = operation.schema
        self.fragments = operation.fragments
        self.binding = operation.binding
        self.hide_suggestions = operation.hide_suggestions
        self.with_middleware = with_middleware
        self._fallbacks: dict[str, str] = operation.fallbacks
        self._indexes = 0

    def next_index(self) -> int:
        """Returns a number that nothing else of the operation has."""
        self._indexes += 1
        return self._indexes

    def selection(self, nodes: list[FieldNode], declared: Any) -> Selection:
        """Returns what these nodes together ask of their values."""
        return Selection(self, [node.selection_set for node in nodes if node.selection_set], declared)

    def resolution_of(self, name: str, field: GraphQLField, parent: GraphQLObjectType) -> Resolution:
        """Returns how the field is resolved, and notes when that is left to the framework."""
        if self.with_middleware:
            return Call(field.resolve or default_field_resolver)
        resolution = self.binding.resolution_of(name, field, parent.name)
        if isinstance(resolution, Call) and resolution.fallback is not None:
            self._fallbacks[f"{parent.name}.{name}"] = resolution.fallback
        return resolution
