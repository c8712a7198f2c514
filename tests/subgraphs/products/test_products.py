"""Products and variants written one by one."""

from __future__ import annotations

from typing import Any

from tests.subgraphs.products.shop import COLOURS, Shop, colour, priced
from tests.support.migrated import assert_migrations_match
from tests.support.subgraph import RunningSubgraph


async def test_the_migrations_make_the_declared_tables() -> None:
    await assert_migrations_match("products")


async def test_a_product_is_created_as_a_draft_with_its_variants(shop: Shop) -> None:
    name = {"fr": "Tapis berbère", "ar": "زربية"}
    red = priced("RUG-R", 250_000, options=colour("red"))
    blue = priced("RUG-B", 300_000, options=colour("blue"))
    product = await shop.product(name=name, options=COLOURS, variants=[red, blue])
    assert {key: product[key] for key in ("slug", "name", "status", "version", "variantCount")} == {
        "slug": "tapis-berbere",
        "name": "Tapis berbère",
        "status": "DRAFT",
        "version": 1,
        "variantCount": 2,
    }
    assert [(each["sku"], each["name"], each["price"]) for each in product["variants"]] == [
        ("RUG-R", {"fr": "Rouge"}, {"amountMinor": "250000"}),
        ("RUG-B", {"fr": "Bleu"}, {"amountMinor": "300000"}),
    ]
    event = {"name": name, "actor_id": str(shop.staff.viewer.user_id)}
    assert await shop.events() == [("product.created", product["id"], event)]


async def test_a_created_product_is_not_created_twice_under_one_key(shop: Shop) -> None:
    first = await shop.product(variants=[priced("A")], idempotencyKey="k1")
    again = await shop.product(variants=[priced("A")], idempotencyKey="k1")
    assert again == first
    other = await shop.create(variants=[priced("B")], idempotencyKey="k1")
    assert other["userErrors"] == [{"code": "IDEMPOTENCY_CONFLICT", "field": ["input", "idempotencyKey"]}]


async def test_texts_are_told_in_the_locale_or_the_nearest_that_has_them(shop: Shop) -> None:
    product = await shop.product(
        name={"ar": "زيت الزيتون", "en": "Olive oil"}, description={"en": "Pressed cold"}, options=COLOURS
    )
    query = """query($id: ID!) { product(id: $id) {
        fr: name(locale: FR) ar: name(locale: AR) en: name(locale: EN)
        slugs: translations { slug { fr ar en } description { fr en } name { value(locale: AR) } }
        description options { code name(locale: AR) values { code name(locale: AR) } } } }"""
    assert (await shop.ask(query, {"id": product["id"]}))["product"] == {
        "fr": "زيت الزيتون",
        "ar": "زيت الزيتون",
        "en": "Olive oil",
        "slugs": {
            "slug": {"fr": None, "ar": "زيت-الزيتون", "en": "olive-oil"},
            "description": {"fr": None, "en": "Pressed cold"},
            "name": {"value": "زيت الزيتون"},
        },
        "description": "Pressed cold",
        "options": [
            {
                "code": "color",
                "name": "اللون",
                "values": [{"code": "red", "name": "أحمر"}, {"code": "blue", "name": "Bleu"}],
            }
        ],
    }


BROKEN_RULES: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"name": {"fr": " "}}, "INVALID_INPUT", ["input", "name"]),
    ({"name": {"fr": "x" * 201}}, "INVALID_INPUT", ["input", "name"]),
    ({"slug": {"fr": "Pas Bon"}}, "INVALID_INPUT", ["input", "slug", "fr"]),
    ({"variants": [{"sku": "A"}]}, "INVALID_INPUT", ["input", "variants", "0", "price"]),
    (
        {"variants": [priced("A", -1)]},
        "INVALID_INPUT",
        ["input", "variants", "0", "price", "amountMinor"],
    ),
    ({"variants": [priced(" ")]}, "INVALID_INPUT", ["input", "variants", "0", "sku"]),
    ({"variants": [priced("A"), priced("a")]}, "INVALID_INPUT", ["input", "variants", "1", "sku"]),
    ({"variants": [priced("A"), priced("B")]}, "DUPLICATE_COMBINATION", ["input", "variants"]),
    (
        {"variants": [priced("A", options=colour("red"))]},
        "OPTIONS_MISMATCH",
        ["input", "variants"],
    ),
    ({"options": COLOURS, "variants": [priced("A")]}, "OPTIONS_MISMATCH", ["input", "variants"]),
    (
        {"options": COLOURS, "variants": [priced("A", options=colour("green"))]},
        "OPTIONS_MISMATCH",
        ["input", "variants"],
    ),
    ({"options": [*COLOURS, *COLOURS]}, "INVALID_INPUT", ["input", "options"]),
    (
        {"options": [{"code": "A B", "name": {"fr": "x"}, "values": COLOURS[0]["values"]}]},
        "INVALID_INPUT",
        ["input", "options", "0", "code"],
    ),
    ({"publish": True}, "NOTHING_TO_SELL", ["input", "variants"]),
    ({"categoryId": "nonsense"}, "NOT_FOUND", ["input", "categoryId"]),
    ({"tagIds": ["01890000-0000-7000-8000-000000000000"]}, "NOT_FOUND", ["input", "tagIds"]),
]


async def test_a_product_that_breaks_a_rule_is_refused_and_leaves_nothing(shop: Shop) -> None:
    for given, code, field in BROKEN_RULES:
        payload = await shop.create(**given)
        assert payload == {"product": None, "userErrors": [{"code": code, "field": field}]}, given
    assert await shop.ask("{ products { totalCount } }") == {"products": {"totalCount": 0}}
    assert await shop.events() == []


async def test_one_product_has_one_currency(shop: Shop) -> None:
    euros = {"sku": "B", "price": {"amountMinor": "5", "currency": "EUR"}, "options": colour("blue")}
    payload = await shop.create(options=COLOURS, variants=[priced("A", options=colour("red")), euros])
    assert payload["userErrors"] == [{"code": "MIXED_CURRENCIES", "field": ["input", "variants"]}]


async def test_a_sku_and_a_barcode_are_unique_in_their_organization(
    shop: Shop, products: RunningSubgraph
) -> None:
    await shop.product(variants=[priced("ABC", barcode="613000")])
    same_sku = await shop.create(variants=[priced("abc")])
    assert same_sku["userErrors"] == [
        {"code": "SKU_TAKEN", "field": ["input", "variants", "0", "sku"]},
    ]
    same_barcode = await shop.create(variants=[priced("DEF", barcode="613000")])
    assert same_barcode["userErrors"] == [
        {"code": "BARCODE_TAKEN", "field": ["input", "variants", "0", "barcode"]},
    ]
    assert (await Shop(products).create(variants=[priced("ABC", barcode="613000")]))["userErrors"] == []


async def test_a_name_in_use_gives_another_slug_and_a_slug_in_use_is_refused(shop: Shop) -> None:
    first, second = await shop.product(name={"fr": "Thé"}), await shop.product(name={"fr": "Thé"})
    assert (first["slug"], second["slug"]) == ("the", f"the-{second['id'].replace('-', '')[-8:]}")
    refused = await shop.create(slug={"en": "the"})
    assert refused["userErrors"] == [{"code": "SLUG_TAKEN", "field": ["input", "slug", "en"]}]


async def test_a_former_slug_leads_to_its_product_until_another_takes_it(
    shop: Shop, products: RunningSubgraph
) -> None:
    product = await shop.published("A", name={"fr": "Ancien"})
    renamed = await shop.update(product["id"], slug={"fr": "nouveau"}, name={"fr": "Nouveau"})
    assert renamed["product"]["slug"] == "nouveau"
    query = "query($slug: String!) { product(slug: $slug) { id slug } }"
    found = await products.data(query, {"slug": "ancien"})
    assert found == {"product": {"id": product["id"], "slug": "nouveau"}}
    other = await shop.published("B", name={"fr": "Ancien"})
    assert other["slug"] == "ancien"
    assert (await products.data(query, {"slug": "ancien"}))["product"]["id"] == other["id"]


async def test_a_slug_of_two_shops_needs_the_organization(shop: Shop, products: RunningSubgraph) -> None:
    mine = await shop.published("A")
    await Shop(products).published("A")
    answer = await products.execute('{ product(slug: "tapis") { id } }')
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    query = 'query($o: ID!) { product(slug: "tapis", organizationId: $o) { id } }'
    found = await products.data(query, {"o": str(shop.organization_id)})
    assert found == {"product": {"id": mine["id"]}}


async def test_an_update_changes_what_it_names_and_counts_one_version(shop: Shop) -> None:
    category, tag = await shop.category("Maison"), await shop.tag("Laine")
    product = await shop.product(description={"fr": "Doux"}, categoryId=category, tagIds=[tag])
    updated = await shop.update(product["id"], variants=[priced("A", 500)], expectedVersion=1)
    assert (updated["product"]["version"], updated["product"]["variantCount"]) == (2, 1)
    query = "query($id: ID!) { product(id: $id) { description category { id } tags { id } version } }"
    found = (await shop.ask(query, {"id": product["id"]}))["product"]
    assert found == {"description": "Doux", "category": {"id": category}, "tags": [{"id": tag}], "version": 2}
    await shop.update(product["id"], description=None, categoryId=None, tagIds=[])
    cleared = (await shop.ask(query, {"id": product["id"]}))["product"]
    assert cleared == {"description": None, "category": None, "tags": [], "version": 3}


async def test_a_change_from_an_old_version_is_refused(shop: Shop) -> None:
    product = await shop.product()
    await shop.update(product["id"], name={"fr": "Kilim"})
    late = await shop.update(product["id"], name={"fr": "Natte"}, expectedVersion=1)
    assert late["userErrors"] == [{"code": "CONFLICT", "field": ["input", "expectedVersion"]}]
    query = "query($id: ID!) { product(id: $id) { name } }"
    assert await shop.ask(query, {"id": product["id"]}) == {"product": {"name": "Kilim"}}


async def test_options_change_only_with_variants_that_fit(shop: Shop) -> None:
    product = await shop.product(options=COLOURS, variants=[priced("A", options=colour("red"))])
    refused = await shop.update(product["id"], options=[])
    assert refused["userErrors"] == [{"code": "OPTIONS_MISMATCH", "field": ["input", "variants"]}]
    changed = await shop.update(product["id"], options=[], variants=[{"sku": "A", "options": []}])
    assert changed["userErrors"] == []
    replaced = await shop.update(
        product["id"],
        options=COLOURS,
        variants=[priced("B", options=colour("blue"))],
        archiveOtherVariants=True,
    )
    assert [each["sku"] for each in replaced["product"]["variants"]] == ["B"]


async def test_a_variant_is_changed_by_its_sku_or_its_id(shop: Shop) -> None:
    product = await shop.product(options=COLOURS)
    made = await shop.upsert_variant(product["id"], "A", price={"amountMinor": "7"}, options=colour("red"))
    assert made["variant"]["options"] == [{"option": "color", "value": "red"}]
    renamed = await shop.upsert_variant(product["id"], "A2", id=made["variant"]["id"], expectedVersion=1)
    assert (renamed["variant"]["id"], renamed["variant"]["sku"]) == (made["variant"]["id"], "A2")
    assert (renamed["variant"]["price"], renamed["variant"]["version"]) == ({"amountMinor": "7"}, 2)
    stale = await shop.upsert_variant(product["id"], "A2", price={"amountMinor": "8"}, expectedVersion=1)
    field = ["input", "variants", "0", "expectedVersion"]
    assert stale["userErrors"] == [{"code": "CONFLICT", "field": field}]


async def test_a_new_price_is_told_once(shop: Shop) -> None:
    product = await shop.published("A", 1000)
    for _ in range(2):
        await shop.upsert_variant(product["id"], "A", price={"amountMinor": "1200"})
    told = [payload for type_, _, payload in await shop.events() if type_ == "product.price_changed"]
    assert told == [
        {
            "variant_id": product["variants"][0]["id"],
            "sku": "A",
            "currency": "DZD",
            "currency_before": "DZD",
            "minor_before": 1000,
            "minor_after": 1200,
        }
    ]


async def test_an_archived_variant_frees_its_sku_and_the_last_published_one_stays(shop: Shop) -> None:
    mutation = """mutation($id: ID!) { productVariantArchive(id: $id) {
        variant { sku isPurchasable product { variantCount } } userErrors { code } } }"""
    product = await shop.published("A")
    variables = {"id": product["variants"][0]["id"]}
    refused = (await shop.ask(mutation, variables))["productVariantArchive"]
    assert refused == {"variant": None, "userErrors": [{"code": "NOTHING_TO_SELL"}]}
    await shop.set_status("productUnpublish", product["id"])
    archived = (await shop.ask(mutation, variables))["productVariantArchive"]
    assert archived["variant"] == {"sku": "A", "isPurchasable": False, "product": {"variantCount": 0}}
    assert (await shop.create(variants=[priced("A")]))["userErrors"] == []
    assert (await shop.ask(mutation, variables))["productVariantArchive"]["userErrors"] == [
        {"code": "NOT_FOUND"}
    ]
