"""Shapes merged data into what the client asked: order, aliases, type conditions, null propagation.

In: the normalised operation, the API schema and merged data. Out: the response's data and the errors that
shaping found. `compile_projection` does the thinking once per operation; the projection it returns only walks
data. The initial response and each deferred group have a projection of their own. It must not fetch, and it
never fails on data: a wrong value becomes null with an error.
"""

from router.projection.projection import Projection, compile_deferred, compile_projection

__all__ = ["Projection", "compile_deferred", "compile_projection"]
