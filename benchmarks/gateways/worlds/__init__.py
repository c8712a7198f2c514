"""The graphs that are measured: subgraph SDLs and rows come in, a `World` goes out.

`world.py` says what a world is and answers for its subgraphs and its monolith; `public.py` is the graph that
gateways of the field are compared on, `shapes.py` has lists, chains, unions and mutations of any size,
`parts.py` spreads one type over many subgraphs. Nothing here knows a gateway.
"""

from benchmarks.gateways.worlds.parts import parts_world
from benchmarks.gateways.worlds.public import public_world
from benchmarks.gateways.worlds.shapes import shapes_world
from benchmarks.gateways.worlds.world import World

WORLDS = {"public": public_world, "shapes": shapes_world, "parts": parts_world}

__all__ = ["WORLDS", "World"]
