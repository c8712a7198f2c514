"""The places of a field that its subgraph resolves only when something was fetched before.

That is fields of the same object (@requires), sent in its representation, and values of objects around it
(@fromContext), sent as arguments. Either way the object is entered anew, by its key, with what is needed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from router.graph.model import Required
from router.operation import Field
from router.planner.walk.place import Around, Place, Read
from router.planner.walk.position import Guards
from router.supergraph.model import ContextArgument

if TYPE_CHECKING:
    from router.planner.walk.walker import Walker


def required_places(walker: Walker, source: Place, field: Field, guards: Guards) -> list[Place]:
    """Returns the places of `field` reached from `source` with what it needs supplied from there."""
    node = source.standing
    found: list[Place] = []
    for required in walker.graph.required(node, field.name):
        guard = ("requires", required.graph, node.runtime, field.name)
        if guard in guards:
            walker.note_guard()
            continue
        around = _around(walker, source, required, guards | {guard})
        if around is None:
            continue
        wanted = replace(field, **_with_context(field, required, around)) if around else field
        for jump in walker.graph.entries(node, required.graph):
            if jump.target.interface_object != required.interface_object or jump.is_root:
                continue
            supply = walker.supply(node, (*jump.key, *required.selections), guards | {guard})
            if supply is not None:
                identity = (jump.key, required.selections, tuple(one.variable for one in around))
                landed = source.leap(jump, supply, identity, around)
                found.append(landed.read(wanted, walker.graph.landing(jump.target, required)))
    return found


def _around(walker: Walker, source: Place, required: Required, guards: Guards) -> tuple[Around, ...] | None:
    """Returns where each contextual argument's value comes from, or None when one has no source."""
    found: list[Around] = []
    for argument in required.context:
        place = _setter(walker, source, argument)
        if place is None:
            return None
        selections = walker.graph.field_set(place.standing.type_name, _without_braces(argument.selection))
        supply = walker.supply(place.standing, selections, guards)
        if supply is None:
            return None
        variable = f"context__{required.field}__{argument.name}"
        found.append(Around(place, supply, variable, argument.type))
    return tuple(found)


def _setter(walker: Walker, source: Place, argument: ContextArgument) -> Place | None:
    """Returns the place of the nearest object around this one that sets the context."""
    place: Place | None = source
    inside = True
    while place is not None:
        if not inside and walker.graph.sets_context(place.standing, argument.context):
            return place
        # Jumps and type conditions stay at the object; only reading a field comes from another one.
        inside = inside and not isinstance(place.edge, Read)
        place = place.parent
    return None


def _with_context(field: Field, required: Required, around: tuple[Around, ...]) -> dict[str, str]:
    added = [
        f"{argument.name}: ${one.variable}" for argument, one in zip(required.context, around, strict=True)
    ]
    given = field.arguments[1:-1]
    return {"arguments": f"({', '.join([given, *added] if given else added)})"}


def _without_braces(selection: str) -> str:
    text = selection.strip()
    return text[1:-1].strip() if text.startswith("{") else text
