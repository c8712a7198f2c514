"""What a variant is called: the names of the values it chooses."""

from __future__ import annotations

from subgraphs.kit.locales import Locale, LocalizedText
from subgraphs.products.model.tables import ProductRow, VariantRow


def variant_name(product: ProductRow, variant: VariantRow) -> LocalizedText:
    """Returns the values' names joined in the order of the options, in each language that any of them has.

    A value without a name in that language is called as in the nearest one. Without options the variant
    bears its product's name.
    """
    chosen = [
        LocalizedText(**value["name"])
        for option in product.options
        for value in option["values"]
        if variant.option_values.get(option["code"]) == value["code"]
    ]
    if not chosen:
        return product.name
    return LocalizedText(
        **{
            locale.value: " / ".join(name.value(locale) for name in chosen)
            for locale in Locale
            if any(getattr(name, locale.value) for name in chosen)
        }
    )
