"""What entries can be filtered and ordered by."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry import UNSET

from subgraphs.audit.model.queries import touches
from subgraphs.audit.model.tables import AuditCopyRow
from subgraphs.audit.schema.types import AuditActorType
from subgraphs.kit.filtering.inputs import DateTimeFilter, EnumFilter, IDFilter, StringFilter
from subgraphs.kit.filtering.ordering import SortDirection
from subgraphs.kit.filtering.where import Columns, logical


@strawberry.input(description="Entries that changed a table, a row of a table, or a row of any.")
class AuditChangedFilter:
    table: str | None = UNSET
    id: strawberry.ID | None = UNSET


@strawberry.input
class AuditEntryWhere:
    domain: StringFilter | None = UNSET
    operation: StringFilter | None = UNSET
    actor_type: EnumFilter[AuditActorType] | None = UNSET
    actor_id: IDFilter | None = UNSET
    client_address: StringFilter | None = UNSET
    request_id: StringFilter | None = UNSET
    occurred_at: DateTimeFilter | None = UNSET
    changed: AuditChangedFilter | None = UNSET
    and_: list[AuditEntryWhere] | None = logical("AND")
    or_: list[AuditEntryWhere] | None = logical("OR")
    not_: AuditEntryWhere | None = logical("NOT")


WHERE_COLUMNS: Columns = {
    "domain": AuditCopyRow.domain,
    "operation": AuditCopyRow.operation,
    "actor_type": AuditCopyRow.actor_type,
    "actor_id": AuditCopyRow.actor_id,
    "client_address": AuditCopyRow.client_address,
    "request_id": AuditCopyRow.request_id,
    "occurred_at": AuditCopyRow.occurred_at,
    "changed": lambda given: touches(given.table or None, given.id or None),
}


@strawberry.enum
class AuditEntryOrderField(Enum):
    OCCURRED_AT = "occurred_at"
    OPERATION = "operation"


@strawberry.input
class AuditEntryOrder:
    field: AuditEntryOrderField
    direction: SortDirection = SortDirection.DESC


ORDER_COLUMNS = {
    AuditEntryOrderField.OCCURRED_AT: AuditCopyRow.occurred_at,
    AuditEntryOrderField.OPERATION: AuditCopyRow.operation,
}
