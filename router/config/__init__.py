"""The router's settings: a `router.yaml` comes in, one frozen `RouterConfig` goes out.

Steps: read the YAML with its line numbers, expand `${VAR}` and `${VAR:-default}`, check every key and value,
freeze. Unknown keys are refused, because a misspelt limit is a limit that does not exist.
Nothing here reads a setting at run time: the values are passed down to those who need them.
"""

from router.config.authentication import (
    AuthenticationConfig,
    ClaimNamesConfig,
    IssuerConfig,
    KeysConfig,
    PassportConfig,
    ServiceTokensConfig,
    SessionsConfig,
    TokenIntrospectionConfig,
)
from router.config.authorization import AuthorizationConfig, CoprocessorConfig, PoliciesConfig
from router.config.cache import CacheConfig, InvalidationConfig, RedisStoreConfig, SubgraphCacheConfig
from router.config.cache_events import CacheEventsConfig, EventRuleConfig
from router.config.counters import CountersConfig
from router.config.demand import BudgetConfig, DemandConfig
from router.config.documents import AutomaticDocumentsConfig, DocumentsConfig
from router.config.errors import ErrorsConfig
from router.config.event_streams import EventStreamsConfig
from router.config.headers import RequestHeadersConfig
from router.config.introspection import IntrospectionConfig
from router.config.limits import LimitsConfig
from router.config.logging import LoggingConfig
from router.config.models import RouterConfig
from router.config.rate_limits import RateLimitRule, RateLimitsConfig
from router.config.resilience import BreakerConfig, EjectionConfig, RetryConfig, SubgraphDeduplicationConfig
from router.config.server import (
    BatchingConfig,
    CompressionConfig,
    CorsConfig,
    CsrfConfig,
    DeduplicationConfig,
    GraphiqlConfig,
    ServerConfig,
    ServerTlsConfig,
    SheddingConfig,
    ShutdownConfig,
)
from router.config.source import ConfigError, load_config, parse_config
from router.config.subscriptions import (
    FeedsConfig,
    RevocationConfig,
    SubscriptionsConfig,
    UpstreamConfig,
    UpstreamSubgraphConfig,
)
from router.config.supergraph import SupergraphConfig
from router.config.telemetry import InspectionConfig, MetricsConfig, TelemetryConfig, TracingConfig
from router.config.transport import (
    RequestCompressionConfig,
    SubgraphConfig,
    TlsConfig,
    TransportConfig,
)

__all__ = [
    "AuthenticationConfig",
    "AuthorizationConfig",
    "AutomaticDocumentsConfig",
    "BatchingConfig",
    "BreakerConfig",
    "BudgetConfig",
    "CacheConfig",
    "CacheEventsConfig",
    "ClaimNamesConfig",
    "CompressionConfig",
    "ConfigError",
    "CoprocessorConfig",
    "CorsConfig",
    "CountersConfig",
    "CsrfConfig",
    "DeduplicationConfig",
    "DemandConfig",
    "DocumentsConfig",
    "EjectionConfig",
    "ErrorsConfig",
    "EventRuleConfig",
    "EventStreamsConfig",
    "FeedsConfig",
    "GraphiqlConfig",
    "InspectionConfig",
    "IntrospectionConfig",
    "InvalidationConfig",
    "IssuerConfig",
    "KeysConfig",
    "LimitsConfig",
    "LoggingConfig",
    "MetricsConfig",
    "PassportConfig",
    "PoliciesConfig",
    "RateLimitRule",
    "RateLimitsConfig",
    "RedisStoreConfig",
    "RequestCompressionConfig",
    "RequestHeadersConfig",
    "RetryConfig",
    "RevocationConfig",
    "RouterConfig",
    "ServerConfig",
    "ServerTlsConfig",
    "ServiceTokensConfig",
    "SessionsConfig",
    "SheddingConfig",
    "ShutdownConfig",
    "SubgraphCacheConfig",
    "SubgraphConfig",
    "SubgraphDeduplicationConfig",
    "SubscriptionsConfig",
    "SupergraphConfig",
    "TelemetryConfig",
    "TlsConfig",
    "TokenIntrospectionConfig",
    "TracingConfig",
    "TransportConfig",
    "UpstreamConfig",
    "UpstreamSubgraphConfig",
    "load_config",
    "parse_config",
]
