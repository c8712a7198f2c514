"""The generated shop is believable, complete and the same for the same seed."""

from __future__ import annotations

from collections import Counter

from zellige.demo.generate import generate_shop

SHOP = generate_shop()


def test_the_same_seed_gives_the_same_shop_and_another_seed_another() -> None:
    assert generate_shop() == SHOP
    assert generate_shop(7) != SHOP


def test_there_are_two_hundred_products_with_names_of_their_own_in_three_languages() -> None:
    assert len(SHOP.products) == 200
    for language in ("ar", "fr", "en"):
        assert len({getattr(product.name, language) for product in SHOP.products}) == 200
    assert all(any("\u0600" <= char <= "\u06ff" for char in product.name.ar) for product in SHOP.products)


def test_slugs_skus_and_barcodes_are_unique() -> None:
    variants = [variant for product in SHOP.products for variant in product.variants]
    assert len({product.slug for product in SHOP.products}) == len(SHOP.products)
    assert len({variant.sku for variant in variants}) == len(variants)
    assert len({variant.barcode for variant in variants}) == len(variants)


def test_barcodes_carry_a_valid_check_digit() -> None:
    for product in SHOP.products:
        for variant in product.variants:
            weights = (int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(variant.barcode))
            assert (len(variant.barcode), sum(weights) % 10) == (13, 0)


def test_every_product_stands_in_a_category_and_no_category_misses_its_parent() -> None:
    slugs = [category.slug for category in SHOP.categories]
    assert {product.category for product in SHOP.products} <= set(slugs)
    for place, category in enumerate(SHOP.categories):
        assert category.parent is None or category.parent in slugs[:place]


def test_products_bear_known_tags_and_choose_known_values() -> None:
    tags = {tag.slug for tag in SHOP.tags}
    for product in SHOP.products:
        assert set(product.tags) <= tags
        values = {(option.code, value.code) for option in product.options for value in option.values}
        assert len(values) == sum(len(option.values) for option in product.options)
        assert {choice for variant in product.variants for choice in variant.choices} == values


def test_prices_are_whole_dinars_and_never_nothing() -> None:
    prices = [variant.price_minor for product in SHOP.products for variant in product.variants]
    assert min(prices) >= 80_00
    assert all(price % 100 == 0 for price in prices)


def test_stock_lies_in_five_warehouses_and_some_variants_have_run_out() -> None:
    assert len(SHOP.warehouses) == 5
    assert {stock.warehouse for stock in SHOP.stock} == {place.code for place in SHOP.warehouses}
    skus = {variant.sku for product in SHOP.products for variant in product.variants}
    assert len(skus) // 20 == len(skus - {stock.sku for stock in SHOP.stock})


def test_orders_stand_in_every_state_and_hold_only_what_can_be_bought() -> None:
    sellable = {variant.sku for product in SHOP.products if product.published for variant in product.variants}
    in_stock = {stock.sku for stock in SHOP.stock}
    assert Counter(order.fate for order in SHOP.orders) == {
        "cart": 8, "placed": 8, "confirmed": 8, "fulfilled": 8, "cancelled": 8,
    }  # fmt: skip
    assert {sku for order in SHOP.orders for sku, _ in order.lines} <= sellable & in_stock
    assert {order.customer for order in SHOP.orders} <= {person.email for person in SHOP.customers}
