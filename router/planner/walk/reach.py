"""The places that jumps reach from a position, each by its cheapest way."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from router.planner.walk.place import Place
from router.planner.walk.position import Guards, Position

if TYPE_CHECKING:
    from router.planner.walk.walker import Walker


def reach(walker: Walker, position: Position, guards: Guards) -> tuple[Place, ...]:
    """Returns every place that can be jumped to, cheapest first, the position's own places left out.

    Dijkstra's search over the nodes of one object: a node is settled once, by its cheapest place.
    """
    queue: list[tuple[int, int, Place]] = []
    own = set()
    for place in position.places:
        heappush(queue, (place.cost, place.id, place))
        own.add(place.id)
    settled: dict[int, Place] = {}
    while queue:
        _, _, place = heappop(queue)
        node = place.standing
        if node.id in settled:
            continue
        settled[node.id] = place
        for jump in walker.graph.jumps(node):
            if jump.target.id in settled:
                continue
            walker.count_step()
            guard = ("key", jump.target.graph, jump.target.interface_object, jump.target.runtime, jump.key)
            if guard in guards:
                walker.note_guard()
                continue
            supply = walker.supply(node, jump.key, guards | {guard})
            if supply is not None:
                landed = place.leap(jump, supply, jump.key)
                heappush(queue, (landed.cost, landed.id, landed))
    return tuple(place for place in settled.values() if place.id not in own)
