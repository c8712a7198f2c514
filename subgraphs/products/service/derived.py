"""The columns of a product that follow from its texts and its live variants."""

from __future__ import annotations

from collections.abc import Sequence

from subgraphs.products.errors import MixedCurrencies
from subgraphs.products.model.search_text import join_normalized, texts_of
from subgraphs.products.model.tables import ProductRow, VariantRow


def derive_columns(product: ProductRow, live: Sequence[VariantRow]) -> None:
    """Sets the price range, the count of variants and the search texts."""
    currencies = {variant.currency for variant in live}
    if len(currencies) > 1:
        raise MixedCurrencies("The variants of a product are priced in one currency", field=["variants"])
    prices = [variant.price_minor for variant in live]
    product.currency = currencies.pop() if currencies else None
    product.price_min_minor = min(prices, default=0)
    product.price_max_minor = max(prices, default=0)
    product.variant_count = len(live)
    names = texts_of(product.name)
    codes = [code for variant in live for code in (variant.sku, variant.barcode) if code]
    product.search_name = join_normalized(names)
    product.search_text = join_normalized([*names, *codes, *texts_of(product.description)])
