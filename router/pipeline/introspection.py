"""Who may ask for the schema."""

from __future__ import annotations

import hmac

from router.config import IntrospectionConfig
from router.errors import ClientError
from router.pipeline.identity import identity_of
from router.pipeline.request import RequestContext
from router.response.codes import ErrorCode

KEY_HEADER = "x-zellige-introspection"


class IntrospectionPolicy:
    """The settings, ready to be asked."""

    def __init__(self, config: IntrospectionConfig) -> None:
        self._config = config
        self._scopes = frozenset(config.scopes)
        self._key = config.key.get_secret_value().encode() if config.key is not None else None

    @property
    def hides_suggestions(self) -> bool:
        """Whether errors must not spell the schema."""
        return self._config.hides_suggestions

    def permits(self, context: RequestContext) -> bool:
        """Whether whoever asks may introspect."""
        if self._config.enabled:
            return True
        shown = context.headers.get(KEY_HEADER)
        if shown is not None and self._is_key(shown):
            return True
        return bool(self._scopes and self._scopes & identity_of(context).scopes)

    def _is_key(self, shown: str) -> bool:
        given = shown.encode("utf-8", "surrogatepass")
        return self._key is not None and hmac.compare_digest(given, self._key)

    def check(self, context: RequestContext) -> None:
        """Raises ClientError unless whoever asks may introspect."""
        if not self.permits(context):
            raise ClientError("Introspection is not enabled", ErrorCode.INTROSPECTION_DISABLED.name)
