"""Our own model of an operation, and how a validated GraphQL document becomes one.

In: a document that passed validation against the API schema, the operation's name, and the values of the
variables that steer @skip, @include and @defer. Out: an `Operation` of fields only: fragments are inlined,
type conditions became sets of object types, equal fields are merged, conditions are decided, and each field
tells which deferred groups ask it. `restrict_operation` takes out what a viewer may not read.
It must not know subgraphs' addresses, plans or data.
"""

from router.operation.field_set import read_field_set
from router.operation.guards import guards_of
from router.operation.model import DeferredGroup, Field, Operation, VariableDefinition
from router.operation.normalize import condition_variables, normalize_operation
from router.operation.restrict import RestrictedOperation, restrict_operation

__all__ = [
    "DeferredGroup",
    "Field",
    "Operation",
    "RestrictedOperation",
    "VariableDefinition",
    "condition_variables",
    "guards_of",
    "normalize_operation",
    "read_field_set",
    "restrict_operation",
]
