"""Compiles a plan: the functions that represent, merge and finish, and the types they read and write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from graphql import GraphQLSchema

from router.executor.compiled.cohorts import ROOT_COHORT, Cohorts, RowGroup, find_cohorts
from router.executor.compiled.emit_represent import emit_represent
from router.executor.compiled.emit_setting import SettingEmitter
from router.executor.compiled.emit_visits import VisitEmitter
from router.executor.compiled.grow import ShapeTree
from router.executor.compiled.pass_through import PassThrough, compile_pass_through
from router.executor.compiled.requests import PreparedRequest
from router.executor.compiled.shape import Origin, Shape, UncompilableError
from router.executor.compiled.slots import Slots
from router.executor.compiled.source import Source
from router.executor.compiled.structs import NotCleanError, StructTypes
from router.executor.merge.representations import MISSING, identify
from router.operation import Operation
from router.plan import Fetch, Plan

# Objects that stand at more places than this are encoded once and put in as bytes.
SHARED_TIMES_MIN = 2
# Cohorts of objects and, for each entity group, where in the representations they are.
State = list[Any]


@dataclass(frozen=True, slots=True)
class CompiledFetch:
    """One fetch, compiled.

    `represent` returns the representations of each entity group, None when there is nothing to ask; `merge`
    takes the typed `data` of a response, which `decode` makes of bytes and `convert` of a map. All raise
    NotCleanError or a msgspec error. `next` are the fetches that wait for this one; its answer is merged
    after those of `merged_after`, which bring objects it adds to.
    """

    fetch: Fetch
    request: PreparedRequest
    represent: Callable[[State], tuple[list[Any], ...] | None]
    merge: Callable[[State, Any], None]
    decode: Callable[[bytes], Any]
    convert: Callable[[Any], Any]
    next: tuple[int, ...]
    merged_after: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CompiledPlan:
    """A plan as code. `begin` returns the state of a run; `finish` hides what the client did not ask.

    `fetches` stand by their id, `waits` says how many others each comes after, `roots` are those after none.
    The root object of a finished state is the first of its first cohort. `pass_through` takes the data of the
    only fetch as it came.
    """

    fetches: tuple[CompiledFetch, ...]
    waits: tuple[int, ...]
    begin: Callable[[], State]
    finish: Callable[[State], msgspec.Struct]
    roots: tuple[int, ...]
    pass_through: PassThrough | None = None


def compile_plan(schema: GraphQLSchema, operation: Operation, plan: Plan) -> CompiledPlan | None:
    """Returns the compiled plan of a normalised operation, None when only the interpreter can run it."""
    if plan.parts or not plan.fetches:
        return None
    try:
        return _PlanCompiler(schema, operation, plan).compile()
    except UncompilableError:
        return None


class _PlanCompiler:
    def __init__(self, schema: GraphQLSchema, operation: Operation, plan: Plan) -> None:
        self._plan = plan
        self._tree = ShapeTree(schema, operation, plan)
        self._cohorts: Cohorts = find_cohorts(self._tree)
        self._types = StructTypes()
        self._source = Source()
        self._source.names.update(
            NotClean=NotCleanError,
            UNSET=msgspec.UNSET,
            MISSING=MISSING,
            Raw=msgspec.Raw,
            convert=msgspec.convert,
            encode=msgspec.json.Encoder().encode,
            identify=identify,
        )
        self._slots = Slots(len(self._cohorts.shapes))

    def compile(self) -> CompiledPlan:
        for fetch in self._plan.fetches:
            self._emit_represent(fetch)
        responses = {fetch.id: self._emit_merge(fetch) for fetch in self._plan.fetches}
        self._emit_begin()
        self._emit_finish()
        functions = self._source.compile("plan")
        waiting: dict[int, list[int]] = {fetch.id: [] for fetch in self._plan.fetches}
        for fetch in self._plan.fetches:
            for before in fetch.after:
                waiting[before].append(fetch.id)
        fetches = tuple(
            CompiledFetch(
                fetch,
                PreparedRequest(fetch),
                functions[f"represent_{fetch.id}"],
                functions[f"merge_{fetch.id}"],
                msgspec.json.Decoder(responses[fetch.id]).decode,
                partial(msgspec.convert, type=responses[fetch.id]),
                tuple(waiting[fetch.id]),
                self._merged_after(fetch),
            )
            for fetch in self._plan.fetches
        )
        passes = compile_pass_through(self._tree, self._plan)
        waits = tuple(len(fetch.after) for fetch in self._plan.fetches)
        roots = tuple(number for number, before in enumerate(waits) if not before)
        return CompiledPlan(fetches, waits, functions["begin"], functions["finish"], roots, passes)

    def _merged_after(self, fetch: Fetch) -> tuple[int, ...]:
        """Returns the fetches that create objects which `fetch`, without waiting for them, adds to."""
        found: set[int] = set()
        for origin, targets in self._tree.targets.items():
            if origin.fetch == fetch.id:
                for target in targets:
                    found |= _creators_of_added(target, origin)
        return tuple(sorted(found - _ancestors(self._plan, fetch) - {fetch.id}))

    # -- representing --------------------------------------------------------------------------------

    def _emit_represent(self, fetch: Fetch) -> None:
        source = self._source
        with source.function(f"represent_{fetch.id}(s)"):
            for number, entities in enumerate(fetch.entities):
                origin = Origin(fetch.id, number)
                source.add(f"sent{number} = {self._sent(origin)}")
                targets = self._targets(origin)
                slots = {one: self._positions(origin, one) for one in targets}
                emit_represent(source, entities, slots, f"sent{number}", self._types.names)
                for shape in targets:
                    if shape.brought_by(origin):
                        left_out = f"len({slots[shape]}) != len(s[{shape.cohort}])"
                        source.add(f"if {left_out}: raise NotClean('objects that cannot be represented')")
            if fetch.entities:
                sent = ", ".join(f"sent{number}" for number in range(len(fetch.entities)))
                some = " or ".join(f"sent{number}" for number in range(len(fetch.entities)))
                source.add(f"return ({sent},) if {some} else None")
            elif fetch.path:
                some = " or ".join(f"s[{shape.cohort}]" for shape in self._targets(Origin(fetch.id)))
                source.add(f"return () if {some or 'False'} else None")
            else:
                source.add("return ()")

    def _targets(self, origin: Origin) -> list[Any]:
        return list(dict.fromkeys(shape.canonical() for shape in self._tree.targets[origin]))

    def _sent(self, origin: Origin) -> str:
        return self._slots.a_list("sent", origin)

    def _positions(self, origin: Origin, target: Shape) -> str:
        return self._slots.a_list("positions", origin, target.cohort)

    def _visits(self, origin: Origin) -> VisitEmitter:
        return VisitEmitter(self._source, self._types, self._slots, origin)

    # -- merging -------------------------------------------------------------------------------------

    def _emit_merge(self, fetch: Fetch) -> type[msgspec.Struct]:
        """Emits the merging of a fetch's data; returns the type of its response."""
        rows: dict[int, Any] = {}
        root: Any = None
        with self._source.function(f"merge_{fetch.id}(s, data)"):
            if not fetch.entities:
                root = self._emit_root(Origin(fetch.id))
            for number in range(len(fetch.entities)):
                rows[number] = self._emit_entities(Origin(fetch.id, number), number)
        return self._types.of_response(fetch, rows, root)

    def _emit_root(self, origin: Origin) -> Any:
        """Emits the merging of root fields: the data is the root, or is set on all its targets."""
        root, groups = self._tree.root, self._cohorts.groups[origin]
        if root.origin == origin:
            self._source.add(f"s[{ROOT_COHORT}].append(data)")
            self._visits(origin).visit_fields(root.fields.values(), "data")
            return self._types.of_shape(root)
        if len(groups) == 1:
            self._emit_one_row(groups[0], "data", origin)
            return self._types.of_part(groups[0].targets[0], origin)
        for group in groups:
            row_type = self._source.bind("Row", self._types.of_part(group.targets[0], origin))
            self._source.add(f"r = convert(data, {row_type})")
            self._emit_one_row(group, "r", origin)
        return dict[str, Any]

    def _emit_one_row(self, group: RowGroup, row: str, origin: Origin) -> None:
        self._visits(origin).visit_fields(group.fields, row)
        for target in group.targets:
            with self._source.block(f"for o in s[{target.cohort}]:"):
                SettingEmitter(self._source, self._types, origin).set_fields(group.fields, target, row, "o")

    def _emit_entities(self, origin: Origin, number: int) -> Any:
        """Emits the merging of one entity group; returns the type of its rows."""
        source, groups = self._source, self._cohorts.groups[origin]
        source.add(f"rows = data.e{number}")
        source.add(f"if len(rows) != len({self._sent(origin)}): raise NotClean('entities are missing')")
        if len(groups) == 1:
            if self._visits(origin).needs_visits(groups[0].fields):
                with source.block("for r in rows:"), source.block("if r is not None:"):
                    self._visits(origin).visit_fields(groups[0].fields, "r")
            for target in groups[0].targets:
                self._emit_setting(groups[0], target, origin, "r = rows[i]")
            return self._types.of_part(groups[0].targets[0], origin) | None
        for group in groups:
            self._emit_made(group, origin)
        return Any

    def _emit_made(self, group: RowGroup, origin: Origin) -> None:
        """Emits the merging of a group that shares its rows with others: each gets objects of its own."""
        source = self._source
        row_type = source.bind("Row", self._types.of_part(group.targets[0], origin))
        source.add("made = {}")
        positions = [self._positions(origin, target) for target in group.targets]
        for each in positions:
            with source.block(f"for i in {each}:"), source.block("if i not in made:"):
                with source.block("if rows[i] is None:"):
                    source.add("made[i] = None")
                    source.add("continue")
                source.add(f"r = made[i] = convert(rows[i], {row_type})")
                self._visits(origin).visit_fields(group.fields, "r")
        for target in group.targets:
            self._emit_setting(group, target, origin, "r = made[i]")

    def _emit_setting(self, group: RowGroup, target: Any, origin: Origin, read_row: str) -> None:
        source, setting = self._source, SettingEmitter(self._source, self._types, origin)
        positions = self._positions(origin, target)
        with source.block(f"for o, i in zip(s[{target.cohort}], {positions}):"):
            source.add(read_row)
            with source.block("if r is None:"):
                setting.set_nulls(group.fields, target, "o")
            with source.block("else:"):
                setting.set_fields(group.fields, target, "r", "o")

    # -- begin and end -------------------------------------------------------------------------------

    def _emit_begin(self) -> None:
        root = self._tree.root
        first = (
            "[]"
            if root.origin is not None
            else f"[{self._source.bind('Root', self._types.of_shape(root))}()]"
        )
        with self._source.function("begin()"):
            self._source.add(f"return [{first}, {self._slots.begin()}]")

    def _emit_finish(self) -> None:
        with self._source.function("finish(s)"):
            for shape in self._cohorts.shapes:
                hidden = [one.attribute for one in shape.fields.values() if not one.is_output]
                if hidden:
                    with self._source.block(f"for o in s[{shape.cohort}]:"):
                        self._source.add(" = ".join(f"o.{name}" for name in hidden) + " = UNSET")
            for shape in dict.fromkeys(_inner_first(self._tree.root)):
                if shape.interned_by:
                    self._emit_sharing(shape)
            self._source.add(f"return s[{ROOT_COHORT}][0]")

    def _emit_sharing(self, shape: Shape) -> None:
        """Emits the encoding of interned objects, once each, where they stand at several places."""
        source = self._source
        for attribute, known in self._slots.of("interned", shape.cohort):
            if attribute is None:
                continue
            several = f"if len(held) > {SHARED_TIMES_MIN}:"
            with source.block(f"for held in {known}.values():"), source.block(several):
                source.add("raw = Raw(encode(held[0]))")
                with source.block("for o in held[1:]:"):
                    source.add(f"o.{attribute} = raw")


def _inner_first(shape: Shape) -> Iterator[Shape]:
    """Yields the shapes below and then this one: bytes of inner objects are part of those of outer ones."""
    for _, below in shape.composites():
        for one in below.values():
            yield from _inner_first(one.canonical())
    yield shape


def _creators_of_added(shape: Shape, origin: Origin) -> set[int]:
    """Returns the fetches that create the objects below which `origin` only adds to."""
    found: set[int] = set()
    for one in shape.brought_by(origin):
        if one.below is not None and not one.is_created_by(origin):
            found.add(one.providers[0].fetch)
            for below in one.below.values():
                found |= _creators_of_added(below, origin)
    return found


def _ancestors(plan: Plan, fetch: Fetch) -> set[int]:
    """Returns the fetches that have been merged before `fetch` is sent."""
    found: set[int] = set()
    waiting = list(fetch.after)
    while waiting:
        number = waiting.pop()
        if number not in found:
            found.add(number)
            waiting += plan.fetches[number].after
    return found
