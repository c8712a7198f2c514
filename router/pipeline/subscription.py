"""A subscription operation ready to run: its plan, its root and the feed it reads, if it reads one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, Undefined, parse, value_from_ast_untyped

from router.errors import ClientError
from router.executor.merge.mask import ErrorMask
from router.executor.run.subscription import root_fetch
from router.operation import Field
from router.pipeline.prepare import PreparedOperation
from router.pipeline.request import GraphQLRequest
from router.plan import Fetch
from router.supergraph import Supergraph
from router.supergraph.feeds import EventFeed


@dataclass(frozen=True, slots=True)
class PreparedSubscription:
    """What is asked, and how each event is answered.

    `arguments` are those of the root field, defaults included; `variables` the operation's, coerced. `mask`
    says what clients are told of subgraphs' errors.
    """

    request: GraphQLRequest
    variables: Mapping[str, Any]
    prepared: PreparedOperation
    root: Fetch
    response_key: str
    arguments: Mapping[str, Any]
    feed: EventFeed | None
    mask: ErrorMask | None = None


def prepare_subscription(
    supergraph: Supergraph, request: GraphQLRequest, prepared: PreparedOperation, coerced: Mapping[str, Any]
) -> PreparedSubscription:
    """Returns the subscription of a planned operation; raises ClientError when nothing is subscribed to."""
    fields = [field for field in prepared.operation.selections if not field.name.startswith("__")]
    if not prepared.plan.fetches or len(fields) != 1:
        # Validation demands one root field; @skip may have taken it away.
        raise ClientError("The subscription selects no field.", "BAD_USER_INPUT")
    root = root_fetch(prepared.plan)
    subgraph = supergraph.subgraph_named(root.service)
    assert subgraph is not None, "a plan names subgraphs of its supergraph"
    arguments = _arguments_of(supergraph, fields[0], coerced) if subgraph.feed is not None else {}
    key = root.renames.get(fields[0].key, fields[0].key)
    return PreparedSubscription(request, coerced, prepared, root, key, arguments, subgraph.feed)


def _arguments_of(supergraph: Supergraph, field: Field, coerced: Mapping[str, Any]) -> Mapping[str, Any]:
    root_type = supergraph.api_schema.subscription_type
    assert root_type is not None, "a subscription was validated against it"
    defaults = {
        name: value_from_ast_untyped(argument.ast_node.default_value)
        for name, argument in root_type.fields[field.name].args.items()
        if argument.ast_node is not None and argument.ast_node.default_value is not None
    }
    operation = parse(f"{{ {field.name}{field.arguments} }}", no_location=True).definitions[0]
    assert isinstance(operation, OperationDefinitionNode), "it was written as one"
    node = operation.selection_set.selections[0]
    assert isinstance(node, FieldNode), "it was written as one"
    given = {
        each.name.value: value_from_ast_untyped(each.value, dict(coerced)) for each in node.arguments or ()
    }
    values = {**defaults, **{name: value for name, value in given.items() if value is not Undefined}}
    return {name: value for name, value in values.items() if value is not None}
