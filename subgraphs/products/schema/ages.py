"""How long the catalogue may be kept, and which mutations end that.

Nothing here is PUBLIC: staff see drafts where others see nothing. So the answers to those without credentials
are shared among them, and everybody else is answered anew.
"""

from __future__ import annotations

from subgraphs.kit.caching import CacheControl, CacheInvalidate

AGE_SECONDS = 60
KEPT = CacheControl(max_age=AGE_SECONDS)

CREATED = CacheInvalidate(type="Product", key="id: {$result.product.id}")
# Variants carry their product's name, and are purchasable only while it is published.
CHANGED = (CacheInvalidate(type="Product", key="id: {$args.id}"), CacheInvalidate(type="ProductVariant"))
VARIANT_CHANGED = (
    CacheInvalidate(type="Product", key="id: {$args.input.productId}"),
    CacheInvalidate(type="ProductVariant", key="id: {$result.variant.id}"),
)
MANY_CHANGED = (CacheInvalidate(type="Product"), CacheInvalidate(type="ProductVariant"))
CATEGORIES_CHANGED = (CacheInvalidate(type="Category"),)
TAGS_CHANGED = (CacheInvalidate(type="Tag"),)
