"""Contracts: one supergraph for several audiences, each with its own part of the API schema, chosen by @tag.

In: the merged schema of a composition that is complete and reachable, and the tags to include and exclude.
Out: the same schema with what the audience does not see made @inaccessible, and diagnostics where the rest
would be no schema. Steps: `apply` hides by tag, then types that are left empty, then (`reachable`) types no
visible field leads to; `check` holds the result to the rules of @inaccessible. Join facts stay as they are,
so the router still fetches hidden keys and required fields; clients cannot name them.
"""

from __future__ import annotations

from router.composition.contract.apply import apply_contract
from router.composition.contract.check import check_contract
from router.composition.contract.contract import Contract

__all__ = ["Contract", "apply_contract", "check_contract"]
