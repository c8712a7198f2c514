"""The fields an operation asks of one object type, and the functions generated for them at first use."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLObjectType

from subgraphs.kit.execution.collecting import Collected
from subgraphs.kit.execution.field_plan import FieldPlan
from subgraphs.kit.execution.object_source import generate
from subgraphs.kit.execution.paths import LightPath


class ObjectPlan:
    """Completes objects of one type: `run(run, source, path)` returns the map, or a group of open places.

    `run_keys` does so for sources whose fields are keys.
    """

    def __init__(self, compilation: Any, object_type: GraphQLObjectType, collected: Collected) -> None:
        self.object_type = object_type
        self.collected = collected
        self.fields = [
            FieldPlan(compilation, key, nodes, object_type, field)
            for key, nodes in collected.items()
            if (field := compilation.schema.get_field(object_type, nodes[0].name.value)) is not None
        ]
        self._compilation = compilation
        self._alone: list[ObjectPlan] | None = None
        self.run: Any = self._run_first
        self.run_keys: Any = self._run_keys_first

    def fields_alone(self) -> list[ObjectPlan]:
        """Returns a plan for each of the fields, to be run one after the other."""
        if self._alone is None:
            self._alone = [
                ObjectPlan(self._compilation, self.object_type, {key: nodes})
                for key, nodes in self.collected.items()
            ]
        return self._alone

    def _run_first(self, run: Any, source: Any, path: LightPath | None) -> Any:
        self.run = generate(self, by_key=False, with_middleware=self._compilation.with_middleware)
        return self.run(run, source, path)

    def _run_keys_first(self, run: Any, source: Any, path: LightPath | None) -> Any:
        self.run_keys = generate(self, by_key=True, with_middleware=self._compilation.with_middleware)
        return self.run_keys(run, source, path)
