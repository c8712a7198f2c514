"""What stands at one position of merged data: the fields of an object of one type, and who brings each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLNonNull, GraphQLOutputType

from router.operation.model import TYPENAME, Selections


class UncompilableError(Exception):
    """The plan has something that only the interpreting executor does; the message says what."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where objects or values come from: a fetch, and in it a group of entities (None for root fields)."""

    fetch: int
    group: int | None = None


@dataclass(slots=True, eq=False)
class ShapeField:
    """One field of a shape.

    `type` is that of the API schema, None for a hidden field that it does not have; hidden values are kept as
    they come, since only who is sent them can tell what they should be. `constant` is the value
    of `__typename` where it is known before any fetch. `below` holds the shapes of the field's objects by
    their type's name (None: a type nobody asked for, as all are read alike), once their creator brings them.
    With `is_tagged` they are told apart by the `__typename` that comes with them. `is_sent` tells that the
    field is part of a representation.
    """

    key: str
    type: GraphQLOutputType | None
    is_output: bool
    constant: str | None = None
    selections: Selections | None = None
    providers: list[Origin] = field(default_factory=list)
    below: dict[str | None, Shape] | None = None
    is_tagged: bool = False
    is_sent: bool = False
    attribute: str = ""

    def is_created_by(self, origin: Origin) -> bool:
        """Whether the field's objects come from `origin`; others that bring it only add to them."""
        return self.providers[0] == origin

    @property
    def is_non_null(self) -> bool:
        """Whether the API schema promises a value."""
        return self.is_output and isinstance(self.type, GraphQLNonNull)


@dataclass(slots=True, eq=False)
class Shape:
    """The fields of the objects of one type at one position, those of the response first and in its order.

    `origin` brings the objects. `twin` is the same shape at another position whose objects are these very
    objects. `is_dead` tells that objects of this type cannot be answered, so that none may come. Equal
    objects of a shape that is `interned_by` some fields are one and the same. `cohort` numbers the list that
    a run keeps them in, if it does.
    """

    type_name: str | None
    origin: Origin | None
    fields: dict[str, ShapeField] = field(default_factory=dict)
    twin: Shape | None = None
    is_dead: bool = False
    interned_by: tuple[ShapeField, ...] = ()
    cohort: int | None = None

    def canonical(self) -> Shape:
        """Returns the shape that stands for all its twins."""
        return self if self.twin is None else self.twin.canonical()

    def composites(self) -> Iterator[tuple[ShapeField, Mapping[str | None, Shape]]]:
        """Yields the fields whose objects have shapes, with these."""
        for one in self.fields.values():
            if one.below is not None:
                yield one, one.below

    def brought_by(self, origin: Origin) -> list[ShapeField]:
        """Returns the fields that `origin` brings."""
        return [one for one in self.fields.values() if origin in one.providers]


def output_fields(
    type_name: str | None, declared: Mapping[str, Any], selections: Selections
) -> dict[str, ShapeField]:
    """Returns the fields that the response shows of an object, in order.

    `type_name` is None for objects whose type nobody asked for; they have the fields in `declared` alone.
    """
    fields: dict[str, ShapeField] = {}
    for wanted in selections:
        if wanted.types is not None if type_name is None else not wanted.applies_to(type_name):
            if type_name is None:
                raise UncompilableError("a type condition on objects whose type is not asked for")
            continue
        known = fields.get(wanted.key)
        if known is not None:
            known.selections = (*(known.selections or ()), *(wanted.selections or ())) or None
            continue
        if wanted.name == TYPENAME:
            if type_name is None:
                raise UncompilableError("the type's name of objects whose type is not asked for")
            fields[wanted.key] = ShapeField(wanted.key, None, is_output=True, constant=type_name)
        elif wanted.name.startswith("__"):
            raise UncompilableError("introspection")
        else:
            type_ = declared[wanted.name].type
            fields[wanted.key] = ShapeField(wanted.key, type_, True, selections=wanted.selections)
    return fields
