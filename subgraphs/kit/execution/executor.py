"""Compiled execution where graphql-core takes an executor: `execute(..., executor_class=CompiledExecutor)`.

Strawberry hands the class on: `strawberry.Schema(..., execution_context_class=StrawberryExecutor)`. So
everything round the execution (schema extensions, masking of errors, views) stays as it is. Operations are
kept per class, by the identity of their documents: it pays where documents are parsed once and kept. What is
not compiled (subscriptions, resolvers given from outside, abort signals, hooks) goes to the ordinary one.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, ClassVar

from graphql import DocumentNode, Executor, GraphQLError, GraphQLSchema, MiddlewareManager, OperationType

from subgraphs.kit.execution.operation import CompiledOperation, compile_operation
from subgraphs.kit.execution.resolution import Binding
from subgraphs.kit.execution.run import Request, Run

OPERATIONS_MAX = 500
_lock = Lock()
"""Synchronous servers execute in several threads."""

BindingOf = Callable[[GraphQLSchema], Binding]


class CompiledExecutor(Executor):
    """Runs operations compiled; `binding_of` tells how the fields of a schema are had.

    `ordinary` is the executor for everything else.
    """

    ordinary: ClassVar[type[Executor]] = Executor
    binding_of: ClassVar[BindingOf] = lambda _: Binding()
    _operations: ClassVar[OrderedDict[Any, tuple[DocumentNode, CompiledOperation]]] = OrderedDict()

    @classmethod
    def build(
        cls, schema: GraphQLSchema, document: DocumentNode, *arguments: Any, **options: Any
    ) -> list[GraphQLError] | Any:
        """Returns what `execute_operation` is called on, or the errors that keep the request from running."""
        given = {**dict(zip(_PARAMETERS, arguments, strict=False)), **options}
        if any(given.get(name) is not None for name in _NOT_COMPILED):
            return cls.ordinary.build(schema, document, *arguments, **options)
        try:
            operation = cls._operation(schema, document, given)
        except GraphQLError as error:
            return [error]
        is_subscription = operation.definition.operation is OperationType.SUBSCRIPTION
        if is_subscription or operation.uncompilable is not None:
            return cls.ordinary.build(schema, document, *arguments, **options)
        request = Request(
            given.get("root_value"),
            given.get("context_value"),
            given.get("raw_variable_values") or {},
            _middleware(given.get("middleware")),
            None,
            given.get("operation_extensions"),
        )
        values = operation.coerce_variables(request)
        return values if isinstance(values, list) else _Prepared(operation, Run(operation, request, values))

    @classmethod
    def _operation(
        cls, schema: GraphQLSchema, document: DocumentNode, given: Mapping[str, Any]
    ) -> CompiledOperation:
        name = given.get("operation_name")
        key = (id(schema), id(document), name)
        with _lock:
            kept = cls._operations.get(key)
            if kept is not None and kept[1].schema is schema:
                cls._operations.move_to_end(key)
                return kept[1]
        operation = compile_operation(
            schema,
            document,
            name,
            binding=cls.binding_of(schema),
            hide_suggestions=bool(given.get("hide_suggestions")),
        )
        with _lock:
            # The document is kept with it: its identity is the key, and must not pass to another.
            cls._operations[key] = (document, operation)
            if len(cls._operations) > OPERATIONS_MAX:
                cls._operations.popitem(last=False)
        return operation


def compiled_executor(binding_of: BindingOf, ordinary: type[Executor]) -> type[CompiledExecutor]:
    """Returns an executor class for schemas of a framework, with operations of its own."""
    names = {"binding_of": staticmethod(binding_of), "ordinary": ordinary, "_operations": OrderedDict()}
    return type("CompiledExecutor", (CompiledExecutor,), names)


class _Prepared:
    """One execution that is ready to run."""

    def __init__(self, operation: CompiledOperation, run: Run) -> None:
        self._operation = operation
        self._run = run

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Returns the result, or an awaitable of it."""
        return self._operation.run_root(self._run)


_PARAMETERS = (
    "root_value",
    "context_value",
    "raw_variable_values",
    "operation_name",
    "field_resolver",
    "type_resolver",
    "subscribe_field_resolver",
    "max_coercion_errors",
    "enable_early_execution",
    "middleware",
    "is_awaitable",
    "is_async_iterable",
)
_NOT_COMPILED = ("field_resolver", "type_resolver", "subscribe_field_resolver", "abort_signal", "hooks")


def _middleware(given: Any) -> Any:
    manager = MiddlewareManager(*given) if isinstance(given, (list, tuple)) else given
    return manager if manager is not None and manager.middlewares else None
