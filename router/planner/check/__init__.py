"""Checks a plan against the operation it is for, without running it.

In: a supergraph, a normalised operation and its plan. Out: the problems found, none for a sound plan. Every
fetch is played on shapes instead of data: is what it needs there, brought by fetches it waits for; does it
give a key two meanings; is everything the client asked there at the end. It must not change the plan.
"""

from router.planner.check.soundness import check_plan

__all__ = ["check_plan"]
