"""Generates what a row of an answer sets on the objects it is for.

Where the row holds objects that another origin created (two subgraphs that each know some fields of one
value), their fields are set on those that are there, one by one.
"""

from __future__ import annotations

from collections.abc import Iterable

from graphql import GraphQLList, get_nullable_type

from router.executor.compiled.shape import Origin, Shape, ShapeField
from router.executor.compiled.source import Source
from router.executor.compiled.structs import StructTypes


class SettingEmitter:
    """Emits the setting of what `origin` brings."""

    def __init__(self, source: Source, types: StructTypes, origin: Origin) -> None:
        self._source = source
        self._types = types
        self._origin = origin

    def set_fields(self, brought: Iterable[ShapeField], target: Shape, row: str, variable: str) -> None:
        """Emits the setting of the fields of `row` on the object in `variable`, of the shape `target`."""
        for mine in brought:
            theirs = target.fields[mine.key]
            value, place = f"{row}.{mine.attribute}", f"{variable}.{theirs.attribute}"
            if theirs.below is not None and not theirs.is_created_by(self._origin):
                self._add_to_value(mine, theirs, theirs.type, value, place)
            elif theirs.constant is None and not _was_there(theirs, target):
                set_it = f"{place} = {value}"
                if len(theirs.providers) > 1:
                    set_it = f"if {place} is None or {place} is UNSET: {set_it}"
                self._source.add(set_it)

    def set_nulls(self, brought: Iterable[ShapeField], target: Shape, variable: str) -> None:
        """Emits what a row that is null sets: null where that may be, else the answer is not clean.

        It may not be for what is sent on: a field that did not come is not sent as null.
        """
        fields = [target.fields[one.key] for one in brought]
        if not all(self._may_be_null(one) for one in fields):
            self._source.add("raise NotClean('no entity')")
            return
        for one in fields:
            place = f"{variable}.{one.attribute}"
            self._source.add(f"if {place} is UNSET: {place} = None")

    def _may_be_null(self, one: ShapeField) -> bool:
        is_added_to = one.below is not None and not one.is_created_by(self._origin)
        return not (is_added_to or one.is_sent or one.is_non_null or one.constant is not None)

    def _add_to_value(
        self, mine: ShapeField, theirs: ShapeField, type_: object, value: str, place: str
    ) -> None:
        source = self._source
        new, there = source.fresh("n"), source.fresh("t")
        source.add(f"{new} = {value}")
        source.add(f"{there} = {place}")
        source.add(f"if {there} is UNSET: raise NotClean('an object that did not come')")
        with source.block(f"if {new} is None or {there} is None:"):
            source.add(f"if {new} is not {there}: raise NotClean('subgraphs that contradict each other')")
        with source.block("else:"):
            bare = get_nullable_type(type_)  # type: ignore[arg-type]
            if not isinstance(bare, GraphQLList):
                self._add_to_object(mine, theirs, new, there)
                return
            source.add(f"if len({new}) != len({there}): raise NotClean('lists of different lengths')")
            item, known = source.fresh("n"), source.fresh("t")
            with source.block(f"for {item}, {known} in zip({new}, {there}):"):
                self._add_to_value(mine, theirs, bare.of_type, item, known)

    def _add_to_object(self, mine: ShapeField, theirs: ShapeField, new: str, there: str) -> None:
        assert mine.below is not None and theirs.below is not None, "both hold objects"
        source = self._source
        if not theirs.is_tagged:
            ((name, shape),) = mine.below.items()
            self.set_fields(shape.brought_by(self._origin), theirs.below[name], new, there)
            return
        types = self._types.by_name(mine, self._origin)
        word = "if"
        for name, type_ in types.items():
            known = source.bind("Type", self._types.of_shape(theirs.below[name]))
            with source.block(f"{word} {there}.__class__ is {known}:"):
                part = source.bind("Type", type_)
                source.add(f"if {new}.__class__ is not {part}: raise NotClean('an object of two types')")
                self.set_fields(mine.below[name].brought_by(self._origin), theirs.below[name], new, there)
            word = "elif"


def _was_there(one: ShapeField, target: Shape) -> bool:
    """Whether whoever created the object brought a value that cannot be null."""
    return one.providers[0] == target.origin and one.is_non_null
