"""The HTTP edge."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Literal

from pydantic import Field, field_validator, model_validator

from router.config.headers import RequestHeadersConfig, check_response_headers
from router.config.section import Section


class CsrfConfig(Section):
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


class CorsConfig(Section):
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
        "last-event-id",
        "x-graphql-event-stream-token",
    )
    expose_headers: tuple[str, ...] = ("x-request-id",)
    max_age_s: int = Field(default=600, ge=0, le=86_400)

    @model_validator(mode="after")
    def _refuse_credentials_for_everybody(self) -> CorsConfig:
        if "*" in self.allow_origins and self.allow_credentials:
            raise ValueError('allow_credentials with allow_origins "*" would open the session to any site')
        return self


class BatchingConfig(Section):
    """Several operations in one JSON array."""

    enabled: bool = False
    max_operations: int = Field(default=10, ge=1, le=100)


class GraphiqlConfig(Section):
    """The page at `/`."""

    enabled: bool = False
    """Off, because it is a developers' tool: it wants introspection, and where it is on plans are shown, too.
    `zellige dev` switches it on."""
    default_query: str = "# Press Ctrl-Enter to run.\n{\n  __typename\n}\n"
    subscription_path: str = "/graphql"


class CompressionConfig(Section):
    """Responses sent smaller to clients that accept it."""

    enabled: bool = True
    encodings: tuple[Literal["zstd", "gzip"], ...] = ("zstd", "gzip")
    """What may be used; of encodings a client likes equally, the first."""
    min_bytes: int = Field(default=1_400, ge=0)
    """Smaller bodies go out as they are: they fit one packet anyway."""
    gzip_level: int = Field(default=4, ge=1, le=9)
    zstd_level: int = Field(default=3, ge=1, le=19)
    thread_min_bytes: int = Field(default=65_536, ge=0)
    """Larger bodies are compressed in a thread, so that other requests need not wait for it."""


class SheddingConfig(Section):
    """How many operations run at once, and what becomes of further ones; counted for each process.

    The limit falls when the process itself falls behind, not when subgraphs are slow.
    """

    enabled: bool = True
    min_concurrency: int = Field(default=20, ge=1)
    max_concurrency: int = Field(default=1_000, ge=1)
    lag_ms_target: int = Field(default=100, ge=1)
    """How late the event loop may run for a while before the limit falls."""
    queue_max: int = Field(default=500, ge=0)
    """Requests that may wait for their turn; further ones are answered 503 at once."""
    queue_wait_ms_max: int = Field(default=1_000, ge=0)
    retry_after_s: int = Field(default=1, ge=0, le=3_600)

    @model_validator(mode="after")
    def _refuse_crossed_bounds(self) -> SheddingConfig:
        if self.min_concurrency > self.max_concurrency:
            raise ValueError("min_concurrency is above max_concurrency")
        return self


class DeduplicationConfig(Section):
    """Identical queries in flight share one execution."""

    enabled: bool = True
    headers: tuple[str, ...] = ("authorization", "cookie", "accept-language")
    """Requests that differ in one of these, or in a header passed on to subgraphs, are not identical."""
    headers_of_each_request: tuple[str, ...] = ("x-request-id", "traceparent", "tracestate")
    """Headers passed on that do not change the answer."""


class ServerTlsConfig(Section):
    """TLS at the router itself; behind a proxy that ends it, none of this is set."""

    cert_file: str | None = None
    """The certificate and those between it and the authority, as PEM; with it the router speaks TLS 1.2 and
    newer only. Read at the start: renewed files need a restart."""
    key_file: str | None = None
    """Its private key, as PEM; else the key stands in `cert_file`."""
    client_ca_file: str | None = None
    """Authorities of clients' certificates: with it, who shows none of theirs is cut off (mutual TLS)."""

    @model_validator(mode="after")
    def _check_parts(self) -> ServerTlsConfig:
        if self.cert_file is None and (self.key_file or self.client_ca_file):
            raise ValueError("key_file and client_ca_file need a cert_file")
        return self


class ShutdownConfig(Section):
    """What happens between SIGTERM and the end of the process."""

    notice_ms: int = Field(default=1_000, ge=0)
    """How long the router says it is not ready, and still answers, before it takes no new connections."""
    drain_ms_max: int = Field(default=20_000, ge=0)
    """How long requests in hand may take after that."""


class ServerConfig(Section):
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
    head_timeout_ms: int = Field(default=10_000, ge=1)
    """How long a client may take to send the head of a request."""
    max_connections: int = Field(default=10_000, ge=1)
    """Open connections of one process; further ones are closed at once. Mind the limit of open files."""
    keep_alive_ms: int = Field(default=75_000, ge=0)
    """An idle connection of a client is closed after this; longer than load balancers keep theirs (60 s)."""
    trusted_proxies: tuple[str, ...] = Field(default=(), max_length=1_000)
    """Addresses and networks (`10.0.0.0/8`) whose word on the client's address is taken; none unless named,
    because anybody can send the header. It decides what rate limits and the access log go by."""
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    """The one header these proxies write. The other is never read: they would pass a forged one on."""
    request_headers: RequestHeadersConfig = RequestHeadersConfig()
    """Removed, renamed, inserted before anything below the edge sees them."""
    response_headers: dict[str, str | None] = Field(default_factory=dict, max_length=100)
    """Sent with every response, in place of the router's own of that name; null leaves one of these out."""
    hsts_max_age_s: int = Field(default=0, ge=0)
    """Above 0, `Strict-Transport-Security` is sent; for a router that is only reached over TLS."""
    csrf: CsrfConfig = CsrfConfig()
    cors: CorsConfig = CorsConfig()
    batching: BatchingConfig = BatchingConfig()
    graphiql: GraphiqlConfig = GraphiqlConfig()
    compression: CompressionConfig = CompressionConfig()
    shedding: SheddingConfig = SheddingConfig()
    deduplication: DeduplicationConfig = DeduplicationConfig()
    shutdown: ShutdownConfig = ShutdownConfig()
    tls: ServerTlsConfig = ServerTlsConfig()

    @field_validator("response_headers")
    @classmethod
    def _check_response_headers(cls, headers: dict[str, str | None]) -> dict[str, str | None]:
        return check_response_headers(headers)

    @field_validator("trusted_proxies")
    @classmethod
    def _refuse_what_is_no_network(cls, networks: tuple[str, ...]) -> tuple[str, ...]:
        for network in networks:
            try:
                ip_network(network, strict=False)
            except ValueError as error:
                raise ValueError(f"{network!r} is no address and no network") from error
        return networks

    worker_silence_ms_max: int = Field(default=60_000, ge=1_000)
    """A worker whose event loop gives no sign for so long hangs: it is killed and started again."""
    worker_port: int = Field(default=0, ge=0, le=65_000)
    """Above 0, worker n (from 0) also listens on this port plus n, for its own health and metrics."""
