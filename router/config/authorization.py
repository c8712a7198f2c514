"""What viewers may read: how @authenticated, @requiresScopes and @policy are held."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr, field_validator

from router.config.section import Section


class CoprocessorConfig(Section):
    """A service that decides policies: it is sent their names and the viewer's claims, by POST as JSON."""

    url: str | None = None
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    timeout_ms: int = Field(default=1_000, ge=1, le=60_000)
    bytes_max: int = Field(default=65_536, ge=100)
    requests_max: int = Field(default=64, ge=1, le=10_000)
    """Requests under way; further ones wait for their turn within the timeout."""


class PoliciesConfig(Section):
    """Who decides the policies of @policy. A policy nobody decides does not hold."""

    callables: dict[str, str] = Field(default_factory=dict)
    """By policy, a Python callable as `package.module:function`; `*` is for all others. It is called with
    the policy and the viewer, and returns whether it holds, or an awaitable of that."""
    coprocessor: CoprocessorConfig = CoprocessorConfig()
    keep_s: float = Field(default=10.0, ge=0, le=3_600)
    """For how long a decision holds for one viewer."""
    decisions_max: int = Field(default=50_000, ge=1, le=1_000_000)

    @field_validator("callables")
    @classmethod
    def _refuse_unclear_names(cls, callables: dict[str, str]) -> dict[str, str]:
        for policy, path in callables.items():
            module, separator, name = path.partition(":")
            if not separator or not module or not name:
                raise ValueError(f"the policy {policy!r} needs a callable as package.module:function")
        return callables


class AuthorizationConfig(Section):
    """How the directives are held."""

    enabled: bool = True
    """Off, the directives say nothing, and subgraphs alone decide."""
    mode: Literal["filter", "reject"] = "filter"
    """`filter`: what the viewer may not read is null, with an error at its path, and is not fetched.
    `reject`: the operation is refused as a whole."""
    wildcard_scopes: bool = False
    """Whether the scope `orders:*` stands for every `orders:...`, and `*` for all."""
    errors_max: int = Field(default=100, ge=1, le=10_000)
    """Errors of one response about places that may not be read; further places are null without one."""
    policies: PoliciesConfig = PoliciesConfig()
