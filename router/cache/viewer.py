"""Who is asking, as an opaque key."""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from hashlib import sha256

from router.authentication import Viewer
from router.config import CacheConfig


class Viewers:
    """Tells viewers apart by the headers that say who they are, without keeping these."""

    def __init__(self, config: CacheConfig) -> None:
        self._headers = tuple(sorted(config.identity_headers))
        # Without a secret of the configuration, nobody else can tell the keys of this process.
        key = config.viewer_key
        self._key = key.get_secret_value().encode() if key is not None else os.urandom(32)

    def viewer_of(self, headers: Mapping[str, str]) -> str | None:
        """Returns the viewer's key; None for who sends none of these headers."""
        mac = None
        for name in self._headers:
            value = headers.get(name)
            if value:
                mac = mac or hmac.new(self._key, digestmod=sha256)
                text = value.encode("utf-8", "surrogateescape")
                # Lengths keep apart what two headers could say together in more than one way.
                mac.update(b"%s:%d:" % (name.encode(), len(text)) + text)
        return None if mac is None else mac.hexdigest()[:40]

    def label_of(self, caller: Viewer | None, headers: Mapping[str, str]) -> str | None:
        """Returns the key of a caller who was verified, whatever headers they send; else `viewer_of`.

        Subgraphs may make something of headers that said nothing to us.
        """
        if caller is None or not caller.is_authenticated:
            return self.viewer_of(headers)
        return hmac.new(self._key, b"viewer:" + caller.key.encode(), sha256).hexdigest()[:40]
