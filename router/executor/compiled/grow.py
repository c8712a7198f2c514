"""Grows the tree of shapes of a plan: what the response shows, and what each fetch brings to each object.

Steps: begin with the root's output fields; then, fetch by fetch in the plan's order, find the objects at the
fetch's paths and note on each shape the fields the fetch brings, growing shapes for the objects among them.

Bound: `SHAPES_MAX` shapes; a response with more kinds of objects at more positions is interpreted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from graphql import (
    GraphQLAbstractType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

from router.executor.compiled.shape import Origin, Shape, ShapeField, UncompilableError, output_fields
from router.operation import Operation
from router.operation.model import TYPENAME, Selections
from router.plan import Fetch, FetchedField, Plan
from router.plan.model import Path

SHAPES_MAX = 2_000


class ShapeTree:
    """The shapes of one plan; `targets` are those each origin's answer goes into, by its paths' order."""

    def __init__(self, schema: GraphQLSchema, operation: Operation, plan: Plan) -> None:
        self._schema = schema
        self._count = 0
        self.targets: dict[Origin, list[Shape]] = {}
        root_fetches = [fetch for fetch in plan.fetches if not fetch.entities and not fetch.path]
        # The answer of the only root fetch is the root itself; several are put together in one.
        only = Origin(root_fetches[0].id) if len(root_fetches) == 1 else None
        self.root = self._shape(operation.root_type, operation.selections, only)
        for fetch in plan.fetches:
            self._add_fetch(fetch)
        _settle(self.root)
        if self.root.is_dead:
            raise UncompilableError("a field that no fetch brings")

    def _add_fetch(self, fetch: Fetch) -> None:
        if not fetch.entities:
            self._add(Origin(fetch.id), (fetch.path,), fetch.selection)
        for index, entities in enumerate(fetch.entities):
            if entities.context:
                raise UncompilableError("values taken from around an object")
            self._add(Origin(fetch.id, index), entities.paths, entities.selection)

    def _add(self, origin: Origin, paths: Iterable[Path], selection: Sequence[FetchedField]) -> None:
        targets = [shape for path in paths for shape in self._at(path)]
        self.targets[origin] = list(dict.fromkeys(targets))
        for shape in self.targets[origin]:
            self._bring(shape, selection, origin)

    def _at(self, path: Path) -> list[Shape]:
        """Returns the shapes of the objects at a path."""
        found = [self.root]
        for step in path:
            below: list[Shape] = []
            for shape in found:
                wanted = shape.fields.get(step.key)
                if wanted is None:
                    continue
                if wanted.below is None:
                    if wanted.providers:
                        raise UncompilableError("a fetch into an object that the response does not show")
                    continue
                below += [
                    one for name, one in wanted.below.items() if step.types is None or name in step.types
                ]
                if step.types is not None and None in wanted.below:
                    raise UncompilableError("a type condition on objects whose type is not asked for")
            found = below
        return found

    # -- what a fetch brings -------------------------------------------------------------------------

    def _bring(self, shape: Shape, selection: Sequence[FetchedField], origin: Origin) -> None:
        for fetched in selection:
            if shape.type_name is None:
                if fetched.types is not None or fetched.name == TYPENAME:
                    raise UncompilableError("a fetch that tells types of objects after they came")
            elif fetched.types is not None and shape.type_name not in fetched.types:
                continue
            if fetched.name == TYPENAME and fetched.key not in shape.fields:
                continue  # the shape's own type says it
            self._bring_field(shape, fetched, origin)

    def _bring_field(self, shape: Shape, fetched: FetchedField, origin: Origin) -> None:
        wanted = shape.fields.get(fetched.key)
        if wanted is None:
            type_ = self._declared_type(shape.type_name, fetched.name)
            wanted = shape.fields[fetched.key] = ShapeField(fetched.key, type_, is_output=False)
        if fetched.fields is not None and wanted.type is not None:
            self._bring_objects(wanted, fetched.fields, origin)
        if origin not in wanted.providers:
            wanted.providers.append(origin)

    def _declared_type(self, type_name: str | None, field_name: str) -> GraphQLOutputType | None:
        type_ = self._schema.type_map.get(type_name) if type_name is not None else None
        field = type_.fields.get(field_name) if isinstance(type_, GraphQLObjectType) else None
        return field.type if field is not None else None

    def _bring_objects(self, wanted: ShapeField, fields: Sequence[FetchedField], origin: Origin) -> None:
        asks_type = any(one.name == TYPENAME and one.types is None for one in fields)
        if wanted.below is None:
            assert wanted.type is not None, "only what the API schema has is more than a value"
            named, shown = get_named_type(wanted.type), wanted.selections or ()
            wanted.below = self._shapes_of(named, shown, origin, asks_type)
            wanted.is_tagged = asks_type and not isinstance(named, GraphQLObjectType)
        elif wanted.is_tagged and not asks_type:
            raise UncompilableError("a fetch that brings more of objects without telling their types")
        for shape in wanted.below.values():
            self._bring(shape, fields, origin)

    def _shapes_of(
        self, named: GraphQLNamedType, selections: Selections, origin: Origin, asks_type: bool
    ) -> dict[str | None, Shape]:
        assert not is_leaf_type(named), "only composites have selections"
        if isinstance(named, GraphQLObjectType):
            return {named.name: self._shape(named.name, selections, origin)}
        assert isinstance(named, GraphQLAbstractType), "an object, an interface or a union"
        possible = self._schema.get_possible_types(named)
        if asks_type or len(possible) == 1:
            return {one.name: self._shape(one.name, selections, origin) for one in possible}
        return {None: self._shape(None, selections, origin, named)}

    def _shape(
        self,
        type_name: str | None,
        selections: Selections,
        origin: Origin | None,
        abstract: GraphQLAbstractType | None = None,
    ) -> Shape:
        self._count += 1
        if self._count > SHAPES_MAX:
            raise UncompilableError("too many kinds of objects")
        if type_name is None:
            declared = abstract.fields if isinstance(abstract, GraphQLInterfaceType) else {}
        else:
            type_ = self._schema.type_map[type_name]
            assert isinstance(type_, GraphQLObjectType), "a concrete type"
            declared = type_.fields
        return Shape(type_name, origin, output_fields(type_name, declared, selections))


def _settle(shape: Shape) -> None:
    """Puts the hidden fields of each shape in order, and marks those whose objects cannot be answered."""
    for wanted in shape.fields.values():
        for below in (wanted.below or {}).values():
            _settle(below)
    outputs = {key: one for key, one in shape.fields.items() if one.is_output}
    hidden = {key: one for key, one in sorted(shape.fields.items()) if not one.is_output}
    shape.fields = {**outputs, **hidden}
    for number, wanted in enumerate(shape.fields.values()):
        wanted.attribute = f"f{number}"
    shape.is_dead = any(_is_unanswerable(wanted) for wanted in outputs.values())


def _is_unanswerable(wanted: ShapeField) -> bool:
    if wanted.below is not None and not wanted.is_tagged:
        return all(below.is_dead for below in wanted.below.values())
    return wanted.constant is None and not wanted.providers and wanted.is_non_null
