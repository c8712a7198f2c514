"""Generates the visit of the objects that an origin brings.

Those of abstract type become what their `__typename` says, those that are equal become one, and those that a
later fetch or the hiding needs are noted in their cohort. What is exchanged for an equal one is not visited
further: nobody will see it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graphql import GraphQLList, GraphQLNonNull

from router.executor.compiled.identity import is_typed, tuple_of
from router.executor.compiled.shape import Origin, Shape, ShapeField
from router.executor.compiled.slots import Slots
from router.executor.compiled.source import Source
from router.executor.compiled.structs import StructTypes, make_tagged


@dataclass(frozen=True, slots=True)
class _Value:
    """A value under visit: the variable it is in, the place it stands at, and the object that holds it.

    `holder` is None within lists.
    """

    variable: str
    place: str
    holder: str | None


class VisitEmitter:
    """Emits the visits of what one origin brings into `source`; `s` is the state."""

    def __init__(self, source: Source, types: StructTypes, slots: Slots, origin: Origin) -> None:
        self._source = source
        self._types = types
        self._slots = slots
        self._origin = origin

    def visit_fields(self, fields: Iterable[ShapeField], variable: str) -> None:
        """Visits the objects under these fields of the object in `variable`."""
        for one in fields:
            if self.needs_visits((one,)):
                value = _Value(self._source.fresh("v"), f"{variable}.{one.attribute}", variable)
                self._source.add(f"{value.variable} = {value.place}")
                made = self._visit_value(one, one.type, value)
                if one.is_tagged:
                    self._source.add(f"{value.place} = {made}")

    def needs_visits(self, fields: Iterable[ShapeField]) -> bool:
        """Whether `visit_fields` would emit anything."""
        return any(
            one.is_tagged or any(self._is_visited(one, shape) for shape in one.below.values())
            for one in fields
            if one.below is not None and self._origin in one.providers
        )

    def _is_visited(self, one: ShapeField, shape: Shape) -> bool:
        if not one.is_created_by(self._origin):
            return self.needs_visits(shape.brought_by(self._origin))
        shape = shape.canonical()
        is_kept = shape.is_dead or shape.cohort is not None
        return is_kept or self.needs_visits(shape.brought_by(self._origin))

    def _visit_value(self, one: ShapeField, type_: object, value: _Value) -> str:
        """Emits the visit of a value; returns the variable that holds what it becomes."""
        source, made = self._source, value.variable
        if isinstance(type_, GraphQLNonNull):
            if one.is_tagged:
                source.add(f"if {made} is None: raise NotClean('null')")
            return self._visit_present(one, type_.of_type, value)
        with source.block(f"if {made} is not None:"):
            found = self._visit_present(one, type_, value)
            if found != made:
                source.add(f"{made} = {found}")
        return made

    def _visit_present(self, one: ShapeField, type_: object, value: _Value) -> str:
        source, variable = self._source, value.variable
        if not isinstance(type_, GraphQLList):
            return self._visit_object(one, value)
        item, items = source.fresh("i"), source.fresh("l")
        if one.is_tagged:
            source.add(f"if {variable}.__class__ is not list: raise NotClean('no list')")
            source.add(f"{items} = []")
            head, place = f"for {item} in {variable}:", ""
        elif self._is_interned(one):
            number = source.fresh("n")
            head, place = f"for {number}, {item} in enumerate({variable}):", f"{variable}[{number}]"
        else:
            head, place = f"for {item} in {variable}:", ""
        with source.block(head):
            made = self._visit_value(one, type_.of_type, _Value(item, place, None))
            if one.is_tagged:
                source.add(f"{items}.append({made})")
        return items if one.is_tagged else variable

    def _is_interned(self, one: ShapeField) -> bool:
        return one.is_created_by(self._origin) and any(
            shape.canonical().interned_by for shape in (one.below or {}).values()
        )

    def _visit_object(self, one: ShapeField, value: _Value) -> str:
        assert one.below is not None, "only composites are visited"
        source = self._source
        if not one.is_tagged:
            (shape,) = one.below.values()
            self._visit_shape(one, shape, value)
            return value.variable
        types = self._types.by_name(one, self._origin)
        made = source.fresh("o")
        source.add(f"{made} = {source.bind('tagged', make_tagged(types))}({value.variable})")
        word = "if"
        for name, type_ in types.items():
            if self._is_visited(one, one.below[name]):
                with source.block(f"{word} {made}.__class__ is {source.bind('Type', type_)}:"):
                    # Whoever asked for the value puts it in its place.
                    self._visit_shape(one, one.below[name], replace(value, variable=made, place=made))
                word = "elif"
        return made

    def _visit_shape(self, one: ShapeField, shape: Shape, value: _Value) -> None:
        if one.is_created_by(self._origin):
            shape = shape.canonical()
            if shape.is_dead:
                self._source.add("raise NotClean('an object that cannot be answered')")
            if shape.interned_by:
                self._intern(one, shape, value)
                return
            if shape.cohort is not None:
                self._source.add(f"{self._append(f's[{shape.cohort}]')}({value.variable})")
        self.visit_fields(shape.brought_by(self._origin), value.variable)

    def _intern(self, one: ShapeField, shape: Shape, value: _Value) -> None:
        """Emits the exchange of an object for the first one that is equal to it; that one is visited.

        Each is known with those that hold it: `finish` puts its bytes there when these are several.
        """
        source, variable = self._source, value.variable
        key = self._emit_key(shape, variable)
        # Only objects that are held alike can be exchanged by their bytes together.
        purpose = ("interned", shape.cohort, one.attribute if value.holder is not None else None)
        known, first = source.hoist(self._slots.a_map(*purpose)), source.fresh("h")
        source.add(f"{first} = {known}.get({key})")
        with source.block(f"if {first} is not None and {self._is_equal(shape, first, variable)}:"):
            source.add(f"{value.place} = {first}[0]")
            if value.holder is not None:
                source.add(f"{first}.append({value.holder})")
        with source.block("else:"):
            # One that differs from the known one of its key is by itself.
            held = f"[{variable}, {value.holder}]" if value.holder is not None else f"[{variable}]"
            source.add(f"if {first} is None: {known}[{key}] = {held}")
            source.add(f"{self._append(f's[{shape.cohort}]')}({variable})")
            self.visit_fields(shape.brought_by(self._origin), variable)

    def _emit_key(self, shape: Shape, variable: str) -> str:
        """Emits the reading of what objects are looked up by; returns the expression of the key."""
        source = self._source
        variables = [source.fresh("k") for _ in shape.interned_by]
        for field, name in zip(shape.interned_by, variables, strict=True):
            source.add(f"{name} = {variable}.{field.attribute}")
        key = tuple_of(variables, with_classes=not all(is_typed(one) for one in shape.interned_by))
        if key.isidentifier():
            return key
        name = source.fresh("k")
        source.add(f"{name} = {key}")
        return name

    def _is_equal(self, shape: Shape, first: str, variable: str) -> str:
        came = [one for one in shape.brought_by(self._origin) if one.constant is None]
        return "True" if len(came) == len(shape.interned_by) else f"{first}[0] == {variable}"

    def _append(self, place: str) -> str:
        return self._source.hoist(f"{place}.append")
