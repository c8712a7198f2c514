"""The nodes of a query plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PathStep:
    """One step from an object to the objects under `key`; lists are flattened.

    `types` keeps only objects of those types; None keeps all.
    """

    key: str
    types: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.key if self.types is None else f"{self.key}|[{', '.join(sorted(self.types))}]"


Path = tuple[PathStep, ...]


@dataclass(frozen=True, slots=True)
class RepresentedField:
    """A field of a representation: sent as `name`, read from merged data under `key`.

    `types` restricts it to objects of those types; `is_required` tells that a null cannot be sent.
    """

    name: str
    key: str
    fields: tuple[RepresentedField, ...] | None = None
    types: frozenset[str] | None = None
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Representation:
    """How objects of `types` are represented; `typename` is None when the object's own is sent."""

    types: frozenset[str] | None
    typename: str | None
    fields: tuple[RepresentedField, ...]


@dataclass(frozen=True, slots=True)
class Entities:
    """One `_entities` selection of a fetch: the objects under `paths` are represented in `variable`."""

    key: str
    variable: str
    paths: tuple[Path, ...]
    representations: tuple[Representation, ...]


@dataclass(frozen=True, slots=True)
class Fetch:
    """One operation for one subgraph.

    Without `entities` its data is merged into every object under `path`. `variables` are those of the
    client's operation that it sends on. `renames` maps keys of its response to keys of merged data. `apart`
    is the same fetch with objects asked separately for what needs more of them: sent instead when something
    required did not arrive, so that what does not need it is answered all the same.
    """

    id: int
    service: str
    kind: str
    document: str
    operation_name: str | None = None
    variables: tuple[str, ...] = ()
    path: Path = ()
    entities: tuple[Entities, ...] = ()
    after: tuple[int, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)
    apart: Fetch | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The fetches of an operation, each after those it depends on."""

    kind: str
    fetches: tuple[Fetch, ...]

    def levels(self) -> list[list[Fetch]]:
        """Returns the fetches by the length of the longest chain before them, for people to read."""
        level: dict[int, int] = {}
        rows: list[list[Fetch]] = []
        for fetch in self.fetches:
            level[fetch.id] = 1 + max((level[before] for before in fetch.after), default=-1)
            while len(rows) <= level[fetch.id]:
                rows.append([])
            rows[level[fetch.id]].append(fetch)
        return rows
