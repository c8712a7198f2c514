"""Two small subgraphs in process: orders (with subscriptions and feeds) and billing (adding to orders)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ExecutionResult,
    GraphQLObjectType,
    GraphQLUnionType,
    build_ast_schema,
    graphql,
    parse,
    subscribe,
)

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: [{}])\n'
ORDERS = (
    LINK.format('"@key", "@composeDirective"')
    + """
@link(url: "https://zellige.dev/feed/v0.1", import: ["@eventFeed"])
@composeDirective(name: "@eventFeed")

directive @eventFeed(events: [String!]!, object: String! = "id: subject", where: [String!])
  on FIELD_DEFINITION

type Query { order(id: ID!): Order hello: String! }
type Mutation { rename(id: ID!, name: String!): Order }
type Subscription {
  orderChanged(id: ID): Order
  count(to: Int!): Int!
  broken: Int
  orderPlaced(wilaya: Int): Order
    @eventFeed(events: ["order.placed"], where: ["data.wilaya = $wilaya"])
  placedNear(wilaya: Int = 16): Order
    @eventFeed(events: ["order.placed"], where: ["data.wilaya = $wilaya"])
  orderNews: OrderNews
    @eventFeed(events: ["order.placed", "order.cancelled"], object: "kind: type, order { id: subject }")
  stockOrOrder: OrderNews
    @eventFeed(events: ["order.placed", "stock.low"], object: "kind: type, order { id: subject }")
  myOrder: Order
    @eventFeed(events: ["order.placed"], where: ["tenant = viewer.org", "data.customer = viewer.sub"])
}
type OrderNews { kind: String! order: Order }
type Order @key(fields: "id") { id: ID! number: Int! name: String viewer: String }
"""
).replace("])\n\n@link", "])\n@link")
BILLING = (
    LINK.format('"@key"')
    + """
type Query { bills: Int }
type Order @key(fields: "id") { id: ID! total: Int! }
"""
)
Resolver = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """One request a subgraph was sent."""

    query: str
    variables: Mapping[str, Any]
    headers: Mapping[str, str]


@dataclass
class TestSubgraph:
    """A schema with resolvers by coordinate, executed by graphql-core; `delay_s` slows every answer."""

    __test__ = False

    sdl: str
    resolvers: Mapping[str, Resolver]
    seen: list[Seen] = field(default_factory=list)
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        entities = "\nscalar _Any\nunion _Entity = Order\n"
        entities += "extend type Query { _entities(representations: [_Any!]!): [_Entity]! }"
        schema = build_ast_schema(parse(self.sdl + entities), assume_valid_sdl=True)
        union = schema.type_map["_Entity"]
        assert isinstance(union, GraphQLUnionType), "it is declared so"
        union.resolve_type = lambda value, *_: value["__typename"]
        for coordinate, resolve in self.resolvers.items():
            type_name, _, name = coordinate.partition(".")
            type_ = schema.type_map[type_name]
            assert isinstance(type_, GraphQLObjectType), "only objects have resolvers"
            if type_name == "Subscription":
                type_.fields[name].subscribe = resolve
                type_.fields[name].resolve = lambda value, *_, **__: value
            else:
                type_.fields[name].resolve = resolve
        query = schema.query_type
        assert query is not None, "every subgraph has one"
        query.fields["_entities"].resolve = lambda *_, representations: representations
        self.schema = schema

    async def execute(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        headers: Mapping[str, str],
    ) -> dict[str, Any]:
        """Runs a query or mutation."""
        self.seen.append(Seen(query, variables or {}, headers))
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        result = await graphql(
            self.schema,
            query,
            variable_values=dict(variables or {}),
            operation_name=operation_name,
            context_value=headers,
        )
        return _to_map(result)

    async def subscribe(
        self,
        query: str,
        variables: Mapping[str, Any] | None,
        operation_name: str | None,
        headers: Mapping[str, str],
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Runs a subscription."""
        self.seen.append(Seen(query, variables or {}, headers))
        started = subscribe(
            self.schema,
            parse(query),
            variable_values=dict(variables or {}),
            operation_name=operation_name,
            context_value=headers,
        )
        events = await started if asyncio.iscoroutine(started) else started
        if isinstance(events, ExecutionResult):
            yield _to_map(events)
            return
        assert isinstance(events, AsyncIterator), "it is a stream or a result"
        try:
            async for result in events:
                yield _to_map(result)
        finally:
            await events.aclose()  # pyright: ignore[reportAttributeAccessIssue]  # a generator in fact


@dataclass
class Channel:
    """What a test publishes reaches whoever listens."""

    listeners: list[asyncio.Queue[Any]] = field(default_factory=list)

    def publish(self, value: Any) -> None:
        """Hands a value to every listener; an exception is raised at theirs, None ends their stream."""
        for queue in self.listeners:
            queue.put_nowait(value)

    async def listen(self) -> AsyncGenerator[Any, None]:
        """Yields what is published from now on."""
        queue: asyncio.Queue[Any] = asyncio.Queue()
        self.listeners.append(queue)
        try:
            while (value := await queue.get()) is not None:
                if isinstance(value, Exception):
                    raise value
                yield value
        finally:
            self.listeners.remove(queue)


async def _count(_root: Any, _info: Any, *, to: int) -> AsyncGenerator[int, None]:
    for number in range(1, to + 1):
        yield number


async def _broken(_root: Any, _info: Any) -> AsyncGenerator[int, None]:
    yield 1
    raise RuntimeError("the subgraph fails")


def orders_subgraph(changes: Channel) -> TestSubgraph:
    """Orders: `orderChanged` gives what the channel is told."""

    async def order_changed(_root: Any, _info: Any, **arguments: Any) -> AsyncGenerator[Any, None]:
        async for order in changes.listen():
            if arguments.get("id") in {None, order["id"]}:
                yield order

    return TestSubgraph(
        ORDERS,
        {
            "Query.hello": lambda *_: "hello",
            "Query.order": lambda *_, id: {"id": id},  # noqa: A006 - the argument's name
            "Mutation.rename": lambda *_, id, name: {"id": id, "name": name},  # noqa: A006 - as above
            "Subscription.orderChanged": order_changed,
            "Subscription.count": _count,
            "Subscription.broken": _broken,
            "Order.number": lambda order, _info: int(order["id"].removeprefix("o") or 0),
            "Order.name": lambda order, _info: order.get("name") or f"Order {order['id']}",
            "Order.viewer": lambda _order, info: info.context.get("authorization"),
        },
    )


def billing_subgraph() -> TestSubgraph:
    """Billing: the total of an order is ten times its number."""
    return TestSubgraph(
        BILLING,
        {
            "Query.bills": lambda *_: 0,
            "Order.total": lambda order, _info: 10 * int(order["id"].removeprefix("o") or 0),
        },
    )


def _to_map(result: ExecutionResult) -> dict[str, Any]:
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [error.formatted for error in result.errors]
    return body
