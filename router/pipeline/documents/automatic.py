"""Automatic persisted queries: texts that clients sent, by their SHA-256.

A text is kept only under the hash that it has, so that nobody can put one under another's name.
"""

from __future__ import annotations

from typing import Protocol

from router.config import AutomaticDocumentsConfig
from router.pipeline.cache import BoundedCache
from router.pipeline.documents.manifest import hash_of


class Texts(Protocol):
    """Texts that processes share."""

    async def find(self, hash_: str) -> str | None:
        """Returns what is there under a hash."""
        ...

    async def keep(self, hash_: str, text: str) -> None:
        """Puts a text under a hash."""
        ...

    async def close(self) -> None:
        """Closes the connections."""
        ...


class AutomaticDocuments:
    """Texts in memory, and in Redis where the settings say so."""

    def __init__(self, config: AutomaticDocumentsConfig) -> None:
        self._config = config
        self._texts: BoundedCache[str] = BoundedCache(config.documents_max)
        self._shared = _open_shared(config)

    async def find(self, hash_: str) -> str | None:
        """Returns the text with this hash, if it is known."""
        text = self._texts.get(hash_)
        if text is None and self._shared is not None:
            text = await self._shared.find(hash_)
            # Whoever else writes to that Redis could have put anything there.
            if text is not None and hash_of(text) == hash_:
                return self._texts.keep(hash_, text)
            return None
        return text

    async def keep(self, hash_: str, text: str) -> None:
        """Keeps a text under its hash, unless it is too long."""
        if len(text) > self._config.document_bytes_max or self._texts.get(hash_) is not None:
            return
        self._texts.keep(hash_, text)
        if self._shared is not None:
            await self._shared.keep(hash_, text)

    async def close(self) -> None:
        """Closes the connections."""
        if self._shared is not None:
            await self._shared.close()


def _open_shared(config: AutomaticDocumentsConfig) -> Texts | None:
    if config.store != "redis":
        return None
    # Redis's client takes megabytes: it is loaded by who has a Redis.
    from router.pipeline.documents.shared_texts import SharedTexts  # noqa: PLC0415

    return SharedTexts(config)
