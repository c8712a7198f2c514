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
class ContextValue:
    """A value taken from an object around the represented one (@fromContext).

    The object stands `depth` steps down the path; `fields` lead to the value in it; it is sent as `variable`.
    """

    variable: str
    depth: int
    fields: tuple[RepresentedField, ...]
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class FetchedField:
    """A field that a fetch asks for, as it stands in merged data under `key`.

    `types` are the object types it is asked on, None for every type its position can have; `fields` are
    those asked below it, None for a leaf.
    """

    key: str
    name: str
    types: frozenset[str] | None = None
    fields: tuple[FetchedField, ...] | None = None


@dataclass(frozen=True, slots=True)
class Entities:
    """One `_entities` selection of a fetch: the objects under `paths` are represented in `variable`.

    With `context`, objects that take different values from around them are asked for in separate requests.
    `selection` is what is asked of each object.
    """

    key: str
    variable: str
    paths: tuple[Path, ...]
    representations: tuple[Representation, ...]
    context: tuple[ContextValue, ...] = ()
    selection: tuple[FetchedField, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetch:
    """One operation for one subgraph.

    Without `entities` its data, the fields of `selection`, is merged into every object under `path`.
    `variables` are those of the client's operation that it sends on. `renames` maps keys of its response to
    keys of merged data. `apart` is the same fetch with objects asked separately for what needs more of them:
    sent instead when something required did not arrive, so that what does not need it is answered all the
    same. `deferred` are the parts of the answer that wait for it; none when the initial response does.
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
    selection: tuple[FetchedField, ...] = ()
    deferred: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DeferredPart:
    """A part of the answer delivered later (@defer), for each object under `path`.

    Parts are numbered from 1; `parent` is the part it is nested in, 0 for the initial response.
    """

    id: int
    label: str | None
    parent: int
    path: Path


@dataclass(frozen=True, slots=True)
class Plan:
    """The fetches of an operation, each after those it depends on, and the parts of its answer."""

    kind: str
    fetches: tuple[Fetch, ...]
    parts: tuple[DeferredPart, ...] = ()

    def lineage(self, part: int) -> frozenset[int]:
        """Returns a deferred part with those it is nested in; nothing for the initial response."""
        found: set[int] = set()
        while part:
            found.add(part)
            part = self.parts[part - 1].parent
        return frozenset(found)

    def needed_for(self, part: int) -> list[Fetch]:
        """Returns the fetches a part waits for, those of the initial response included."""
        lineage = self.lineage(part)
        return [one for one in self.fetches if not one.deferred or not lineage.isdisjoint(one.deferred)]

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
