"""The router's settings: a `router.yaml` comes in, one frozen `RouterConfig` goes out.

Steps: read the YAML with its line numbers, expand `${VAR}` and `${VAR:-default}`, check every key and value,
freeze. Unknown keys are refused, because a misspelt limit is a limit that does not exist.
Nothing here reads a setting at run time: the values are passed down to those who need them.
"""

from router.config.models import (
    BatchingConfig,
    CorsConfig,
    CsrfConfig,
    GraphiqlConfig,
    LimitsConfig,
    LoggingConfig,
    RouterConfig,
    ServerConfig,
    SubgraphConfig,
    TlsConfig,
    TransportConfig,
)
from router.config.source import ConfigError, load_config, parse_config

__all__ = [
    "BatchingConfig",
    "ConfigError",
    "CorsConfig",
    "CsrfConfig",
    "GraphiqlConfig",
    "LimitsConfig",
    "LoggingConfig",
    "RouterConfig",
    "ServerConfig",
    "SubgraphConfig",
    "TlsConfig",
    "TransportConfig",
    "load_config",
    "parse_config",
]
