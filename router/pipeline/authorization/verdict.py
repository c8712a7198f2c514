"""Which of an operation's guards a viewer does not pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from router.authentication import Viewer
from router.config import AuthorizationConfig
from router.pipeline.authorization.policies import PolicyDecisions
from router.response.codes import ErrorCode
from router.response.result import ResponseError
from router.supergraph import Requirement


@dataclass(frozen=True, slots=True)
class Authorization:
    """Judges viewers after the settings; without `policies` no policy holds."""

    config: AuthorizationConfig = field(default_factory=AuthorizationConfig)
    policies: PolicyDecisions | None = None

    async def denied(self, guards: Sequence[Requirement], viewer: Viewer) -> int:
        """Returns the guards the viewer does not pass, as bits in their order."""
        if not self.config.enabled:
            return 0
        held = await self._policies_held(guards, viewer)
        return sum(1 << place for place, one in enumerate(guards) if not self._passes(one, viewer, held))

    def refusals(self, denied: Sequence[tuple[str, ...]]) -> list[ResponseError]:
        """Returns the errors that refuse a whole operation, each with the path of what may not be read."""
        code = ErrorCode.UNAUTHORIZED_FIELD_OR_TYPE.name
        shown = denied[: self.config.errors_max]
        return [ResponseError("Unauthorized field or type", code, path) for path in shown]

    def _passes(self, requirement: Requirement, viewer: Viewer, held: frozenset[str]) -> bool:
        if requirement.authenticated and not viewer.is_authenticated:
            return False
        if requirement.scopes and not any(self._has_all(one, viewer) for one in requirement.scopes):
            return False
        return not requirement.policies or any(one <= held for one in requirement.policies)

    def _has_all(self, scopes: frozenset[str], viewer: Viewer) -> bool:
        if not self.config.wildcard_scopes:
            return scopes <= viewer.scopes
        return all(_covers(viewer.scopes, one) for one in scopes)

    async def _policies_held(self, guards: Iterable[Requirement], viewer: Viewer) -> frozenset[str]:
        asked = {name for guard in guards for group in guard.policies for name in group}
        if not asked or self.policies is None:
            return frozenset()
        return await self.policies.held(asked, viewer)


def _covers(held: frozenset[str], scope: str) -> bool:
    resource, separator, _ = scope.partition(":")
    return scope in held or "*" in held or (separator != "" and f"{resource}:*" in held)
