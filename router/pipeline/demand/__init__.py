"""Demand control: a prepared operation and its variables come in, its cost goes out, or a refusal.

Steps: the weights of the supergraph are read once (`weights`); an operation's cost is compiled once into a
function of its variables (`compile`, made of the parts in `estimate`); the limit and the budgets are looked
at (`control`); where that is asked for, what was answered is counted by the same weights (`actual`).
It never runs anything, and refuses nothing where it only measures.
"""

from router.pipeline.demand.control import COST_HEADER, DemandControl, OperationCosts

__all__ = ["COST_HEADER", "DemandControl", "OperationCosts"]
