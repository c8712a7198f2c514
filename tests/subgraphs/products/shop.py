"""A shop to test with: its staff, and builders for what it sells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from subgraphs.kit.ids import new_id
from tests.support.subgraph import Caller, RunningSubgraph

ERRORS = "userErrors { code field }"
VARIANT = "id sku name { fr } price { amountMinor } version"
PRODUCT = f"id slug name status version variantCount variants {{ {VARIANT} }}"


class Shop:
    """An organization with staff who may write products."""

    def __init__(self, running: RunningSubgraph) -> None:
        self.running = running
        self.organization_id = new_id()
        self.staff: Caller = self.someone(["products:*"])

    def someone(self, permissions: Sequence[str]) -> Caller:
        """Returns a member of the organization with these permissions."""
        return self.running.user(organization_id=self.organization_id, permissions=permissions)

    async def ask(self, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Returns what the staff are answered."""
        return await self.running.data(query, variables, self.staff)

    async def create(self, **given: Any) -> dict[str, Any]:
        """Returns the payload of productCreate."""
        mutation = f"""mutation($input: ProductCreateInput!) {{
            productCreate(input: $input) {{ product {{ {PRODUCT} }} {ERRORS} }} }}"""
        return (await self.ask(mutation, {"input": {"name": {"fr": "Tapis"}, **given}}))["productCreate"]

    async def product(self, **given: Any) -> dict[str, Any]:
        """Returns a new product, which must not be refused."""
        payload = await self.create(**given)
        assert payload["userErrors"] == []
        return payload["product"]

    async def published(self, sku: str, minor: int = 1000, **given: Any) -> dict[str, Any]:
        """Returns a new published product with one variant."""
        return await self.product(variants=[priced(sku, minor)], publish=True, **given)

    async def update(self, product_id: str, **given: Any) -> dict[str, Any]:
        """Returns the payload of productUpdate."""
        mutation = f"""mutation($id: ID!, $input: ProductUpdateInput!) {{
            productUpdate(id: $id, input: $input) {{ product {{ {PRODUCT} }} {ERRORS} }} }}"""
        return (await self.ask(mutation, {"id": product_id, "input": given}))["productUpdate"]

    async def bulk(self, rows: Sequence[Mapping[str, Any]], key: str | None = None) -> dict[str, Any]:
        """Returns the payload of productBulkUpsert."""
        mutation = f"""mutation($input: ProductBulkUpsertInput!) {{ productBulkUpsert(input: $input) {{
            createdCount updatedCount refusedCount {ERRORS}
            results {{ index created product {{ {PRODUCT} }} {ERRORS} }} }} }}"""
        given = {"idempotencyKey": key or str(new_id()), "rows": list(rows)}
        return (await self.ask(mutation, {"input": given}))["productBulkUpsert"]

    async def set_status(self, verb: str, product_id: str, caller: Caller | None = None) -> dict[str, Any]:
        """Returns the payload of productPublish, productUnpublish or productArchive."""
        mutation = f"mutation($id: ID!) {{ answer: {verb}(id: $id) {{ product {{ {PRODUCT} }} {ERRORS} }} }}"
        data = await self.running.data(mutation, {"id": product_id}, caller or self.staff)
        return data["answer"]

    async def upsert_variant(self, product_id: str, sku: str, **given: Any) -> dict[str, Any]:
        """Returns the payload of productVariantUpsert."""
        mutation = f"""mutation($input: ProductVariantUpsertInput!) {{ productVariantUpsert(input: $input) {{
            variant {{ {VARIANT} options {{ option value }} }} {ERRORS} }} }}"""
        variables = {"input": {"productId": product_id, "sku": sku, **given}}
        return (await self.ask(mutation, variables))["productVariantUpsert"]

    async def category(self, name: str, parent_id: str | None = None, **given: Any) -> str:
        """Returns the id of a new category."""
        mutation = f"""mutation($input: CategoryCreateInput!) {{
            categoryCreate(input: $input) {{ category {{ id }} {ERRORS} }} }}"""
        variables = {"input": {"name": {"fr": name}, "parentId": parent_id, **given}}
        payload = (await self.ask(mutation, variables))["categoryCreate"]
        assert payload["userErrors"] == []
        return payload["category"]["id"]

    async def move(self, category_id: str, parent_id: str | None, **given: Any) -> dict[str, Any]:
        """Returns the payload of categoryMove."""
        mutation = f"""mutation($id: ID!, $input: CategoryMoveInput!) {{
            categoryMove(id: $id, input: $input) {{
                category {{ id version breadcrumb {{ slug }} }} {ERRORS} }} }}"""
        variables = {"id": category_id, "input": {"parentId": parent_id, **given}}
        return (await self.ask(mutation, variables))["categoryMove"]

    async def tag(self, name: str) -> str:
        """Returns the id of a new tag."""
        mutation = f"""mutation($input: TagCreateInput!) {{
            tagCreate(input: $input) {{ tag {{ id }} {ERRORS} }} }}"""
        payload = (await self.ask(mutation, {"input": {"name": {"fr": name}}}))["tagCreate"]
        assert payload["userErrors"] == []
        return payload["tag"]["id"]

    async def events(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Returns type, subject and payload of the events in the outbox, in order."""
        async with self.running.app.database.engine.connect() as connection:
            rows = await connection.execute(
                text("SELECT type, subject, payload FROM outbox_events ORDER BY sequence")
            )
            return [(row.type, row.subject, row.payload) for row in rows]


def priced(sku: str, minor: int = 1000, **given: Any) -> dict[str, Any]:
    """Returns the input of a variant with a price."""
    return {"sku": sku, "price": {"amountMinor": str(minor)}, **given}


COLOURS = [
    {
        "code": "color",
        "name": {"fr": "Couleur", "ar": "اللون"},
        "values": [
            {"code": "red", "name": {"fr": "Rouge", "ar": "أحمر"}},
            {"code": "blue", "name": {"fr": "Bleu"}},
        ],
    }
]


def colour(code: str) -> list[dict[str, str]]:
    """Returns the choice of a colour."""
    return [{"option": "color", "value": code}]
