"""What a viewer may read: the requirements an operation can meet come in, those the viewer fails go out.

Steps: a log-in and scopes are compared with what the viewer holds (`verdict`); policies are decided by
Python callables or a coprocessor, each decision kept for a moment (`policies`). The result is a few bits that
are part of the plan's identity: what is denied is taken out of the operation before it is planned.
A policy that nobody decides, or whose decision fails or is late, does not hold.
"""

from router.pipeline.authorization.policies import PolicyDecisions, open_policies
from router.pipeline.authorization.verdict import Authorization

__all__ = ["Authorization", "PolicyDecisions", "open_policies"]
