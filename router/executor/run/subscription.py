"""One event of a subscription: its root is there already, the rest of the plan is fetched."""

from __future__ import annotations

from msgspec.structs import replace

from router.executor.run.context import FetchContext
from router.executor.run.earlier import EarlierFetch
from router.executor.run.execute import ExecutedPlan, execute_plan
from router.executor.transport.client import SubgraphResponse
from router.plan import Fetch, Plan


async def execute_event(plan: Plan, response: SubgraphResponse, context: FetchContext) -> ExecutedPlan:
    """Returns the merged answer for one event, whose root fetch has `response`.

    The response becomes part of the answer: it must not be used again.
    """
    root = root_fetch(plan)
    earlier = {root.id: EarlierFetch(root, (), response)}
    return await execute_plan(plan, replace(context, earlier=earlier))


def root_fetch(plan: Plan) -> Fetch:
    """Returns the fetch that a subgraph or a feed answers once for each event."""
    root = plan.fetches[0]
    assert root.kind == "subscription" and not root.after, "a subscription begins with its root"
    return root
