"""Where a subgraph is: http://, https:// or unix:///path.sock?path=/graphql."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, unquote, urlsplit

_PORTS = {"http": 80, "https": 443}
_SAFE = "/%:@!$&'()*+,;=~-._?"


@dataclass(frozen=True, slots=True)
class SubgraphUrl:
    """A parsed address; `socket_path` is set for Unix sockets only."""

    host: str
    port: int
    target: str
    is_tls: bool = False
    socket_path: str | None = None

    @property
    def host_header(self) -> str:
        """The Host header: with the port only where it is not the scheme's own."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        default = _PORTS["https" if self.is_tls else "http"]
        return name if self.socket_path or self.port == default else f"{name}:{self.port}"


class SubgraphUrlError(ValueError):
    """The address of a subgraph cannot be used."""


def parse_subgraph_url(url: str) -> SubgraphUrl:
    """Returns the parts of `url`; raises SubgraphUrlError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SubgraphUrlError(f"{url!r} is not a URL: {error}") from error
    if parts.scheme == "unix":
        return _parse_unix(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise SubgraphUrlError(f"{url!r} is no address of a subgraph: use http://, https:// or unix:///")
    if parts.username is not None or parts.password is not None:
        raise SubgraphUrlError("a subgraph URL must hold no user or password; set a header instead")
    query = f"?{parts.query}" if parts.query else ""
    target = quote((parts.path or "/") + query, safe=_SAFE)
    host = _ascii_host(parts.hostname)
    return SubgraphUrl(host, port or _PORTS[parts.scheme], target, is_tls=parts.scheme == "https")


def _parse_unix(url: str) -> SubgraphUrl:
    parts = urlsplit(url)
    if parts.netloc or not parts.path.startswith("/"):
        raise SubgraphUrlError(f"{url!r}: write a Unix socket as unix:///absolute/path.sock?path=/graphql")
    target = parse_qs(parts.query).get("path", ["/"])[0]
    if not target.startswith("/"):
        raise SubgraphUrlError(f"{url!r}: the path of the request must begin with /")
    return SubgraphUrl("localhost", 0, quote(target, safe=_SAFE), socket_path=unquote(parts.path))


def _ascii_host(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    except UnicodeError as error:
        raise SubgraphUrlError(f"{host!r} is not a host name") from error
