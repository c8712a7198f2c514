"""GraphQL execution by compiled operations, for graphql-core 3.3 schemas and what is built on them.

In: a schema and a valid document; then, for each request, root, context and variables. Out: the same
ExecutionResult as graphql-core's executor gives, errors and their order included.

Steps: `operation` picks the operation; `selection` and `object_plan` find, at the first object of a type,
which fields are asked of it; `object_source` writes a Python function for them, in which plain attributes,
keys and built-in scalars take a few instructions; `completion` holds the ways for every other value;
`scheduler` runs coroutines in the order graphql-core would. `resolution` is the seam for frameworks,
`strawberry_binding` Strawberry's side of it.

It imports nothing of the kit, and must not: it is a library that lives in a folder (see README.md).
"""

from subgraphs.kit.execution.asked import asked_paths
from subgraphs.kit.execution.executor import CompiledExecutor
from subgraphs.kit.execution.operation import CompiledOperation, DeadlineExceededError, compile_operation
from subgraphs.kit.execution.resolution import Binding
from subgraphs.kit.execution.run import Request

__all__ = [
    "Binding",
    "CompiledExecutor",
    "CompiledOperation",
    "DeadlineExceededError",
    "Request",
    "asked_paths",
    "compile_operation",
]
