"""Every setting of the router with its default, its bound and its reason; a file for each section.

Durations are in milliseconds, ages of cached answers in seconds as HTTP has them, sizes in bytes; the unit
ends the name.
"""

from __future__ import annotations

from typing import Any

from router.config.authentication import AuthenticationConfig
from router.config.authorization import AuthorizationConfig
from router.config.cache import CacheConfig
from router.config.counters import CountersConfig
from router.config.demand import DemandConfig
from router.config.documents import DocumentsConfig
from router.config.errors import ErrorsConfig
from router.config.introspection import IntrospectionConfig
from router.config.limits import LimitsConfig
from router.config.logging import LoggingConfig
from router.config.rate_limits import RateLimitsConfig
from router.config.section import Section
from router.config.server import ServerConfig
from router.config.subscriptions import SubscriptionsConfig
from router.config.supergraph import SupergraphConfig
from router.config.telemetry import TelemetryConfig
from router.config.transport import TransportConfig


class RouterConfig(Section):
    """The whole of `router.yaml`."""

    supergraph: SupergraphConfig = SupergraphConfig()
    server: ServerConfig = ServerConfig()
    limits: LimitsConfig = LimitsConfig()
    counters: CountersConfig = CountersConfig()
    rate_limits: RateLimitsConfig = RateLimitsConfig()
    documents: DocumentsConfig = DocumentsConfig()
    demand: DemandConfig = DemandConfig()
    introspection: IntrospectionConfig = IntrospectionConfig()
    errors: ErrorsConfig = ErrorsConfig()
    authentication: AuthenticationConfig = AuthenticationConfig()
    authorization: AuthorizationConfig = AuthorizationConfig()
    transport: TransportConfig = TransportConfig()
    cache: CacheConfig = CacheConfig()
    subscriptions: SubscriptionsConfig = SubscriptionsConfig()
    logging: LoggingConfig = LoggingConfig()
    telemetry: TelemetryConfig = TelemetryConfig()

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Returns the JSON Schema of the file, for editors."""
        schema = cls.model_json_schema()
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
