"""Distinct operations over the public graph, drawn by a seed, as an application's many screens send them."""

from __future__ import annotations

import random
from collections.abc import Iterator

LEAVES = {
    "User": ("id", "username", "name", "birthday"),
    "Review": ("id", "body"),
    "Product": ("upc", "name", "price", "weight", "inStock", "shippingEstimate"),
}
BRANCHES = {
    "User": (("reviews", "Review"),),
    "Review": (("product", "Product"), ("author", "User")),
    "Product": (("reviews", "Review"),),
}
ROOTS = (("me", "User"), ("users", "User"), ("topProducts", "Product"), ('user(id: "2")', "User"))
DEPTH_MAX = 5


def draw_operations(count: int, seed: int = 1) -> Iterator[str]:
    """Yields operations no two of which are alike: fields, nesting, aliases and names differ."""
    rng = random.Random(seed)
    for number in range(count):
        roots = rng.sample(ROOTS, rng.randint(1, len(ROOTS)))
        fields = " ".join(
            f"root{place}: {field} {_selection(type_name, rng.randint(1, DEPTH_MAX), rng)}"
            for place, (field, type_name) in enumerate(roots)
        )
        yield f"query Screen{seed}x{number} {{ {fields} }}"


def _selection(type_name: str, depth: int, rng: random.Random) -> str:
    leaves = rng.sample(LEAVES[type_name], rng.randint(1, len(LEAVES[type_name])))
    parts = [f"own: {leaf}" if rng.random() < 0.02 else leaf for leaf in leaves]
    # At most one "own" alias, else two fields would share a response key.
    parts = [part for place, part in enumerate(parts) if not part.startswith("own:") or place == 0]
    for field, target in BRANCHES[type_name]:
        if depth > 1 and rng.random() < 0.7:
            parts.append(f"{field} {_selection(target, depth - 1, rng)}")
    return f"{{ {' '.join(parts or LEAVES[type_name][:1])} }}"
