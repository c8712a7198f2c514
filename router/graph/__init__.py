"""The moves between subgraphs: where an object can stand, what can be read there, where it can go next.

In: a supergraph and the set of active override labels. Out: a `Graph` that answers four questions about a
`Node` (an object standing in one subgraph): what does reading a field there give, which types can it be
narrowed to, which other subgraphs can it jump to and by which key, and which fields a subgraph resolves only
when others were fetched first. Answers are computed on first use and remembered; the graph is otherwise
immutable. Satisfiability and the planner share it; it must not know operations or search for paths.
"""

from router.graph.graph import Graph
from router.graph.model import Jump, Node, Reading

__all__ = ["Graph", "Jump", "Node", "Reading"]
