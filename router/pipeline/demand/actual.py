"""What an answer costs: the weights of what is in it."""

from __future__ import annotations

from typing import Any

from router.pipeline.demand.compile import Shape


def actual_cost(data: Any, shape: Shape) -> int:
    """Returns the cost of the data, counted without recursion; what is null costs nothing."""
    total = 0
    waiting = [(data, shape)]
    while waiting:
        value, here = waiting.pop()
        if value is None:
            continue
        if isinstance(value, list):
            waiting += [(item, here) for item in value]
            continue
        total += here.weight
        if isinstance(value, dict) and here.below:
            waiting += [(value[key], below) for key, below in here.below.items() if key in value]
    return total
