"""Python source for the objects of one plan.

The function holds a block for each field: how its value is got, then a test on the value's class that lets
what is plain pass untouched, then the way for everything else. Errors of a field end in its own block, or go
past it when it may not be null. For `type Product { name: String  maker: Maker! }`:

    def run_object(run, source, path):
        group = None
        try:
            try:
                v0 = source.name
                if v0 is not None and (type(v0) is not str):
                    v0, group = F0.careful(run, v0, path, group)
            except Exception:
                v0 = F0.failed(run, path)
            ...
        except Exception:
            if group is not None:
                run.abandon(group)
            raise
        completed = {'name': v0, 'maker': v1}
        ...
"""

from __future__ import annotations

from collections.abc import Callable
from keyword import iskeyword
from textwrap import indent
from types import CoroutineType
from typing import Any

from graphql import Undefined, is_leaf_type, is_object_type

from subgraphs.kit.execution.classes import PLAIN, WITHOUT_KEYS, has_keys
from subgraphs.kit.execution.leaves import changed_test, refused_leaf
from subgraphs.kit.execution.pending import PENDING, Group
from subgraphs.kit.execution.resolution import Attribute, Call, Constant, Property

_GLOBALS = {
    "COROUTINE": CoroutineType,
    "GROUP": Group,
    "HAS_KEYS": has_keys,
    "NEW": tuple.__new__,
    "PENDING": PENDING,
    "PLAIN": PLAIN,
    "REFUSED": refused_leaf,
    "UNDEFINED": Undefined,
    "WITHOUT_KEYS": WITHOUT_KEYS,
}

_AFTERWARDS = """
if group is None or not group.places:
    return completed
group.container = completed
return group
"""


def generate(plan: Any, *, by_key: bool, with_middleware: bool) -> Callable[[Any, Any, Any], Any]:
    """Returns the compiled function of the plan; `by_key` for sources that are mappings."""
    names: dict[str, Any] = {**_GLOBALS, "PLAN": plan}
    text = object_source(plan, names, by_key=by_key, with_middleware=with_middleware)
    code = compile(text, f"<compiled {plan.object_type.name}>", "exec")
    exec(code, names)  # noqa: S102 - the text is ours: of the operation it holds names alone, quoted by repr
    return names["run_object"]


def object_source(plan: Any, names: dict[str, Any], *, by_key: bool, with_middleware: bool) -> str:
    """Returns the function's text; what it refers to is put among `names`."""
    blocks = [
        _FieldSource(index, field, names, by_key, with_middleware).block()
        for index, field in enumerate(plan.fields)
    ]
    body = "\n".join(blocks) or "pass"
    if any(field.non_null for field in plan.fields):
        body = _tried(body, "if group is not None:\n    run.abandon(group)\nraise", "Exception")
    pairs = ", ".join(f"{field.key!r}: v{index}" for index, field in enumerate(plan.fields))
    parts = [_beginning(plan, by_key), body, f"completed = {{{pairs}}}", _AFTERWARDS.strip()]
    return "def run_object(run, source, path):\n" + indent("\n".join(parts), "    ") + "\n"


def _beginning(plan: Any, by_key: bool) -> str:
    if any(isinstance(field.resolution, Call) and field.resolution.is_asynchronous for field in plan.fields):
        # Places will surely be opened: the group is there from the beginning.
        lines = [
            "group = GROUP(path)",
            "open_place, await_there = group.places.append, group.pendings.append",
        ]
    else:
        lines = ["group = None"]
    if not by_key and any(isinstance(field.resolution, Property) for field in plan.fields):
        lines += [
            "if type(source) is dict or (type(source) not in WITHOUT_KEYS and HAS_KEYS(source)):",
            "    return PLAN.run_keys(run, source, path)",
        ]
    return "\n".join(lines)


def _tried(body: str, handler: str, error: str) -> str:
    return f"try:\n{indent(body, '    ')}\nexcept {error}:\n{indent(handler, '    ')}"


class _FieldSource:
    """Writes the block of one field."""

    def __init__(
        self, index: int, field: Any, names: dict[str, Any], by_key: bool, with_middleware: bool
    ) -> None:
        self._field = field
        self._names = names
        self._by_key = by_key
        self._with_middleware = with_middleware
        self._index = index
        self._v = f"v{index}"
        self._path = f"(path, {field.key!r}, {field.parent.name!r})"
        self._f = self._named("F", field)

    def _named(self, letter: str, value: Any) -> str:
        name = f"{letter}{self._index}"
        self._names[name] = value
        return name

    def block(self) -> str:
        """Returns the field's lines."""
        resolution = self._field.resolution
        if isinstance(resolution, Constant):
            return f"{self._v} = {resolution.value!r}"
        body = f"{self._resolve()}\n{self._complete()}"
        return _tried(body, f"{self._v} = {self._f}.failed(run, path)", "Exception")

    # How the value is got.

    def _resolve(self) -> str:
        resolution = self._field.resolution
        if isinstance(resolution, Attribute):
            return f"{self._v} = {_attribute(resolution.name)}"
        if isinstance(resolution, Property):
            return self._property(resolution.name)
        return self._call(resolution)

    def _property(self, name: str) -> str:
        # Arguments that do not fit are an error even where nobody looks at them.
        arguments = self._field.arguments
        checked = f"{self._f}.keywords(run)\n" if arguments is not None and arguments.constant is None else ""
        if self._by_key:
            return f"{checked}{self._v} = source.get({name!r})"
        return checked + _tried(f"{self._v} = {_attribute(name)}", f"{self._v} = None", "AttributeError")

    def _call(self, resolution: Call) -> str:
        function = self._named("R", resolution.function)
        lines, given = [], []
        if resolution.source is not None:
            given.append(f"{resolution.source}=source" if resolution.source else "source")
        if resolution.info is not None:
            info = f"NEW({self._named('I', self._field.info_class)}, (run, {self._f}, path))"
            if resolution.wrap_info is not None:
                info = f"{self._named('W', resolution.wrap_info)}({info})"
            given.append(f"{resolution.info}={info}" if resolution.info else info)
        given += self._keywords()
        if self._with_middleware:
            function = f"run.wrapped({function})"
        lines.append(f"{self._v} = {function}({', '.join(given)})")
        return "\n".join(lines)

    def _keywords(self) -> list[str]:
        arguments = self._field.arguments
        if arguments is None or arguments.constant == {}:
            return []
        if arguments.constant is not None:
            return [f"**{self._named('K', arguments.constant)}"]
        return [f"**(run.arguments.get({arguments.index}) or {self._named('A', arguments)}(run))"]

    # How it is completed.

    def _complete(self) -> str:
        quick = self._quick()
        if isinstance(self._field.resolution, Call) and self._field.resolution.is_asynchronous:
            place = self._named("P", (self._field.key, self._field, self._field.complete))
            waiting = (
                f"if type({self._v}) is COROUTINE:\n"
                f"    open_place({place})\n    await_there({self._v})\n    {self._v} = None\n"
            )
            return f"{waiting}else:\n{indent(quick, '    ')}"
        return quick

    def _quick(self) -> str:
        field, v = self._field, self._v
        inner = field.return_type.of_type if field.non_null else field.return_type
        unless_null = "" if field.non_null else f"{v} is not None and "
        if is_leaf_type(inner):
            test = changed_test(inner)
            if test is not None:
                return f"if {unless_null}({test.format(v=v)}):\n{self._settle()}"
            return self._custom_leaf(inner)
        complete = self._named("C", field.complete)
        if is_object_type(inner) and inner.is_type_of is None:
            complete = f"{self._named('S', field.selection)}.run"
        placed = f"{v}, group = {self._f}.placed({v}, path, group)"
        return self._either(
            f"{v} = {complete}(run, {v}, {self._path})\nif type({v}) in PENDING:\n    {placed}"
        )

    def _custom_leaf(self, leaf: Any) -> str:
        coerce = self._named("X", self._field.binding.coercion_of(leaf))
        name = self._named("L", leaf)
        quick = (
            f"c = {coerce}({self._v})\n"
            "if c is None or c is UNDEFINED:\n"
            f"    raise REFUSED({name}, {self._v}, c)\n"
            f"{self._v} = c"
        )
        return self._either(quick)

    def _either(self, quick: str) -> str:
        test = f"if type({self._v}) in PLAIN:\n{indent(quick, '    ')}\n"
        other = "else" if self._field.non_null else f"elif {self._v} is not None"
        return f"{test}{other}:\n{self._settle()}"

    def _settle(self) -> str:
        return f"    {self._v}, group = {self._f}.careful(run, {self._v}, path, group)"


def _attribute(name: str) -> str:
    if name.isidentifier() and not iskeyword(name):
        return f"source.{name}"
    return f"getattr(source, {name!r})"
