"""How Strawberry's fields are had most directly.

Strawberry puts two to six calls between graphql-core and a resolver: an `Info`, conversion of arguments, the
chain of extensions, the method that calls the resolver. What of this a field needs is known when the schema
is made, so it is arranged once. A field that uses what is not known here keeps Strawberry's own resolver, and
says why (`Call.fallback`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any

from graphql import GraphQLAbstractType, GraphQLEnumType, GraphQLField, GraphQLInterfaceType, GraphQLLeafType
from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import build_field_extension_resolvers
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryContainer, StrawberryObjectDefinition, get_object_definition
from strawberry.types.cast import TYPE_CAST_ATTRIBUTE
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver
from strawberry.types.info import Info
from strawberry.types.lazy_type import LazyType

from subgraphs.kit.execution.executor import compiled_executor
from subgraphs.kit.execution.resolution import Attribute, Binding, Call, Convert, Resolution
from subgraphs.kit.execution.resolve_info import LazyInfo

_DEFINITION = GraphQLCoreConverter.DEFINITION_BACKREF


class StrawberryInfo(LazyInfo):
    """The `info` as Strawberry has it: variables as a plain map, and the request's extensions."""

    __slots__ = ()

    variable_values = property(lambda self: self.run.variable_values.coerced)
    operation_extensions = property(lambda self: self.run.extensions)


class StrawberryBinding(Binding):
    """Knows the fields of one Strawberry schema."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema
        self._config = schema.config
        self._converter = schema.schema_converter
        self._infos: dict[int, Callable[[Any], Any]] = {}
        """What makes the `Info` of each field, by the identity of its definition, which the schema keeps."""

    def resolution_of(self, field_name: str, field: GraphQLField, parent_name: str) -> Resolution:
        """Returns how the field is resolved."""
        definition = field.extensions.get(_DEFINITION)
        if not isinstance(definition, StrawberryField) or definition.is_subscription:
            return super().resolution_of(field_name, field, parent_name)
        reason = self._unknown_in(definition)
        if reason is not None:
            assert field.resolve is not None, "Strawberry gives each of its fields a resolver"
            return Call(field.resolve, fallback=reason)
        if definition.base_resolver is None and not _chain_of(definition):
            return Attribute(definition.python_name)
        return self._call(definition)

    def _unknown_in(self, definition: StrawberryField) -> str | None:
        resolver = definition.base_resolver
        if self._converter.exception_handlers:
            return "the schema has exception handlers"
        if type(definition).get_result is not StrawberryField.get_result:
            return f"{type(definition).__name__} has a get_result of its own"
        if resolver is None:
            return None if definition.default_resolver is getattr else "the schema has a default resolver"
        if type(resolver) is not StrawberryResolver or isasyncgenfunction(resolver.wrapped_func):
            return "the resolver is of a kind of its own"
        sources = (resolver.self_parameter, resolver.parent_parameter, resolver.root_parameter)
        if len([each for each in sources if each is not None]) > 1:
            return "the resolver takes its source twice"
        if any(_builds_itself(argument.type) for argument in definition.arguments):
            return "an argument's input type builds itself"
        return None

    def _call(self, definition: StrawberryField) -> Call:
        wrap_info = self._infos.get(id(definition))
        if wrap_info is None:
            wrap_info = self._infos[id(definition)] = _info_maker(self._config.info_class, definition)
        chain = _chain_of(definition)
        resolver = definition.base_resolver
        convert = self._convert(definition)
        if chain:
            return Call(_chained(definition, chain), wrap_info=wrap_info, convert=convert)
        assert resolver is not None, "a field without resolver and extensions is an attribute"
        source = "" if resolver.self_parameter is not None else None
        named = resolver.parent_parameter or resolver.root_parameter
        info = resolver.info_parameter
        return Call(
            resolver.wrapped_func,  # pyright: ignore[reportArgumentType]  # static and class methods are bound by then
            source=named.name if named is not None else source,
            info=info.name if info is not None else None,
            wrap_info=wrap_info,
            convert=convert,
        )

    def _convert(self, definition: StrawberryField) -> Convert | None:
        arguments = definition.arguments
        mapping = [
            extension.map_arguments
            for extension in definition.extensions
            if type(extension).map_arguments is not FieldExtension.map_arguments
        ]
        if not arguments and not mapping:
            return None
        registry, config = self._converter.scalar_registry, self._config

        def convert(values: dict[str, Any]) -> dict[str, Any]:
            keywords = convert_arguments(values, arguments, scalar_registry=registry, config=config)
            for change in mapping:
                keywords = change(keywords)
            return keywords

        return convert

    def coercion_of(self, leaf: GraphQLLeafType) -> Callable[[Any], Any]:
        """Returns what coerces a value of the leaf type; members of Python enums by their name."""
        members = getattr(leaf, "wrapped_cls", None)
        ordinary = leaf.coerce_output_value
        if not isinstance(leaf, GraphQLEnumType) or not isinstance(members, type):
            return ordinary
        names = {member.name: ordinary(member) for member in members}  # pyright: ignore[reportGeneralTypeIssues]  # an enum class

        def coerce(value: Any) -> Any:
            return names[value._name_] if type(value) is members else ordinary(value)

        return coerce

    def type_name_function(self, abstract: GraphQLAbstractType) -> Callable[[Any], str | None] | None:
        """Returns what tells the object type of a plain instance of its class; None for anything cast."""
        if isinstance(abstract, GraphQLInterfaceType):
            definition = abstract.extensions.get(_DEFINITION)
            if not isinstance(definition, StrawberryObjectDefinition) or definition.resolve_type:
                return None
        names: dict[type[Any], str] = {}
        for possible in self._schema._schema.get_possible_types(abstract):  # noqa: SLF001 - there is no other way to it
            definition = possible.extensions.get(_DEFINITION)
            if _is_plain(definition) and definition.name == possible.name:
                names[definition.origin] = possible.name

        def name_of(value: Any) -> str | None:
            name = names.get(type(value))
            return name if name is None or getattr(value, TYPE_CAST_ATTRIBUTE, None) is None else None

        return name_of

    def is_surely(self, object_type: Any) -> Callable[[Any], bool] | None:
        """Returns what tells that a value passes the type's `is_type_of`: a plain instance of its class."""
        definition = object_type.extensions.get(_DEFINITION)
        if not _is_plain(definition) or definition.is_type_of is not None:
            return None
        origin = definition.origin
        return lambda value: type(value) is origin and getattr(value, TYPE_CAST_ATTRIBUTE, None) is None

    def info_class(self) -> type[LazyInfo]:
        """Returns the class of what Strawberry's `Info` wraps."""
        return StrawberryInfo

    def executor_options(self, extensions: Any) -> dict[str, Any]:
        """Returns what Strawberry gives to graphql-core's `execute` besides."""
        return {
            "executor_class": self._schema.execution_context_class,
            "operation_extensions": extensions,
        }


def _is_plain(definition: Any) -> bool:
    return (
        isinstance(definition, StrawberryObjectDefinition)
        and definition.concrete_of is None
        and not definition.is_graphql_generic
        and get_object_definition(definition.origin) is definition
    )


def _info_maker(info_class: Any, definition: StrawberryField) -> Callable[[Any], Any]:
    """Returns what makes the field's `Info` round graphql-core's.

    The field is written into a class of its own, so that one attribute is set for each object; what most
    resolvers ask for, the context, is found without detours.
    """
    namespace: dict[str, Any] = {"_field": definition, "__doc__": info_class.__doc__}
    if info_class.context is Info.context:
        namespace["context"] = property(lambda self: self._raw_info.run.context)
    made: Any = type(info_class.__name__, (info_class,), namespace)
    new = object.__new__

    def make(raw: Any) -> Any:
        info = new(made)
        info._raw_info = raw  # noqa: SLF001 - what its constructor would do
        return info

    return make


def _chain_of(definition: StrawberryField) -> list[Any]:
    return build_field_extension_resolvers(definition) if definition.extensions else []


def _chained(definition: StrawberryField, chain: list[Any]) -> Callable[..., Any]:
    """Returns the field's extensions round its resolver; Strawberry makes this chain for each call."""
    call: Callable[..., Any] = _innermost(definition)
    for extension in chain:
        call = partial(extension, call)
    if not definition.is_async or iscoroutinefunction(call):
        return call
    outermost = call

    @wraps(outermost.func)  # pyright: ignore[reportFunctionMemberAccess]  # a partial
    async def awaited(source: Any, info: Any, **keywords: Any) -> Any:
        answer = outermost(source, info, **keywords)
        return await answer if hasattr(answer, "__await__") else answer

    return awaited


def _innermost(definition: StrawberryField) -> Callable[..., Any]:
    resolver = definition.base_resolver
    if resolver is None:
        name = definition.python_name
        return lambda source, info, **keywords: getattr(source, name)
    function: Any = resolver.wrapped_func
    named = resolver.parent_parameter or resolver.root_parameter
    takes_self = resolver.self_parameter is not None
    info_name = resolver.info_parameter.name if resolver.info_parameter is not None else None

    def call(source: Any, info: Any, **keywords: Any) -> Any:
        if named is not None:
            keywords[named.name] = source
        if info_name is not None:
            keywords[info_name] = info
        return function(source, **keywords) if takes_self else function(**keywords)

    return call


def _builds_itself(type_: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Returns whether an input type, or one within it, is made by a function of its own."""
    while isinstance(type_, (StrawberryContainer, LazyType)):
        type_ = type_.resolve_type() if isinstance(type_, LazyType) else type_.of_type
    definition = get_object_definition(type_)
    if definition is None or type_ in seen:
        return False
    if definition.from_input is not None:
        return True
    return any(_builds_itself(field.type, seen | {type_}) for field in definition.fields)


StrawberryExecutor = compiled_executor(
    lambda schema: StrawberryBinding(schema._strawberry_schema),  # noqa: SLF001  # pyright: ignore[reportAttributeAccessIssue]  # set by Strawberry
    StrawberryGraphQLCoreExecutionContext,
)
"""For `strawberry.Schema(execution_context_class=...)`."""
