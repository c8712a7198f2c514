"""Documents that clients name instead of sending them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from router.config.section import Section


class AutomaticDocumentsConfig(Section):
    """Automatic persisted queries: a client sends a text once, and its SHA-256 from then on."""

    enabled: bool = True
    """They save bytes, and decide nothing about who may ask what."""
    store: Literal["memory", "redis"] = "memory"
    """`redis`: what one process was told, all know; it is asked when this process does not know."""
    redis_url: str = "redis://127.0.0.1:6379/0"
    key_prefix: str = Field(default="zellige:documents:", min_length=1, max_length=64)
    timeout_ms: int = Field(default=100, ge=1, le=10_000)
    """A Redis that does not answer by then makes the client send its text again, which is all it does."""
    lifetime_s: int = Field(default=604_800, ge=60, le=31_536_000)
    """How long Redis keeps a text that nobody asks for."""
    documents_max: int = Field(default=1_000, ge=1, le=1_000_000)
    """Texts in memory; those asked for longest ago go first."""
    document_bytes_max: int = Field(default=50_000, ge=100, le=10_000_000)
    """A longer text is executed and not kept."""


class DocumentsConfig(Section):
    """Trusted documents: those that were published, and what becomes of others."""

    mode: Literal["off", "log_unknown", "enforce"] = "off"
    """`log_unknown`: others run and are logged; `enforce`: others are refused."""
    manifest: str | None = None
    """A file: our own, Apollo's persisted query manifest, or Relay's map. Read anew when it changes."""
    redis_url: str | None = None
    """Instead of a file: where `zellige operations publish --redis` put them."""
    redis_key: str = Field(default="zellige:operations", min_length=1, max_length=200)
    poll_interval_ms: int = Field(default=2_000, ge=50, le=3_600_000)
    documents_max: int = Field(default=50_000, ge=1, le=1_000_000)
    manifest_bytes_max: int = Field(default=100_000_000, ge=1_000)
    only_ids: bool = False
    """With `enforce`: even the text of a published document is refused; clients name it."""
    allow_introspection: bool = False
    """With `enforce`: who may introspect may also send documents that do nothing else."""
    automatic: AutomaticDocumentsConfig = AutomaticDocumentsConfig()

    @model_validator(mode="after")
    def _check_source(self) -> DocumentsConfig:
        if self.manifest is not None and self.redis_url is not None:
            raise ValueError("manifest and redis_url are two sources; name one")
        if self.mode != "off" and self.manifest is None and self.redis_url is None:
            raise ValueError(f'mode "{self.mode}" needs a manifest or a redis_url')
        return self

    @property
    def takes_texts(self) -> bool:
        """Whether clients may make the router keep what they send."""
        return self.automatic.enabled and self.mode != "enforce"
