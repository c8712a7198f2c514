"""The shape of merged data: which keys an object has, by its type, what they mean and who brought them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from router.plan.model import Path


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a key stands for: a field with its arguments; `fetches` brought it."""

    name: str
    arguments: str
    fetches: frozenset[int]


@dataclass(slots=True, eq=False)
class Shape:
    """One object position: its possible types, and per key and type a meaning and the shape below."""

    runtime: frozenset[str]
    keys: dict[str, dict[str, Meaning]] = field(default_factory=dict)
    below: dict[str, dict[str, Shape]] = field(default_factory=dict)

    def note(self, key: str, type_name: str, meaning: Meaning) -> str | None:
        """Notes that a fetch brings `key` for objects of a type; returns a problem if it meant another."""
        known = self.keys.setdefault(key, {}).get(type_name)
        if known is None:
            self.keys[key][type_name] = meaning
            return None
        if (known.name, known.arguments) != (meaning.name, meaning.arguments):
            return (
                f"key {key} of {type_name} means {known.name}{known.arguments} "
                f"and {meaning.name}{meaning.arguments}"
            )
        fetches = known.fetches | meaning.fetches
        self.keys[key][type_name] = Meaning(known.name, known.arguments, fetches)
        return None

    def children(self, key: str, types: Iterable[str], runtime: frozenset[str]) -> list[Shape]:
        """Returns the shapes under `key` for objects of exactly `types`; what is new has `runtime`.

        Types share a shape until something is asked of only some of them; then these get a copy. So seventy
        types cost as much as they differ.
        """
        below = self.below.setdefault(key, {})
        groups: dict[int, list[str]] = {}
        for one in types:
            groups.setdefault(id(below.get(one)), []).append(one)
        found: list[Shape] = []
        for group in groups.values():
            shape = below.get(group[0])
            if shape is None:
                shape = Shape(runtime)
            elif sum(other is shape for other in below.values()) > len(group):
                shape = shape.copy()
            below.update(dict.fromkeys(group, shape))
            found.append(shape)
        return found

    def copy(self) -> Shape:
        """Returns a shape of the same that can be added to by itself."""
        copies: dict[int, Shape] = {}
        twin = Shape(self.runtime, {key: dict(meanings) for key, meanings in self.keys.items()})
        for key, below in self.below.items():
            for one, shape in below.items():
                if id(shape) not in copies:
                    copies[id(shape)] = shape.copy()
                twin.below.setdefault(key, {})[one] = copies[id(shape)]
        return twin

    def at(self, path: Path, types: frozenset[str] | None = None) -> Iterator[tuple[Shape, frozenset[str]]]:
        """Yields the shapes under `path` of objects of `types`, each with the types the path lets through."""
        types = self.runtime if types is None else types
        if not path:
            yield self, types
            return
        step, rest = path[0], path[1:]
        below = self.below.get(step.key, {})
        # An object without known types keeps what it has under the empty name.
        found = {id(below[one]): below[one] for one in sorted(types or {""}) if one in below}
        for shape in found.values():
            narrowed = shape.runtime if step.types is None else shape.runtime & step.types
            yield from shape.at(rest, narrowed)
