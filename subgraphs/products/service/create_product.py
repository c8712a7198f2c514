"""Creating a product."""

from __future__ import annotations

from subgraphs.kit.events.outbox import record_events
from subgraphs.products.model.tables import ProductRow
from subgraphs.products.service.drafts import ProductDraft
from subgraphs.products.service.write_product import Writing, new_product, write_product


async def create_product(writing: Writing, draft: ProductDraft) -> ProductRow:
    """Returns the new product of the viewer's organization, published when the draft says so."""
    product = new_product(writing)
    events = await write_product(writing, product, draft, is_new=True)
    await record_events(writing.session, *events)
    return product
