"""From a document to something that runs: `compile_operation`, and the operation it returns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Coroutine, Mapping, Sequence
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    assert_valid_schema,
)

from subgraphs.kit.execution.compilation import Compilation
from subgraphs.kit.execution.events import open_stream
from subgraphs.kit.execution.object_plan import ObjectPlan
from subgraphs.kit.execution.pending import Group
from subgraphs.kit.execution.resolution import Binding
from subgraphs.kit.execution.run import OperationStopped, Request, Run
from subgraphs.kit.execution.selection import Selection
from subgraphs.kit.execution.uncompiled import execute_uncompiled, find_uncompilable
from subgraphs.kit.execution.variables import Variables


class DeadlineExceededError(Exception):
    """The operation did not end in its time; what it had begun was cancelled."""


class CompiledOperation:
    """One operation of a document, compiled for a schema. Object types are compiled when they first occur.

    `fallbacks` tells, by coordinate, which fields are left to the framework's own resolvers, and why;
    `uncompilable` why graphql-core itself executes the operation, if it does.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        definition: OperationDefinitionNode,
        binding: Binding,
        hide_suggestions: bool,
    ) -> None:
        self.schema = schema
        self.document = document
        self.definition = definition
        self.binding = binding
        self.hide_suggestions = hide_suggestions
        self.fragments = {
            each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)
        }
        self.fallbacks: dict[str, str] = {}
        self.object_types: dict[tuple[str, str], GraphQLObjectType] = {}
        self.uncompilable = find_uncompilable(schema, document, definition)
        self.root_type = schema.get_root_type(definition.operation)
        self._variables = Variables(schema, definition, hide_suggestions)
        self._roots: dict[bool, Selection] = {}

    def execute(
        self,
        root: Any = None,
        context: Any = None,
        variables: Mapping[str, Any] | None = None,
        *,
        middleware: Any = None,
        timeout_s: float | None = None,
        extensions: Mapping[str, Any] | None = None,
    ) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Returns the result, or an awaitable of it when a resolver answered with one.

        Raises DeadlineExceededError when the operation takes longer than `timeout_s`. `extensions` are those
        of the request, for frameworks that show them to resolvers.
        """
        request = Request(root, context, variables or {}, middleware, timeout_s, extensions)
        return self.run(request)

    def run(self, request: Request) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Executes the operation for the request, as `execute` does."""
        if self.uncompilable is not None:
            return execute_uncompiled(self, request)
        values = self.coerce_variables(request)
        if isinstance(values, list):
            return ExecutionResult(None, values)
        return self.run_root(Run(self, request, values))

    def coerce_variables(self, request: Request) -> Any:
        """Returns the coerced variables, or the list of what is wrong with them."""
        return self._variables.coerce(request.variables)

    def run_root(self, run: Run) -> ExecutionResult | Awaitable[ExecutionResult]:
        """Resolves the root fields, those of a mutation one after the other."""
        try:
            completed = self._complete_root(run)
        except GraphQLError as error:
            run.record(error, None)
            completed = None
        except OperationStopped as stop:
            raise DeadlineExceededError from stop
        if isinstance(completed, Group):
            return self._result_of(run, run.complete(completed))
        if isinstance(completed, Coroutine):
            return self._result_of(run, completed)
        return ExecutionResult(completed, run.errors or None)

    def _complete_root(self, run: Run) -> Any:
        if self.root_type is None:
            kind = self.definition.operation.value
            raise GraphQLError(f"Schema is not configured to execute {kind} operation.", self.definition)
        selection = self.root_selection(run)
        if self.definition.operation is not OperationType.MUTATION:
            return selection.run_as(self.root_type, run, run.root, None)
        return _complete_serially(run, selection.plan_of(self.root_type, run).fields_alone())

    def root_selection(self, run: Run) -> Selection:
        """Returns what the operation asks of its root type."""
        with_middleware = run.middleware is not None
        selection = self._roots.get(with_middleware)
        if selection is None:
            compilation = Compilation(self, with_middleware=with_middleware)
            selection = Selection(compilation, [self.definition.selection_set], self.root_type)
            self._roots[with_middleware] = selection
        return selection

    async def _result_of(self, run: Run, completing: Awaitable[Any]) -> ExecutionResult:
        try:
            data = await completing
        except GraphQLError as error:
            run.record(error, None)
            data = None
        except OperationStopped as stop:
            raise DeadlineExceededError from stop
        return ExecutionResult(data, run.errors or None)

    async def subscribe(
        self, root: Any = None, context: Any = None, variables: Mapping[str, Any] | None = None, **rest: Any
    ) -> AsyncIterator[ExecutionResult] | ExecutionResult:
        """Returns the stream of results, one for each event of the source; or why there is none.

        `rest` is as for `execute`; `timeout_s` holds for each event.
        """
        return await open_stream(self, Request(root, context, variables or {}, **rest))


def _complete_serially(run: Run, plans: Sequence[ObjectPlan]) -> Any:
    """Completes one root field after the other; returns the map, or an awaitable of it."""
    data: dict[str, Any] = {}
    rest = iter(plans)

    def following() -> Group | None:
        """Runs fields until one has to be waited for."""
        for plan in rest:
            run.check_deadline()
            completed = plan.run(run, run.root, None)
            if type(completed) is Group:
                # The places are filled in where the root's own map is.
                data.update(completed.container)
                completed.container = data
                return completed
            data.update(completed)
        return None

    async def wait(group: Group) -> dict[str, Any]:
        await run.scheduler().complete(group, following)
        return data

    group = following()
    return data if group is None else wait(group)


def compile_operation(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None = None,
    *,
    binding: Binding | None = None,
    hide_suggestions: bool = False,
) -> CompiledOperation:
    """Returns the operation of this name, or the only one, ready to run; the document must be valid.

    Raises a GraphQLError when the document has no such operation.
    """
    assert_valid_schema(schema)
    definitions = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if operation_name is not None:
        definitions = [each for each in definitions if each.name and each.name.value == operation_name]
        if not definitions:
            raise GraphQLError(f"Unknown operation named '{operation_name}'.")
    if not definitions:
        raise GraphQLError("Must provide an operation.")
    if len(definitions) > 1:
        raise GraphQLError("Must provide operation name if query contains multiple operations.")
    return CompiledOperation(schema, document, definitions[0], binding or Binding(), hide_suggestions)
