"""Products: what shops sell, in which variants, at which prices, and how it is found.

In come drafts of products with options, variants, categories and tags, one by one or in bulk; out go
published products to everybody, drafts to their organization's staff alone. A product's derived columns
(price range, count of variants, search text) are written with it, so lists and searches read one table.
Entities: Product, ProductVariant, Category and Tag.
"""
