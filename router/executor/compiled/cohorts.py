"""Finds which positions share their objects, and which objects a run must keep at hand.

An entity that stands at several positions is fetched once, and what it brings can stand at all of them: as
the very same objects where the positions show the same of them, so that whatever is fetched further is
fetched, merged and later hidden once. Positions that show different things get objects of their own.

Steps: for each origin, in the plan's order, put the shapes its rows go into in groups by what a row brings
there (`RowGroup`), and make the shapes below twins within a group; then number the shapes whose objects are
needed again, as targets of fetches or because they hold what must be hidden: each is a cohort. Last, mark the
shapes of which equal objects become one as they come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from graphql import get_named_type

from router.executor.compiled.grow import ShapeTree
from router.executor.compiled.identity import is_built_in, is_hashable
from router.executor.compiled.shape import Origin, Shape, ShapeField

Signature = tuple[object, ...]
ROOT_COHORT = 0
# Fields by which objects are looked up before they are compared as a whole.
INTERNING_FIELDS_MAX = 2


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Shapes whose objects take the same from the rows of an origin; `fields` are those of the first."""

    targets: tuple[Shape, ...]
    fields: tuple[ShapeField, ...]


@dataclass(frozen=True, slots=True)
class Cohorts:
    """The groups of each origin, and the shapes whose objects are kept, by their number."""

    groups: dict[Origin, tuple[RowGroup, ...]]
    shapes: tuple[Shape, ...]


def find_cohorts(tree: ShapeTree) -> Cohorts:
    """Returns the row groups of every origin and the cohorts of the plan; the first cohort is the root."""
    groups = {origin: _group(targets, origin) for origin, targets in tree.targets.items()}
    kept: list[Shape] = [tree.root]
    tree.root.cohort = ROOT_COHORT
    for origin, targets in tree.targets.items():
        if origin != tree.root.origin:
            for shape in targets:
                _keep(shape, kept)
    _keep_hiding(tree.root, kept)
    _intern(tree)
    return Cohorts(groups, tuple(kept))


def _group(targets: list[Shape], origin: Origin) -> tuple[RowGroup, ...]:
    found: dict[Signature, list[Shape]] = {}
    for shape in dict.fromkeys(target.canonical() for target in targets):
        signature = tuple(_brought_signature(one) for one in shape.brought_by(origin))
        found.setdefault(signature, []).append(shape)
    groups: list[RowGroup] = []
    for same in found.values():
        for other in same[1:]:
            _share(other, same[0], origin)
        groups.append(RowGroup(tuple(same), tuple(same[0].brought_by(origin))))
    return tuple(groups)


def _share(shape: Shape, of: Shape, origin: Origin) -> None:
    """Makes twins of the shapes below whose objects `origin` brings to the objects of both."""
    for wanted in shape.brought_by(origin):
        if wanted.below is not None and wanted.is_created_by(origin):
            _make_twins(wanted, of.fields[wanted.key])
        elif wanted.below is not None:
            same = of.fields[wanted.key].below
            assert same is not None, "what two shapes are brought alike has the same fields"
            for name, below in wanted.below.items():
                _share(below, same[name], origin)


def _make_twins(wanted: ShapeField, of: ShapeField) -> None:
    for name, shape in (wanted.below or {}).items():
        assert of.below is not None, "twins have the same fields"
        shape.twin = of.below[name]
        for key, field in shape.fields.items():
            _make_twins(field, shape.twin.fields[key])


def _signature(shape: Shape) -> Signature:
    return (shape.type_name, shape.is_dead, *(_field_signature(one) for one in shape.fields.values()))


def _brought_signature(one: ShapeField) -> Signature:
    """Returns what must be equal for two fields to take one row's value: for a leaf, only its type."""
    return (one.key, str(one.type), one.constant) if one.below is None else _field_signature(one)


def _field_signature(one: ShapeField) -> Signature:
    below = {name: _signature(shape) for name, shape in (one.below or {}).items()}
    providers = tuple(one.providers)
    return (
        one.key,
        str(one.type),
        one.is_output,
        one.constant,
        one.is_tagged,
        providers,
        tuple(below.items()),
    )


def _keep(shape: Shape, kept: list[Shape]) -> None:
    shape = shape.canonical()
    if shape.cohort is None:
        shape.cohort = len(kept)
        kept.append(shape)


def _keep_hiding(shape: Shape, kept: list[Shape]) -> None:
    if shape.twin is not None:
        return
    if any(not one.is_output for one in shape.fields.values()):
        _keep(shape, kept)
    for _, below in shape.composites():
        for one in below.values():
            _keep_hiding(one, kept)


def _intern(tree: ShapeTree) -> None:
    """Marks the shapes whose equal objects can be one.

    What is equal when it comes stays equal, where all that comes later is fetched for the objects themselves:
    then one of them is fetched for, merged and encoded, wherever it stands. Most of a large response is the
    same few authors and products over and over.
    """
    targets: dict[Shape, set[Origin]] = {}
    for origin, shapes in tree.targets.items():
        for shape in shapes:
            targets.setdefault(shape.canonical(), set()).add(origin)
    for shape in targets:
        if shape.origin is not None and shape is not tree.root:
            shape.interned_by = _interning_fields(shape)
            if not _stays_equal(shape, shape.origin, targets):
                shape.interned_by = ()


def _interning_fields(shape: Shape) -> tuple[ShapeField, ...]:
    """Returns the fields by which objects are looked up, ids before others."""
    assert shape.origin is not None, "the root is not interned"
    plain = [one for one in shape.brought_by(shape.origin) if one.constant is None and is_hashable(one)]
    ids = [one for one in plain if str(one.type).startswith("ID")]
    return tuple((ids or plain)[:INTERNING_FIELDS_MAX])


def _stays_equal(shape: Shape, origin: Origin, targets: Mapping[Shape, set[Origin]]) -> bool:
    """Whether all that others bring to the objects, and to those below that `origin` brings, is for them."""
    own = targets.get(shape.canonical(), set()) | {origin}
    return all(
        own.issuperset(one.providers)
        and (origin not in one.providers or one.constant is not None or _is_comparable(one, origin, targets))
        for one in shape.fields.values()
    )


def _is_comparable(one: ShapeField, origin: Origin, targets: Mapping[Shape, set[Origin]]) -> bool:
    """Whether equal values of a field are the same in JSON; 1 and true in a scalar of any type are not."""
    if one.below is None:
        return one.type is not None and is_built_in(get_named_type(one.type))
    created = one.below.values() if one.is_created_by(origin) else ()
    return all(_stays_equal(below, origin, targets) for below in created)
