"""Every setting of the router with its default, its bound and its reason.

Durations are in milliseconds and sizes in bytes; the unit ends the name.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\xa0-\xff]*")


class _Section(BaseModel):
    """A frozen part of the configuration that knows all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class LimitsConfig(_Section):
    """What one request may cost before it is refused with a code."""

    max_body_bytes: int = Field(default=2_000_000, ge=1)
    """Bytes of an HTTP body, counted before anything is parsed."""
    max_query_string_bytes: int = Field(default=32_768, ge=1)
    """Bytes of the query string of a GET."""
    max_json_depth: int = Field(default=100, ge=2, le=500)
    """Nesting of the JSON body. Above 500, recursive code behind the edge would meet Python's own limit."""
    max_tokens: int = Field(default=15_000, ge=1)
    """Lexical tokens of the document."""
    max_depth: int = Field(default=50, ge=1, le=200)
    """Nesting of selection sets, fragments followed."""
    max_aliases: int = Field(default=200, ge=0)
    max_root_fields: int = Field(default=50, ge=1)
    max_directives: int = Field(default=200, ge=0)
    max_selections: int = Field(default=20_000, ge=1)
    """Fields of the operation once its fragments are written out."""
    max_errors: int = Field(default=100, ge=1)
    """Validation stops after so many errors."""


class CsrfConfig(_Section):
    """Refusal of requests that a foreign page can make a browser send without a preflight."""

    enabled: bool = True
    required_headers: tuple[str, ...] = (
        "x-zellige-csrf",
        "apollo-require-preflight",
        "x-apollo-operation-name",
        "graphql-preflight",
        "graphql-require-preflight",
    )
    """Any one of these proves a preflight: a browser never sends them across origins unasked."""
    get_requires_header: bool = False
    """Refuse every GET without such a header, also from clients that are no browsers."""


class CorsConfig(_Section):
    """Which foreign origins may call the router from a browser; none unless named."""

    allow_origins: tuple[str, ...] = ()
    """Exact origins (`https://shop.example`), or `*` alone for any."""
    allow_credentials: bool = False
    allow_headers: tuple[str, ...] = (
        "accept",
        "accept-language",
        "authorization",
        "content-type",
        "x-request-id",
        "x-zellige-csrf",
        "traceparent",
    )
    expose_headers: tuple[str, ...] = ("x-request-id",)
    max_age_s: int = Field(default=600, ge=0, le=86_400)

    @model_validator(mode="after")
    def _refuse_credentials_for_everybody(self) -> CorsConfig:
        if "*" in self.allow_origins and self.allow_credentials:
            raise ValueError('allow_credentials with allow_origins "*" would open the session to any site')
        return self


class BatchingConfig(_Section):
    """Several operations in one JSON array."""

    enabled: bool = False
    max_operations: int = Field(default=10, ge=1, le=100)


class GraphiqlConfig(_Section):
    """The page at `/`."""

    enabled: bool = True
    default_query: str = "# Press Ctrl-Enter to run.\n{\n  __typename\n}\n"
    subscription_path: str = "/graphql"


class ServerConfig(_Section):
    """The HTTP edge."""

    host: str = "127.0.0.1"
    port: int = Field(default=4000, ge=0, le=65_535)
    path: str = Field(default="/graphql", pattern=r"^/[^?#]*$")
    status_policy: Literal["audit", "draft"] = "audit"
    """`audit`: 200/400 as the published audits expect; `draft`: 422 and 294 after the newest draft."""
    request_timeout_ms: int = Field(default=30_000, ge=1)
    """From the first byte of the request to the last byte handed to the server."""
    body_timeout_ms: int = Field(default=10_000, ge=1)
    """How long a client may take to send its body."""
    hsts_max_age_s: int = Field(default=0, ge=0)
    """Above 0, `Strict-Transport-Security` is sent; for a router that is only reached over TLS."""
    csrf: CsrfConfig = CsrfConfig()
    cors: CorsConfig = CorsConfig()
    batching: BatchingConfig = BatchingConfig()
    graphiql: GraphiqlConfig = GraphiqlConfig()


class TlsConfig(_Section):
    """How an https subgraph is verified, and how the router shows who it is."""

    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None


class SubgraphConfig(_Section):
    """What differs for one subgraph."""

    url: str | None = None
    """http://, https:// or unix:///path.sock?path=/graphql; else the URL in the supergraph is used."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Sent with every request to it."""
    tls: TlsConfig = TlsConfig()

    @field_validator("headers")
    @classmethod
    def _refuse_unsendable_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                raise ValueError(f"the header {name!r} cannot be sent: one line of Latin-1, and a plain name")
        return headers


class TransportConfig(_Section):
    """Calls to subgraphs."""

    connections_per_host_max: int = Field(default=64, ge=1)
    queue_per_host_max: int = Field(default=1024, ge=0)
    """Requests that may wait for a connection; further ones are refused at once."""
    connect_timeout_ms: int = Field(default=2_000, ge=1)
    read_timeout_ms: int = Field(default=10_000, ge=1)
    """The longest silence of a subgraph."""
    request_timeout_ms: int = Field(default=20_000, ge=1)
    """One call from start to end, waiting for a connection included."""
    idle_timeout_ms: int = Field(default=4_000, ge=0)
    """An idle connection is closed after this; uvicorn and Node close theirs after 5 seconds."""
    max_response_bytes: int = Field(default=50_000_000, ge=1)
    accept_gzip: bool = True
    propagate_headers: tuple[str, ...] = (
        "authorization",
        "accept-language",
        "x-request-id",
        "traceparent",
        "tracestate",
    )
    """Client headers passed on. `cookie` is not among them: a session belongs to the edge."""
    subgraphs: dict[str, SubgraphConfig] = Field(default_factory=dict)


class LoggingConfig(_Section):
    """Log lines on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"
    access_log: bool = True


class RouterConfig(_Section):
    """The whole of `router.yaml`."""

    server: ServerConfig = ServerConfig()
    limits: LimitsConfig = LimitsConfig()
    transport: TransportConfig = TransportConfig()
    logging: LoggingConfig = LoggingConfig()

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """Returns the JSON Schema of the file, for editors."""
        schema = cls.model_json_schema()
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
