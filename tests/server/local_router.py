"""A small real GraphQL service that satisfies `Executes`, so that the edge is tested on its own."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationType,
    build_schema,
    execute,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution import ExecutionResult, get_variable_values

from router.config import LimitsConfig
from router.pipeline.request import GraphQLRequest, RequestContext
from router.response.codes import ErrorCode
from router.response.result import GraphQLResult, ResponseError

SCHEMA_SDL = '''
"""A tile of the shop's catalogue."""
type Tile {
  id: ID!
  name: String!
  "Pieces in stock."
  stock: Int!
  price: Price!
}

type Price {
  amount: Int!
  currency: String!
}

type Query {
  "Every tile that is for sale."
  tiles(first: Int = 3): [Tile!]!
  tile(id: ID!): Tile
  "Answers after a second or when it is released, unless it is cancelled first."
  slow: String
  "Always fails."
  broken: String
  "Meets a fault of the server itself."
  crash: String
  "Recurses until Python refuses."
  endless: String
}

type Mutation {
  rename(id: ID!, name: String!): Tile
}
'''

TILES = [
    {"id": "t1", "name": "Khatim", "stock": 40, "price": {"amount": 145000, "currency": "DZD"}},
    {"id": "t2", "name": "Seffsaf", "stock": 12, "price": {"amount": 98000, "currency": "DZD"}},
    {"id": "t3", "name": "Loza", "stock": 0, "price": {"amount": 120000, "currency": "DZD"}},
]


class CrashError(Exception):
    """A fault nobody foresaw, with a text that must not reach the client."""


@dataclass(slots=True)
class LocalRouter:
    """Parses, validates and executes over TILES; remembers what happened to slow operations."""

    schema: GraphQLSchema = field(default_factory=lambda: build_schema(SCHEMA_SDL))
    limits: LimitsConfig = field(default_factory=LimitsConfig)
    contexts: list[RequestContext] = field(default_factory=list)
    slow_outcomes: list[str] = field(default_factory=list)
    slow_started: asyncio.Event = field(default_factory=asyncio.Event)
    slow_ended: asyncio.Event = field(default_factory=asyncio.Event)
    slow_released: asyncio.Event = field(default_factory=asyncio.Event)
    slow_seconds: float = 1.0

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        self.contexts.append(context)
        try:
            document = parse(request.query, max_tokens=self.limits.max_tokens)
        except GraphQLError as error:
            return _refuse(ErrorCode.GRAPHQL_PARSE_FAILED, error)
        errors = validate(self.schema, document)
        if errors:
            return _refuse(ErrorCode.GRAPHQL_VALIDATION_FAILED, *errors)
        refusal = self._check_operation(document, request, context)
        return refusal or await self._run(document, request)

    async def execute_in_parts(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResult:
        return await self.execute(request, context)

    def _check_operation(
        self, document: DocumentNode, request: GraphQLRequest, context: RequestContext
    ) -> GraphQLResult | None:
        operation = get_operation_ast(document, request.operation_name)
        if operation is None:
            return _refuse(ErrorCode.OPERATION_NOT_FOUND, GraphQLError("Unknown operation"))
        if operation.operation is OperationType.MUTATION and not context.allow_mutations:
            return _refuse(ErrorCode.METHOD_NOT_ALLOWED, GraphQLError("A mutation must be sent by POST"))
        variables = get_variable_values(
            self.schema, operation.variable_definitions or (), dict(request.variables)
        )
        return _refuse(ErrorCode.BAD_USER_INPUT, *variables) if isinstance(variables, list) else None

    async def _run(self, document: DocumentNode, request: GraphQLRequest) -> GraphQLResult:
        root = {
            "tiles": lambda _info, first: TILES[:first],
            "tile": lambda _info, **given: next((tile for tile in TILES if tile["id"] == given["id"]), None),
            "rename": lambda _info, **given: {**TILES[0], **given},
            "slow": self._slow,
            "broken": _broken,
        }
        if "crash" in request.query:
            raise CrashError("password=hunter2 at db.internal")
        if "endless" in request.query:
            _recurse()
        outcome = execute(
            self.schema,
            document,
            root,
            variable_values=dict(request.variables),
            operation_name=request.operation_name,
        )
        result = outcome if isinstance(outcome, ExecutionResult) else await outcome
        errors = [
            ResponseError(error.message, "DOWNSTREAM_SERVICE_ERROR", tuple(error.path or ()))
            for error in result.errors or ()
        ]
        return GraphQLResult(result.data, errors)

    async def _slow(self, _info: object) -> str:
        self.slow_started.set()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.slow_seconds):
                    await self.slow_released.wait()
            self.slow_outcomes.append("finished")
            return "done"
        except asyncio.CancelledError:
            self.slow_outcomes.append("cancelled")
            raise
        finally:
            self.slow_ended.set()


def _broken(_info: object) -> str:
    raise GraphQLError("out of clay")


def _recurse() -> None:
    _recurse()


def _refuse(code: ErrorCode, *errors: GraphQLError) -> GraphQLResult:
    return GraphQLResult.refused(*(ResponseError(error.message, code.name) for error in errors))
