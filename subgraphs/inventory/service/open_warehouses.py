"""The warehouses that goods shall go to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.inventory.errors import WarehouseInactive
from subgraphs.inventory.model.tables import WarehouseRow
from subgraphs.inventory.model.warehouse_queries import share_warehouses
from subgraphs.kit.errors import DomainError, NotFound, Refusals
from subgraphs.kit.ids import read_id


async def open_warehouses(
    session: AsyncSession, organization_id: UUID, fields: Mapping[str, Collection[str]]
) -> Mapping[str, WarehouseRow]:
    """Returns the warehouses by the ids as given, none of which can be closed before the transaction ends.

    `fields` says for each id where in the input it stands, for the refusals.
    """
    ids = {given: read_id(given) for given in fields}
    found = await share_warehouses(session, organization_id, [each for each in ids.values() if each])
    faults: list[DomainError] = []
    warehouses: dict[str, WarehouseRow] = {}
    for given, warehouse_id in ids.items():
        row = found.get(warehouse_id) if warehouse_id is not None else None
        if row is None:
            faults.append(NotFound("No such warehouse", field=list(fields[given])))
        elif not row.is_active:
            faults.append(WarehouseInactive("The warehouse is closed", field=list(fields[given])))
        else:
            warehouses[given] = row
    if faults:
        raise Refusals(faults)
    return warehouses
