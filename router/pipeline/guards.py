"""What an operation is held to besides being valid."""

from __future__ import annotations

from dataclasses import dataclass

from router.executor.merge.mask import ErrorMask
from router.pipeline.demand import OperationCosts
from router.pipeline.introspection import IntrospectionPolicy


@dataclass(frozen=True, slots=True)
class Guards:
    """Each may be missing: then everything goes. `costs` are of one supergraph."""

    introspection: IntrospectionPolicy | None = None
    costs: OperationCosts | None = None
    mask: ErrorMask | None = None
