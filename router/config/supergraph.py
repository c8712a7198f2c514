"""Where the supergraph comes from, and how a new one takes over."""

from __future__ import annotations

from pydantic import Field

from router.config.section import Section


class SupergraphConfig(Section):
    """The supergraph's source: a file or an http(s) URL, looked at again and again."""

    source: str | None = None
    """A path, or an http:// or https:// URL; the command's --supergraph comes before it."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Sent with each request to the URL, such as `authorization: Bearer ${REGISTRY_TOKEN}`."""
    poll_interval_ms: int = Field(default=2_000, ge=0)
    """How often the source is looked at; 0 for never. SIGHUP asks for it at once."""
    fetch_timeout_ms: int = Field(default=10_000, ge=1)
    max_bytes: int = Field(default=50_000_000, ge=1)
    warm_operations_max: int = Field(default=500, ge=0)
    """So many of the most used operations are planned on a new supergraph before it takes over."""
    warm_timeout_ms: int = Field(default=20_000, ge=0)
    """A new supergraph takes over after this at the latest, with the plans made so far."""
