"""The audit domain's root query."""

from __future__ import annotations

import strawberry

from subgraphs.audit.model.queries import NEWEST_FIRST, copies_of_organization
from subgraphs.audit.model.tables import AuditCopyRow
from subgraphs.audit.schema.inputs import ORDER_COLUMNS, WHERE_COLUMNS, AuditEntryOrder, AuditEntryWhere
from subgraphs.audit.schema.types import AuditEntry
from subgraphs.kit import fields
from subgraphs.kit.access import HasPermission
from subgraphs.kit.context import Info
from subgraphs.kit.filtering.ordering import keyset_of
from subgraphs.kit.filtering.where import compile_where
from subgraphs.kit.pagination.arguments import PageArguments
from subgraphs.kit.pagination.connection import Connection
from subgraphs.kit.pagination.page import fetch_page

READ = "audit:read"


@strawberry.type
class Query:
    @fields.listing(
        allow=HasPermission(READ),
        description="What was done in the viewer's organization by a permission, the newest first.",
    )
    async def audit_entries(
        self,
        info: Info,
        page: PageArguments,
        where: AuditEntryWhere | None = None,
        order_by: list[AuditEntryOrder] | None = None,
    ) -> Connection[AuditEntry]:
        statement = copies_of_organization(info.context.viewer.organization_id).where(
            compile_where(where, WHERE_COLUMNS)
        )
        keyset = keyset_of(order_by, ORDER_COLUMNS, AuditCopyRow.id, default=[NEWEST_FIRST])
        return Connection.of(await fetch_page(info.context.session, statement, keyset, page), AuditEntry.of)
