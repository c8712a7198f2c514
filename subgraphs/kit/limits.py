"""How large an operation may be, measured on its text alone with every fragment written out.

Each fragment is measured once and its figures reused, so a document whose fragments double at every step
costs no more to refuse than to read.
"""

from __future__ import annotations

from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from subgraphs.kit.settings import KitSettings


@dataclass(frozen=True, slots=True)
class Size:
    """How deep a selection goes, how much it selects in all, and how much of that at its own level."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    roots: int = 0

    def beside(self, other: Size) -> Size:
        """Returns the size of the two selections next to each other."""
        return Size(
            max(self.depth, other.depth),
            self.fields + other.fields,
            self.aliases + other.aliases,
            self.roots + other.roots,
        )


def find_excess(document: DocumentNode, settings: KitSettings) -> str | None:
    """Returns what is too much about the document, or None."""
    measure = _Measure(document)
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        excess = _excess_of(definition, measure, settings)
        if excess is not None:
            return excess
    return None


def _excess_of(operation: OperationDefinitionNode, measure: _Measure, settings: KitSettings) -> str | None:
    size = measure.selection(operation.selection_set)
    bounds = [
        ("depth", size.depth, settings.query_depth_max),
        ("fields", size.fields, settings.query_fields_max),
        ("aliases", size.aliases, settings.query_aliases_max),
    ]
    if operation.operation is OperationType.MUTATION:
        bounds.append(("number of mutations", size.roots, settings.query_mutations_max))
    for name, found, allowed in bounds:
        if found > allowed:
            return f"The operation's {name} passes the limit of {allowed}"
    return None


class _Measure:
    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._measured: dict[str, Size] = {}
        self._open: set[str] = set()

    def selection(self, selection_set: SelectionSetNode | None) -> Size:
        size = Size()
        for selection in selection_set.selections if selection_set is not None else ():
            if isinstance(selection, FieldNode):
                size = size.beside(self._field(selection))
            elif isinstance(selection, InlineFragmentNode):
                size = size.beside(self.selection(selection.selection_set))
            elif isinstance(selection, FragmentSpreadNode):
                size = size.beside(self._fragment(selection.name.value))
        return size

    def _field(self, field: FieldNode) -> Size:
        below = self.selection(field.selection_set)
        aliased = 1 if field.alias is not None else 0
        return Size(below.depth + 1, below.fields + 1, below.aliases + aliased, roots=1)

    def _fragment(self, name: str) -> Size:
        # A cycle and an unknown name are validation's to refuse; here they must only not hang.
        if name in self._open or name not in self._fragments:
            return Size()
        if name not in self._measured:
            self._open.add(name)
            self._measured[name] = self.selection(self._fragments[name].selection_set)
            self._open.discard(name)
        return self._measured[name]
