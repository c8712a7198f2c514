"""Makes one request of entity steps to one subgraph that can go out together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from router.plan import PathStep, Representation, RepresentedField
from router.planner.fetches.step import EntityGroup, Step


def merge_steps(steps: list[Step]) -> list[Step]:
    """Returns the steps with those of one subgraph merged where no chain grows longer.

    Two entity steps are merged when neither waits for the other and either both are as deep in the plan, or
    the shallower one has nothing waiting for it. What is delivered apart (@defer) is fetched apart. Steps
    come out in an order that puts parents first.

    Before: products(users.reviews.product), products(topProducts), both after the same fetches
    After: one request to products with both groups
    """
    merged = True
    while merged:
        steps = sort_steps(steps)
        merged = _merge_once(steps)
    return sort_steps(steps)


def sort_steps(steps: Iterable[Step]) -> list[Step]:
    """Returns the steps by depth, then in the order they were opened."""
    steps = list(steps)
    levels = step_levels(steps)
    return sorted(steps, key=lambda step: (levels[step.id], step.id))


def step_levels(steps: Iterable[Step]) -> dict[int, int]:
    """Returns for each step the length of the longest chain of steps before it."""
    levels: dict[int, int] = {}

    def level(step: Step) -> int:
        if step.id not in levels:
            levels[step.id] = 1 + max((level(parent) for parent in step.after), default=-1)
        return levels[step.id]

    for step in steps:
        level(step)
    return levels


def _merge_once(steps: list[Step]) -> bool:
    levels = step_levels(steps)
    waited_for = {parent.id for step in steps for parent in step.after}
    candidates: dict[tuple[str, frozenset[int]], list[Step]] = {}
    for step in steps:
        # What takes values from around it is sent in requests of its own, one for each value.
        if step.groups and not any(group.context for group in step.groups):
            candidates.setdefault((step.graph, step.deferred), []).append(step)
    for found in candidates.values():
        for index, late in enumerate(found):
            for early in found[:index]:
                together = levels[early.id] == levels[late.id]
                if (together or early.id not in waited_for) and not _is_before(early, late):
                    keep, gone = (early, late) if together else (late, early)
                    _merge(keep, gone, steps)
                    return True
    return False


def _is_before(early: Step, late: Step) -> bool:
    return any(step is early for step in late.ancestors())


def _merge(keep: Step, gone: Step, steps: list[Step]) -> None:
    same_parents = keep.after == gone.after
    for group in gone.groups:
        twin = next((one for one in keep.groups if _is_twin(one, group)), None)
        if twin is None:
            keep.groups.append(group)
            continue
        if not same_parents or twin.parts or group.parts:
            twin.parts = [*(twin.parts or [twin.copy()]), *(group.parts or [group.copy()])]
        _absorb(twin, group)
    keep.after |= gone.after
    keep.absorbed += [gone.id, *gone.absorbed]
    steps.remove(gone)
    for step in steps:
        if gone in step.after:
            step.after.discard(gone)
            step.after.add(keep)


def _is_twin(one: EntityGroup, other: EntityGroup) -> bool:
    """Whether both groups fetch objects of one position by representations that can be one."""
    return (
        one.keys == other.keys
        # Below objects of different types one key can lead to objects of different kinds.
        and one.path[:-1] == other.path[:-1]
        and one.interface_object == other.interface_object
        and _agree(one, other)
        and _all_carry(one, other)
        and not any(
            _overlap(a.types, b.types) and _contradict(a.fields, b.fields)
            for a in one.representations
            for b in other.representations
        )
    )


def _contradict(one: Iterable[RepresentedField], other: Sequence[RepresentedField]) -> bool:
    """Whether a field would be sent with two values, as when it is required with different arguments."""
    return any(
        a.name == b.name
        and _overlap(a.types, b.types)
        and (a.key != b.key or _contradict(a.fields or (), b.fields or ()))
        for a in one
        for b in other
    )


def _overlap(one: frozenset[str] | None, other: frozenset[str] | None) -> bool:
    return one is None or other is None or not one.isdisjoint(other)


def _agree(one: EntityGroup, other: EntityGroup) -> bool:
    """Whether no key of the answer would mean two things (fields of an interface object have no types)."""
    names = {field.key: (field.name, field.arguments) for field in one.output.fields.values()}
    return one.interface_object is None or all(
        names.get(field.key, (field.name, field.arguments)) == (field.name, field.arguments)
        for field in other.output.fields.values()
    )


def _all_carry(one: EntityGroup, other: EntityGroup) -> bool:
    """Whether each object of both would carry what the fields of both require.

    An interface object's fields have no types: all objects sent are asked all of them. Where only some types
    are asked a field that requires another one, the others must not come along without it.
    """
    return one.interface_object is None or all(
        _carries(a, b) and _carries(b, a) for a in one.representations for b in other.representations
    )


def _carries(one: Representation, other: Representation) -> bool:
    """Whether the objects of `one` are among those of `other`, or sent with the same fields at least."""
    if other.types is None or (one.types is not None and one.types <= other.types):
        return True
    sent = {(field.name, field.key) for field in one.fields}
    return all((field.name, field.key) in sent for field in other.fields)


def _absorb(twin: EntityGroup, group: EntityGroup) -> None:
    # Twins differ at most in the types of the objects themselves, the last step.
    twin.path = (*twin.path[:-1], _join_path_steps(twin.path[-1], group.path[-1]))
    twin.output.absorb(group.output)
    for wanted in group.representations:
        for index, known in enumerate(twin.representations):
            if (known.types, known.typename) == (wanted.types, wanted.typename):
                fields = _join_fields(known.fields, wanted.fields)
                twin.representations[index] = Representation(known.types, known.typename, fields)
                break
        else:
            twin.representations.append(wanted)


def _join_path_steps(one: PathStep, other: PathStep) -> PathStep:
    if one.types is None or other.types is None:
        return PathStep(one.key)
    return PathStep(one.key, one.types | other.types)


def _join_fields(
    one: tuple[RepresentedField, ...], other: tuple[RepresentedField, ...]
) -> tuple[RepresentedField, ...]:
    joined = {(field.name, field.key, field.types): field for field in one}
    for field in other:
        known = joined.setdefault((field.name, field.key, field.types), field)
        if known is not field:
            below = None if known.fields is None else _join_fields(known.fields, field.fields or ())
            joined[(field.name, field.key, field.types)] = RepresentedField(
                field.name, field.key, below, field.types, known.is_required or field.is_required
            )
    return tuple(joined.values())
