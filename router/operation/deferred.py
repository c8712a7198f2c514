"""The deferred fragments of an operation in normalisation: which groups there are, who delivers what."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field

from graphql import DirectiveNode, SelectionNode, StringValueNode, VariableNode

from router.errors import PlanningError
from router.operation.model import INITIAL, DeferredGroup, GroupPath, Selections, Types

# Each group is a delivery of its own for each object it stands at; more of them than this serve nobody.
MAX_DEFERRED_GROUPS = 200


@dataclass(slots=True)
class _Opened:
    """A group whose selections are not gathered yet."""

    label: str | None
    parent: int
    path: GroupPath
    type_name: str
    selections: Selections = ()


@dataclass
class DeferredGroups:
    """The groups found so far, numbered from 1; 0 stands for the initial response."""

    conditions: Mapping[str, bool]
    is_enabled: bool = False
    _opened: list[_Opened] = field(default_factory=list)
    _known: dict[Hashable, int] = field(default_factory=dict)

    def group_of(self, node: SelectionNode, parent: int, path: GroupPath, type_name: str) -> int:
        """Returns the group that a fragment's fields belong to: one of its own if it is deferred.

        A fragment spread twice at one position, under one label, is one group.
        """
        directive = self._active_directive(node)
        if directive is None:
            return parent
        label = _label(directive)
        name = getattr(node, "name", None)
        key = (parent, path, type_name, label, name.value if name is not None else id(node))
        if key not in self._known:
            if len(self._opened) >= MAX_DEFERRED_GROUPS:
                raise PlanningError(
                    f"The operation defers more than {MAX_DEFERRED_GROUPS} fragments.",
                    "QUERY_PLAN_LIMIT_EXCEEDED",
                )
            self._opened.append(_Opened(label, parent, path, type_name))
            self._known[key] = len(self._opened)
        return self._known[key]

    def _active_directive(self, node: SelectionNode) -> DirectiveNode | None:
        for directive in (node.directives or ()) if self.is_enabled else ():
            if directive.name.value == "defer" and self._holds(directive):
                return directive
        return None

    def _holds(self, directive: DirectiveNode) -> bool:
        for argument in directive.arguments or ():
            if argument.name.value == "if":
                if isinstance(argument.value, VariableNode):
                    return self.conditions.get(argument.value.name.value, True)
                return bool(getattr(argument.value, "value", True))
        return True

    def deliverers(self, asked_by: Iterable[int]) -> frozenset[int]:
        """Returns the groups that deliver a field which `asked_by` ask; none when the initial response does.

        What a group's parent delivers, the group need not.
        """
        asked = frozenset(asked_by)
        if INITIAL in asked:
            return frozenset()
        return frozenset(group for group in asked if not any(one in asked for one in self._parents(group)))

    def _parents(self, group: int) -> Iterable[int]:
        parent = self._opened[group - 1].parent
        while parent != INITIAL:
            yield parent
            parent = self._opened[parent - 1].parent

    def note_position(self, selections: Selections, opened: Iterable[int]) -> None:
        """Notes what the groups opened at a position ask of its object."""
        for group in opened:
            asked = tuple(wanted for wanted in selections if group in wanted.asked_by)
            self._opened[group - 1].selections = asked

    def finished(self) -> tuple[DeferredGroup, ...]:
        """Returns all groups, parents before those nested in them."""
        return tuple(
            DeferredGroup(number, one.label, one.parent, one.path, one.type_name, one.selections)
            for number, one in enumerate(self._opened, 1)
        )


def _label(directive: DirectiveNode) -> str | None:
    for argument in directive.arguments or ():
        if argument.name.value == "label" and isinstance(argument.value, StringValueNode):
            return argument.value.value
    return None


def narrowed_path(path: GroupPath, types: Types) -> GroupPath:
    """Returns the path to only those of its objects that are one of `types`."""
    return path if types is None or not path else (*path[:-1], (path[-1][0], types))
