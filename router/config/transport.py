"""Calls to subgraphs."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from router.config.resilience import BreakerConfig, EjectionConfig, RetryConfig, SubgraphDeduplicationConfig
from router.config.section import Section

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e\xa0-\xff]*")
_FRAMING = frozenset({"content-length", "transfer-encoding", "content-encoding", "connection", "upgrade"})
_OF_CONNECTIONS = _FRAMING | {
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
}

_Milliseconds = Annotated[int, Field(ge=1, le=3_600_000)]


def refuse_framing(names: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the names of headers; raises ValueError for one that belongs to a connection."""
    for name in names:
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OF_CONNECTIONS:
            raise ValueError(f"{name!r} cannot be passed on: it belongs to the connection")
    return names


class TlsConfig(Section):
    """How an https subgraph is verified, and how the router shows who it is."""

    ca_file: str | None = None
    """The authorities that are trusted, as PEM; else those of the system."""
    cert_file: str | None = None
    """The router's own certificate, as PEM, for subgraphs that ask for one (mutual TLS)."""
    key_file: str | None = None


class RequestCompressionConfig(Section):
    """Compression of what is sent; only for subgraphs that are known to accept it."""

    coding: Literal["gzip", "zstd"] | None = None
    bytes_min: int = Field(default=16_384, ge=1)
    """Smaller bodies are sent as they are."""


class SubgraphConfig(Section):
    """What differs for one subgraph; what is not given here holds as it is given for all."""

    url: str | Annotated[tuple[str, ...], Field(min_length=1, max_length=32)] | None = None
    """http://, https:// or unix:///path.sock?path=/graphql; else the URL in the supergraph is used.

    Several, as a list, are equals: requests are balanced over them.
    """
    headers: dict[str, str] = Field(default_factory=dict)
    """Sent with every request to it."""
    propagate_headers: tuple[str, ...] | None = None
    """Client headers passed on to it, instead of those passed on to all."""
    tls: TlsConfig = TlsConfig()
    compression: RequestCompressionConfig = RequestCompressionConfig()
    connect_timeout_ms: _Milliseconds | None = None
    read_timeout_ms: _Milliseconds | None = None
    request_timeout_ms: _Milliseconds | None = None
    retry: RetryConfig | None = None
    breaker: BreakerConfig | None = None
    deduplication: SubgraphDeduplicationConfig | None = None

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses; none when the supergraph is to tell."""
        if not self.url:  # also when a variable of the environment is empty
            return ()
        return (self.url,) if isinstance(self.url, str) else self.url

    @field_validator("propagate_headers")
    @classmethod
    def _refuse_framing(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if names is None else refuse_framing(names)

    @field_validator("headers")
    @classmethod
    def _refuse_unsendable_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                raise ValueError(f"the header {name!r} cannot be sent: one line of Latin-1, and a plain name")
            if name.lower() in _FRAMING:
                raise ValueError(f"the header {name!r} cannot be set: it belongs to the connection")
        return headers


class TransportConfig(Section):
    """Calls to subgraphs."""

    connections_per_host_max: int = Field(default=64, ge=1, le=65_536)
    """Open connections to one address of a subgraph."""
    connections_max: int = Field(default=512, ge=1, le=1_000_000)
    """Open connections to all subgraphs together; half of them is shared out in equal parts, so that no
    subgraph can take them all."""
    queue_per_host_max: int = Field(default=1_024, ge=0, le=1_000_000)
    """Requests that may wait for a connection to one subgraph; further ones are refused at once."""
    connect_timeout_ms: _Milliseconds = 2_000
    """For a connection to one address; the next address is tried after it."""
    read_timeout_ms: _Milliseconds = 10_000
    """The longest silence of a subgraph."""
    request_timeout_ms: _Milliseconds = 20_000
    """One call from start to end, waiting for a connection included; the client's deadline may come first."""
    deadline_margin_ms: int = Field(default=20, ge=0, le=60_000)
    """Of the client's time, kept for putting the answer together when a subgraph has not answered."""
    deadline_header: str | None = "x-request-timeout-ms"
    """The header that tells a subgraph how many milliseconds it has; null sends none."""
    idle_timeout_ms: int = Field(default=4_000, ge=0, le=3_600_000)
    """An idle connection is closed after this; uvicorn and Node close theirs after 5 seconds."""
    dns_refresh_ms: _Milliseconds = 30_000
    """How often the addresses behind a name are looked up anew, while requests go on."""
    max_response_bytes: int = Field(default=10_000_000, ge=1)
    """Of one response, as it comes and as it is when decompressed."""
    accept_codings: tuple[Literal["zstd", "gzip"], ...] = ("zstd", "gzip")
    """The compressions subgraphs may answer with, the preferred one first; none when empty."""
    propagate_headers: tuple[str, ...] = (
        "authorization",
        "accept-language",
        "x-request-id",
        "traceparent",
        "tracestate",
    )
    """Client headers passed on. `cookie` is not among them: a session belongs to the edge."""
    propagate_with_mutations: tuple[str, ...] = ("x-client-address", "user-agent")
    """Passed on with mutations as well: what queries are not told apart by, so that equal ones still share an
    execution and a cached answer. The router itself writes `x-client-address`."""
    retry: RetryConfig = RetryConfig()
    breaker: BreakerConfig = BreakerConfig()
    deduplication: SubgraphDeduplicationConfig = SubgraphDeduplicationConfig()
    ejection: EjectionConfig = EjectionConfig()
    subgraphs: dict[str, SubgraphConfig] = Field(default_factory=dict)

    @property
    def headers_sent_on(self) -> tuple[str, ...]:
        """Client headers that any subgraph is sent: what answers may depend on."""
        own = (name for one in self.subgraphs.values() for name in one.propagate_headers or ())
        return tuple(dict.fromkeys((*self.propagate_headers, *own)))

    def for_subgraph(self, name: str) -> TransportConfig:
        """Returns the settings as they are for one subgraph."""
        return self.adapted(self.subgraphs.get(name, SubgraphConfig()))

    def adapted(self, subgraph: SubgraphConfig) -> TransportConfig:
        """Returns the settings with what `subgraph` has of its own."""
        shared = TransportConfig.model_fields.keys() & SubgraphConfig.model_fields.keys()
        own = {name: value for name in shared if (value := getattr(subgraph, name)) is not None}
        return self.model_copy(update=own) if own else self

    @field_validator("deadline_header")
    @classmethod
    def _refuse_unsendable_name(cls, name: str | None) -> str | None:
        if name is not None and (not _HEADER_NAME.fullmatch(name) or name.lower() in {*_FRAMING, "host"}):
            raise ValueError(f"{name!r} cannot be a header of its own")
        return name

    @field_validator("propagate_headers", "propagate_with_mutations")
    @classmethod
    def _refuse_framing(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return refuse_framing(names)
