"""Who is asking: whose tokens are taken, how keys and cookies are resolved, what subgraphs are told."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, model_validator

from router.config.section import Section

Algorithm = Literal["EdDSA", "ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"]
"""Those of public keys only: with a shared secret, whoever can verify a token can also make one."""

SECRET_LENGTH_MIN = 32
_HEADER_NAME = r"^[a-z0-9!#$%&'*+.^_`|~-]+$"


class IssuerConfig(Section):
    """One issuer of JWTs. A token is verified by the issuer its `iss` names, exactly, and by no other."""

    issuer: str = Field(min_length=1)
    audiences: tuple[str, ...] = Field(min_length=1)
    """A token must be meant for one of these."""
    jwks_url: str | None = None
    """Where the issuer publishes its keys; https:// outside a trusted network."""
    jwks_file: str | None = None
    """A file with the keys instead; read again as often as a URL would be."""
    jwks: str | None = None
    """The keys themselves, as JSON."""
    algorithms: tuple[Algorithm, ...] = Field(default=("EdDSA", "ES256", "RS256"), min_length=1)
    """What its tokens may be signed with; the token's own word only chooses among these."""
    leeway_s: float = Field(default=5.0, ge=0, le=300)
    """How far its clock may be from ours."""
    required_claims: tuple[str, ...] = ("exp", "sub")
    """`exp` is demanded in any case."""

    @model_validator(mode="after")
    def _demand_one_source(self) -> IssuerConfig:
        given = [one for one in (self.jwks_url, self.jwks_file, self.jwks) if one]
        if len(given) != 1:
            raise ValueError("an issuer has one of jwks_url, jwks_file and jwks")
        if self.jwks_url and not self.jwks_url.startswith(("https://", "http://")):
            raise ValueError("jwks_url is an http(s) URL")
        return self


class KeysConfig(Section):
    """How published keys are kept."""

    refresh_s: int = Field(default=300, ge=1)
    """Older keys are read again in the background, while requests go on with them."""
    unknown_key_interval_s: float = Field(default=10.0, ge=0.1)
    """A token that names an unknown key makes the keys be read again, at most this often, so that forged key
    ids cost nothing; until then the id stays unknown."""
    stale_s_max: int = Field(default=86_400, ge=0)
    """For how long keys that cannot be read again are still used."""
    timeout_ms: int = Field(default=5_000, ge=1, le=60_000)
    bytes_max: int = Field(default=262_144, ge=1_000)
    keys_max: int = Field(default=64, ge=1, le=1_000)
    """Keys of one issuer; further ones are not read."""


class ClaimNamesConfig(Section):
    """Which claims say who the viewer is."""

    id: str = "sub"
    organization: str = "org"
    session: str = "sid"
    scopes: tuple[str, ...] = ("scope", "scp", "permissions")
    """Each a list, or words with spaces between; all of them count."""


class ServiceTokensConfig(Section):
    """Tokens our own services show, signed with a secret they share (HS256): a world apart from issuers."""

    secret: SecretStr | None = Field(default=None, min_length=SECRET_LENGTH_MIN)
    issuer: str = "zellige-identity"
    audience: str = "internal"
    lifetime_s_max: int = Field(default=60, ge=1, le=3_600)
    """A token made for longer is refused."""


class TokenIntrospectionConfig(Section):
    """Who tells what an API key or a session cookie stands for (RFC 7662)."""

    url: str | None = None
    """Asked by POST with `token`, `token_type_hint` and `client_address`; without it there are none."""
    audience: str | None = None
    """Whom the request is for: then it carries a passport of the router's own, see `passport`."""
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    """Sent with it: the router's own credentials, where it is no subgraph of ours."""
    api_key_headers: tuple[str, ...] = ("x-api-key",)
    opaque_bearer: bool = True
    """A bearer token that is no JWT is asked about, too."""
    cookies: tuple[str, ...] = ()
    """Cookies that hold a session or an access token. A request with a cookie is held to the CSRF rules."""
    keep_s: float = Field(default=30.0, ge=0, le=3_600)
    """For how long an answer holds: a revoked key still opens so long."""
    keep_refused_s: float = Field(default=5.0, ge=0, le=300)
    timeout_ms: int = Field(default=2_000, ge=1, le=60_000)
    bytes_max: int = Field(default=65_536, ge=100)
    requests_max: int = Field(default=64, ge=1, le=10_000)
    """Requests under way; further ones wait for their turn within the timeout."""


class SessionsConfig(Section):
    """Sessions that ended before their tokens did. The event of `subscriptions.revocation` counts as well."""

    redis_url: str | None = None
    """Where ended sessions stand; asked when this process first sees a token, and again after `recheck_s`."""
    key_prefix: str = "zellige:revoked:"
    """The key is this and the session; it exists as long as the session's last token lives."""
    recheck_s: float = Field(default=5.0, ge=0.1, le=3_600)
    """How soon a session's end is noticed without the event."""
    timeout_ms: int = Field(default=500, ge=1, le=60_000)
    when_unavailable: Literal["accept", "refuse"] = "accept"
    """What holds for a token while Redis cannot be asked: its signature alone, or 503."""


class PassportConfig(Section):
    """What subgraphs are told of the viewer: a JWT by the router, short-lived, for one subgraph (HS256)."""

    secret: SecretStr | None = Field(default=None, min_length=SECRET_LENGTH_MIN)
    """Shared with the subgraphs. Without it they are sent the client's own credentials, as any header."""
    header: str = Field(default="x-zellige-viewer", pattern=_HEADER_NAME)
    """A client's header of this name is removed at the edge."""
    issuer: str = "zellige-router"
    lifetime_s: int = Field(default=60, ge=10, le=600)
    """Made anew when half of it is over."""
    subgraphs: tuple[str, ...] | None = None
    """Those that are sent passports, and the client's `authorization` and cookies no longer; null is all."""


class AuthenticationConfig(Section):
    """How the router learns who asks, before any work is done for them."""

    on_invalid_token: Literal["reject", "anonymous"] = "reject"  # noqa: S105 - a choice
    """`reject`: 401 UNAUTHENTICATED. `anonymous`: served as if nothing had been shown."""
    issuers: tuple[IssuerConfig, ...] = ()
    keys: KeysConfig = KeysConfig()
    claims: ClaimNamesConfig = ClaimNamesConfig()
    services: ServiceTokensConfig = ServiceTokensConfig()
    introspection: TokenIntrospectionConfig = TokenIntrospectionConfig()
    sessions: SessionsConfig = SessionsConfig()
    passport: PassportConfig = PassportConfig()
    viewers_max: int = Field(default=10_000, ge=1, le=1_000_000)
    """Verified credentials remembered, at most until they expire; some 2 kB each."""
    token_bytes_max: int = Field(default=8_192, ge=100, le=65_536)

    @model_validator(mode="after")
    def _refuse_twins(self) -> AuthenticationConfig:
        names = [one.issuer for one in self.issuers]
        if len(set(names)) != len(names):
            raise ValueError("two issuers have the same name")
        headers = self.introspection.api_key_headers
        if any(name != name.lower() for name in headers):
            raise ValueError("introspection.api_key_headers: header names are written in lower case")
        return self

    @property
    def is_enabled(self) -> bool:
        """Whether anything is verified here; else nobody has claims, and subgraphs verify for themselves."""
        return bool(self.issuers or self.services.secret or self.introspection.url)

    @property
    def credential_headers(self) -> tuple[str, ...]:
        """The headers that may say who asks."""
        keys = self.introspection.api_key_headers
        cookies = ("cookie",) if self.introspection.cookies else ()
        return tuple(dict.fromkeys(("authorization", *keys, *cookies)))
