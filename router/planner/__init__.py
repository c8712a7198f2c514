"""Plans operations: which subgraph is asked what, in which order. Pure and synchronous.

In: the graph of moves and a normalised operation. Out: a `Plan`. Steps: `walk` finds the places that can
answer each leaf, `choose` picks one for each so that all together cost least, `fetches` grows fetch steps
along them, `passes` merge steps, `build` prints the documents. It must not do I/O or keep state between
operations; every search has a limit and reaching it is a coded error.
"""

from router.planner.explain import Explanation, PlanTrace, explain_plan, print_explanations
from router.planner.planner import plan_operation

__all__ = ["Explanation", "PlanTrace", "explain_plan", "plan_operation", "print_explanations"]
