"""Choosing a product's slugs: those asked for, and one made from the name in every other language."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.locales import LocalizedText
from subgraphs.products.errors import SlugTaken
from subgraphs.products.model.product_queries import claim_slugs, retire_slugs
from subgraphs.products.model.tables import ProductRow
from subgraphs.products.service.texts import SLUG_LENGTH_MAX, check_slug, slugify, text_by_locale

_SUFFIX_LENGTH = 8


async def settle_slugs(session: AsyncSession, product: ProductRow, asked: LocalizedText | None) -> None:
    """Gives the product its slugs; a name that is changed later leaves them, for links to live on.

    Raises SlugTaken for an asked one that leads elsewhere; one made from a name gets a suffix instead.
    """
    before = text_by_locale(product.slugs)
    wanted = {**before, **_asked(asked)}
    made = {
        locale: slugify(text) or f"p-{_suffix_of(product)}"
        for locale, text in text_by_locale(product.name).items()
        if locale not in wanted
    }
    if not made and wanted == before:
        return
    settled = {**wanted, **await _claim_made(session, product, made)}
    await _claim_asked(session, product, wanted, before)
    if wanted != before and before:
        await retire_slugs(session, product.organization_id, product.id, list(settled.values()))
    product.slugs = LocalizedText(**settled)


def _asked(asked: LocalizedText | None) -> dict[str, str]:
    if asked is None:
        return {}
    return {locale: check_slug(slug, ["slug", locale]) for locale, slug in text_by_locale(asked).items()}


async def _claim_asked(
    session: AsyncSession, product: ProductRow, wanted: dict[str, str], before: dict[str, str]
) -> None:
    fresh = {locale: slug for locale, slug in wanted.items() if before.get(locale) != slug}
    if not fresh:
        return
    claimed = await claim_slugs(session, product.organization_id, product.id, list(fresh.values()))
    for locale, slug in fresh.items():
        if slug not in claimed:
            raise SlugTaken(f"The slug {slug} leads to another product", field=["slug", locale])


async def _claim_made(session: AsyncSession, product: ProductRow, made: dict[str, str]) -> dict[str, str]:
    if not made:
        return {}
    claimed = await claim_slugs(session, product.organization_id, product.id, list(made.values()))
    taken = {locale: slug for locale, slug in made.items() if slug not in claimed}
    if not taken:
        return made
    room = SLUG_LENGTH_MAX - _SUFFIX_LENGTH - 1
    again = {locale: f"{slug[:room].strip('-')}-{_suffix_of(product)}" for locale, slug in taken.items()}
    claimed = await claim_slugs(session, product.organization_id, product.id, list(again.values()))
    for locale, slug in again.items():
        if slug not in claimed:
            raise SlugTaken(f"The slug {slug} leads to another product", field=["slug", locale])
    return {**made, **again}


def _suffix_of(product: ProductRow) -> str:
    # The last digits of a UUIDv7 are random, the first ones the time.
    return product.id.hex[-_SUFFIX_LENGTH:]
