"""The loaded supergraph: join-spec SDL in, facts about types and fields per subgraph out.

In: the SDL any composer prints (join spec 0.2 to 0.5). Out: a frozen `Supergraph`: subgraphs with their urls,
for every type which subgraphs hold it with which keys, for every field which subgraphs resolve it under
which conditions, and the API schema clients see. Steps: read the definitions, collect the join directives,
build the API schema. It must not plan, and it knows nothing of operations.
"""

from router.supergraph.load import load_supergraph
from router.supergraph.model import FieldFacts, FieldJoin, Subgraph, Supergraph, TypeFacts, TypeJoin
from router.supergraph.requirements import Requirement, Requirements

__all__ = [
    "FieldFacts",
    "FieldJoin",
    "Requirement",
    "Requirements",
    "Subgraph",
    "Supergraph",
    "TypeFacts",
    "TypeJoin",
    "load_supergraph",
]
