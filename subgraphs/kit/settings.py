"""What a subgraph process is told from outside, read once at its start.

Every setting comes from `ZELLIGE_<NAME>`; the two engines also answer to their customary names
`DATABASE_URL` and `REDIS_URL`, and one domain can be moved to another server by `DATABASE_URL_<DOMAIN>`.
"""

from __future__ import annotations

import os

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import URL, make_url

_DRIVER = "postgresql+asyncpg"
_OVERRIDE_PREFIX = "DATABASE_URL_"


def _read_database_overrides() -> dict[str, str]:
    return {
        name.removeprefix(_OVERRIDE_PREFIX).lower(): value
        for name, value in os.environ.items()
        if name.startswith(_OVERRIDE_PREFIX)
    }


class KitSettings(BaseSettings):
    """The settings every domain shares."""

    model_config = SettingsConfigDict(
        env_prefix="ZELLIGE_", frozen=True, extra="ignore", populate_by_name=True
    )

    database_url: str = Field(
        default="postgresql://postgres@127.0.0.1:5432/postgres",
        validation_alias=AliasChoices("DATABASE_URL", "ZELLIGE_DATABASE_URL"),
    )
    database_prefix: str = "zellige_"
    database_overrides: dict[str, str] = Field(default_factory=_read_database_overrides)
    pool_size: int = 5
    pool_overflow_max: int = 5
    pool_timeout_s: float = 10.0
    statement_timeout_ms_max: int = 15_000
    lock_timeout_ms_max: int = 5_000

    redis_url: str = Field(
        default="redis://127.0.0.1:6379", validation_alias=AliasChoices("REDIS_URL", "ZELLIGE_REDIS_URL")
    )
    event_bus_url: str | None = Field(
        default=None, validation_alias=AliasChoices("EVENT_BUS_URL", "ZELLIGE_EVENT_BUS_URL")
    )
    """amqp:// for RabbitMQ, redis:// for Redis Streams; the Redis of `redis_url` when it is left out."""
    event_bus_name: str = "zellige"
    """What all names on the bus begin with; two installations on one engine take two names."""
    event_retention_hours: float = 72.0
    """How far back a live feed can be resumed."""
    event_log_entries_max: int = 1_000_000
    """Most events kept per topic, whatever their age; beyond, services that lag lose the oldest."""
    event_deliveries_max: int = 20
    """How often an event is handed out whose consumer dies over it, before it is a dead letter."""
    event_lease_s: float = 6.0
    """How long the events of a dead consumer wait for another one (Redis only)."""
    outbox_retention_days: float = 7.0
    """How long published events stay in the outbox, to be replayed."""
    inbox_retention_days: float = 30.0
    """How long a consumer remembers what it has handled; longer than anything is replayed."""
    consumer_concurrency_max: int = 10
    """How many events of different subjects one worker handles at once, per domain."""
    consumer_window_max: int = 100
    """How many events a worker takes from the bus before the first of them is done, per domain."""

    public_url: str = "http://localhost:4000"
    """Where people reach the platform: links in letters, the origin of cookies and passkeys."""
    router_url: str = "http://127.0.0.1:4000/graphql"
    router_timeout_s: float = 10.0

    external_providers: str | None = None
    """Other OpenID Connect providers people may log in by: a JSON list, see the guide on OAuth."""
    jwks: str | None = None
    """The public keys of identity: an http(s) URL, a file path, or the JSON itself."""
    signing_key: str | None = None
    """Identity's Ed25519 private key: PEM text or the path of a PEM file."""
    retired_jwks: str | None = None
    """JWKS of keys no longer signed with, still accepted until the last token of theirs has expired."""
    internal_secret: str | None = None
    """Signs the short-lived tokens services show each other, and the router's passports; at least 32
    characters."""
    router_only: bool = True
    """Whether a request over HTTP needs a passport of the router; without, a user's own token is enough."""
    encryption_keys: str | None = None
    """Seal what identity must read again (TOTP seeds, signing keys): newest first, separated by commas."""
    token_issuer: str = "zellige-identity"  # noqa: S105 - a name, not a secret
    token_audience: str = "zellige"  # noqa: S105 - a name, not a secret
    token_cache_entries_max: int = 10_000

    query_depth_max: int = 25
    query_aliases_max: int = 200
    query_fields_max: int = 5_000
    query_tokens_max: int = 15_000
    query_mutations_max: int = 10
    entities_max: int = 5_000
    request_bytes_max: int = 1_000_000
    document_cache_entries_max: int = 500
    operation_timeout_s: float = 30.0
    """How long an operation may take; what it has begun is cancelled then."""
    subscriptions_max: int = 1_000
    """Subscriptions that a subgraph resolves itself, at once in one process; feeds do not count."""
    compiled_execution: bool = True
    """Whether operations are compiled; without, graphql-core executes them step by step."""

    def database_name(self, domain: str) -> str:
        """Returns the name of the domain's own database."""
        return f"{self.database_prefix}{domain}"

    def server_url(self, domain: str) -> URL:
        """Returns the asyncpg URL of the maintenance database on the domain's server."""
        override = self.database_overrides.get(domain)
        if override is not None:
            return make_url(override).set(drivername=_DRIVER, database="postgres")
        return make_url(self.database_url).set(drivername=_DRIVER)

    def database_url_of(self, domain: str) -> URL:
        """Returns the asyncpg URL of the domain's database; an override names the database itself."""
        override = self.database_overrides.get(domain)
        if override is not None:
            return make_url(override).set(drivername=_DRIVER)
        return make_url(self.database_url).set(drivername=_DRIVER, database=self.database_name(domain))
