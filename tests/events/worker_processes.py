"""What processes of the ledger and the mirror are told."""

from __future__ import annotations

from pathlib import Path

from subgraphs.kit.settings import KitSettings

DOMAINS = ("ledger", "mirror")


def write_supergraph_file(folder: Path) -> Path:
    """Returns the file that names the two domains."""
    path = folder / "supergraph.yaml"
    entry = "  {0}: {{url: 'http://{0}.test/graphql', schema: {0}.graphql, module: tests.events.{0}.app}}\n"
    entries = [entry.format(name) for name in DOMAINS]
    path.write_text("subgraphs:\n" + "".join(entries))
    return path


def environment_of(settings: KitSettings) -> dict[str, str]:
    """Returns the variables by which a process finds the same engines, databases and bus."""
    databases = {f"DATABASE_URL_{name.upper()}": url for name, url in settings.database_overrides.items()}
    assert settings.event_bus_url is not None, "a test's bus has an address of its own"
    assert settings.internal_secret is not None, "tests have a secret"
    return {
        **databases,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "EVENT_BUS_URL": settings.event_bus_url,
        "ZELLIGE_EVENT_BUS_NAME": settings.event_bus_name,
        "ZELLIGE_EVENT_LEASE_S": str(settings.event_lease_s),
        "ZELLIGE_INTERNAL_SECRET": settings.internal_secret,
    }
