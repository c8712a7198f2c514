"""Who can log in to the demo shop, and what `zellige dev` says about it."""

from __future__ import annotations

from zellige.demo.generate import generate_shop
from zellige.demo.shop import DemoPerson

# Printed on purpose: the demo shop exists in `zellige dev` only.
DEMO_PASSWORD = "Zellige-58-wilayas"  # noqa: S105


def shown_people() -> tuple[DemoPerson, ...]:
    """Returns the team and one customer."""
    shop = generate_shop()
    return (*shop.team, shop.customers[0])


def demo_notes() -> tuple[str, ...]:
    """Returns the lines about the demo users."""
    people = shown_people()
    width = max(len(person.email) for person in people)
    lines = [f"  {person.email:<{width}}  {person.role:<8}  {person.name}" for person in people]
    return (f"\nDemo users, password {DEMO_PASSWORD}", *lines)
