"""Turns finished steps into a plan of fetches."""

from __future__ import annotations

import re
from dataclasses import replace

from router.operation import Operation
from router.plan import DeferredPart, Entities, Fetch, FetchedField, PathStep, Plan, Representation
from router.planner.build.document import DocumentPrinter, PrintedSelection
from router.planner.fetches.step import EntityGroup, GroupContext, Step
from router.supergraph import Supergraph

_NOT_A_NAME = re.compile(r"\W")


def build_plan(supergraph: Supergraph, operation: Operation, steps: list[Step]) -> Plan:
    """Returns the plan of `steps`, which are sorted with parents first."""
    numbers = {step.id: number for number, step in enumerate(steps)}
    builder = _Builder(supergraph, operation)
    parts = tuple(
        DeferredPart(group.id, group.label, group.parent, tuple(PathStep(*step) for step in group.path))
        for group in operation.groups
    )
    return Plan(operation.kind, tuple(builder.fetch(step, numbers) for step in steps), parts)


class _Builder:
    def __init__(self, supergraph: Supergraph, operation: Operation) -> None:
        self._supergraph = supergraph
        self._operation = operation
        self._definitions = {definition.name: definition for definition in operation.variables}

    def fetch(self, step: Step, numbers: dict[int, int]) -> Fetch:
        fetch = self._fetch(step, step.groups, numbers)
        if not any(group.parts for group in step.groups):
            return fetch
        parts = [part for group in step.groups for part in group.parts or [group]]
        return replace(fetch, apart=self._fetch(step, parts, numbers))

    def _fetch(self, step: Step, groups: list[EntityGroup], numbers: dict[int, int]) -> Fetch:
        printer = DocumentPrinter(self._supergraph, step.graph)
        service = self._supergraph.subgraphs[step.graph].name
        entities: tuple[Entities, ...] = ()
        if groups:
            entities, text = self._entities(groups, printer)
            fetched: tuple[FetchedField, ...] = ()
        else:
            assert step.output is not None, "a step without groups is a root step"
            printed = printer.print_root(step.output, self._supergraph.root_types[step.kind])
            text, fetched = printed.text, printed.fields
        name = self._operation_name(service, numbers[step.id])
        used = sorted(printer.variables)
        context = [one for group in groups for one in group.context]
        header = self._header(step.kind, name, used, entities, context)
        return Fetch(
            numbers[step.id],
            service,
            step.kind,
            header + text,
            name,
            tuple(used),
            step.path,
            entities,
            tuple(sorted(numbers[parent.id] for parent in step.after)),
            printer.renames,
            selection=fetched,
            deferred=tuple(sorted(step.deferred)),
        )

    def _operation_name(self, service: str, number: int) -> str | None:
        if self._operation.name is None:
            return None
        return _NOT_A_NAME.sub("_", f"{self._operation.name}__{service}__{number}")

    def _header(
        self,
        kind: str,
        name: str | None,
        used: list[str],
        entities: tuple[Entities, ...],
        context: list[GroupContext],
    ) -> str:
        variables = [f"${one.variable}: [_Any!]!" for one in entities]
        variables += [f"${one.value.variable}: {one.type}" for one in context]
        variables += [str(self._definitions[variable]) for variable in used]
        if kind == "query" and name is None and not variables:
            return ""
        listed = f"({', '.join(variables)})" if variables else ""
        return f"{kind}{' ' + name if name else ''}{listed}"

    def _entities(
        self, groups: list[EntityGroup], printer: DocumentPrinter
    ) -> tuple[tuple[Entities, ...], str]:
        """Returns the entity selections; groups that ask the same of the same kind of objects share one."""
        shared: dict[tuple[tuple[Representation, ...], PrintedSelection], list[EntityGroup]] = {}
        for group in groups:
            selection = printer.print_entities(group.output, self._types(group), group.interface_object)
            shared.setdefault((tuple(group.representations), selection), []).append(group)
        found: list[Entities] = []
        texts: list[str] = []
        for index, ((representations, selection), same) in enumerate(shared.items()):
            key = "_entities" if len(shared) == 1 else f"_entities_{index}"
            variable = self._free_variable(
                "representations" if len(shared) == 1 else f"representations_{index}"
            )
            alias = "" if key == "_entities" else f"{key}: "
            texts.append(f"{alias}_entities(representations: ${variable}){selection.text}")
            paths = tuple(group.path for group in same)
            context = tuple(one.value for one in same[0].context)
            found.append(Entities(key, variable, paths, representations, context, selection.fields))
        return tuple(found), "{" + " ".join(texts) + "}"

    def _types(self, group: EntityGroup) -> frozenset[str]:
        fields = group.output.fields.values()
        return frozenset().union(*(field.types for field in fields if field.types is not None))

    def _free_variable(self, wanted: str) -> str:
        while wanted in self._definitions:
            wanted += "_"
        return wanted
