"""Generates how the objects of a fetch are represented: each distinct one once, with who it stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import msgspec

from router.executor.compiled.identity import is_hashable, is_typed, tuple_of
from router.executor.compiled.shape import Shape, ShapeField, UncompilableError
from router.executor.compiled.source import Source
from router.executor.merge.representations import represent_value
from router.plan import Entities, RepresentedField

TypeNames = Mapping[type[msgspec.Struct], str]


@dataclass(frozen=True, slots=True)
class _Sent:
    """A field of a representation, and where the object has it."""

    name: str
    field: ShapeField
    below: tuple[RepresentedField, ...] | None
    is_required: bool


def emit_represent(
    source: Source, entities: Entities, positions: Mapping[Shape, str], sent: str, names: TypeNames
) -> None:
    """Emits the filling of `sent` with the distinct representations of one entity group.

    `positions` says for each shape whose objects are represented where to note their places in `sent`;
    `names` are the GraphQL types of Structs that stand for abstract ones.
    """
    wanted: dict[Shape, tuple[str | None, list[_Sent]]] = {}
    for shape in positions:
        try:
            wanted[shape] = _sent_fields(entities, shape)
        except UncompilableError:
            if len(positions) == 1:
                raise
            # The plan knows that the subgraph has no objects of this type at this place.
            source.add(f"if s[{shape.cohort}]: raise NotClean('objects nobody foresaw')")
    how = _identification([one for one in wanted.values() if one[0] is not None])
    source.add("known = {}")
    for shape, (typename, fields) in wanted.items():
        if typename is not None:
            loop = _Loop(source, shape, typename, fields, names)
            loop.emit(positions[shape], sent, how)


class _Identified(Enum):
    """How equal representations are told, the cheapest way first."""

    BY_VALUES = auto()
    BY_CLASSES = auto()
    BY_BYTES = auto()


def _identification(sent: Sequence[tuple[str | None, Sequence[_Sent]]]) -> _Identified:
    """Returns the cheapest way that tells all that a group sends, which stands under one set of keys."""
    fields = [one for _, of_shape in sent for one in of_shape]
    alike = {(typename, tuple(one.name for one in of_shape)) for typename, of_shape in sent}
    if len(alike) > 1 or not all(one.below is None and is_hashable(one.field) for one in fields):
        return _Identified.BY_BYTES
    return _Identified.BY_VALUES if all(is_typed(one.field) for one in fields) else _Identified.BY_CLASSES


class _Loop:
    """Emits the loop over the objects of one shape."""

    def __init__(
        self, source: Source, shape: Shape, typename: str, fields: Sequence[_Sent], names: TypeNames
    ) -> None:
        self._source = source
        self._names = names
        self._shape = shape
        self._typename = typename
        self._fields = fields

    def emit(self, positions: str, sent: str, how: _Identified) -> None:
        """Emits it; equal representations are told by `how`."""
        source = self._source
        at = source.hoist(f"{positions}.append")
        with source.block(f"for o in s[{self._shape.cohort}]:"):
            values = [self._emit_value(one) for one in self._fields]
            pairs = "".join(f", {one.name!r}: {v}" for one, v in zip(self._fields, values, strict=True))
            made = f"{{'__typename': {self._typename!r}{pairs}}}"
            if how is _Identified.BY_BYTES:
                source.add(f"r = {made}")
                made, key = "r", "identify(r)"
            else:
                key = tuple_of(values, with_classes=how is _Identified.BY_CLASSES)
            if not key.isidentifier():
                source.add(f"k = {key}")
                key = "k"
            source.add(f"i = known.get({key})")
            with source.block("if i is None:"):
                source.add(f"known[{key}] = i = len({sent})")
                source.add(f"{sent}.append({made})")
            source.add(f"{at}(i)")

    def _emit_value(self, one: _Sent) -> str:
        """Emits the reading of a field into a variable; what cannot be sent makes the run give up."""
        source, value = self._source, self._source.fresh("k")
        source.add(f"{value} = o.{one.field.attribute}")
        was_there = one.field.providers[:1] == [self._shape.origin]
        doubts = [] if was_there else [f"{value} is UNSET"]
        if one.is_required and not (was_there and one.field.is_non_null):
            doubts.append(f"{value} is None")
        if doubts:
            source.add(f"if {' or '.join(doubts)}: raise NotClean('a representation lacks a field')")
        if one.below is not None:
            nested = source.bind("nested", make_nested(one.below, self._names))
            with source.block(f"if {value} is not None:"):
                source.add(f"{value} = {nested}({value})")
                source.add(f"if {value} is MISSING: raise NotClean('a representation lacks a field')")
        return value


def make_nested(fields: tuple[RepresentedField, ...], names: TypeNames) -> Callable[[Any], Any]:
    """Returns the function that represents a value below the represented object; MISSING when it cannot."""

    def nested(value: Any) -> Any:
        return represent_value(to_map(value, names), fields)

    return nested


def to_map(value: Any, names: TypeNames) -> Any:
    """Returns merged objects as the maps the interpreter has, with the types that `names` knows."""
    if isinstance(value, list):
        return [to_map(item, names) for item in value]
    if not isinstance(value, msgspec.Struct):
        return value
    found: dict[str, Any] = {}
    for attribute, key in zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True):
        item = getattr(value, attribute)
        if item is not msgspec.UNSET:
            found[key] = to_map(item, names)
    if type(value) in names:
        found["__typename"] = names[type(value)]
    return found


def _sent_fields(entities: Entities, shape: Shape) -> tuple[str | None, list[_Sent]]:
    """Returns the type's name that is sent for objects of a shape, and the fields; no name if none are.

    This is what the interpreter's `represent_objects` does with each object, done once.
    """
    own, typename = shape.type_name, None
    found: dict[str, _Sent] = {}
    for way in entities.representations:
        if way.types is not None and own is not None and own not in way.types:
            continue
        if way.types is not None and own is None:
            raise UncompilableError("a representation by type of objects whose type is not asked for")
        typename = typename or way.typename or own
        for wanted in way.fields:
            if wanted.types is not None and (own is None or own not in wanted.types):
                if own is None:
                    raise UncompilableError("a representation by type of objects of unknown type")
                continue
            field = shape.fields.get(wanted.key)
            if field is None or (wanted.fields is None and field.below is not None):
                raise UncompilableError("a representation of what no fetch brings")
            known = found.get(wanted.name)
            if known is not None and (known.field is not field or known.below != wanted.fields):
                raise UncompilableError("a field that is represented in two ways")
            required = wanted.is_required or (known is not None and known.is_required)
            found[wanted.name] = _Sent(wanted.name, field, wanted.fields, required)
            _mark_sent(field, wanted.fields or ())
    return typename, list(found.values())


def _mark_sent(field: ShapeField, below: Iterable[RepresentedField]) -> None:
    field.is_sent = True
    for shape in (field.below or {}).values():
        for wanted in below:
            if wanted.key in shape.fields:
                _mark_sent(shape.fields[wanted.key], wanted.fields or ())
