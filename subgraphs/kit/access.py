"""Who may reach a field. Every root field says it, `Public` included; the app refuses to start otherwise."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from strawberry.extensions import FieldExtension
from strawberry.extensions.field_extension import AsyncExtensionResolver, SyncExtensionResolver

from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.context import Info
from subgraphs.kit.errors import Forbidden, Unauthenticated


class Access(ABC):
    """A rule over the viewer. Object-level questions (whose order is it?) belong to the services."""

    @abstractmethod
    def admits(self, viewer: Viewer) -> bool:
        """Whether the viewer may pass."""

    def takes_privilege(self, viewer: Viewer) -> bool:
        """Whether the viewer, who may pass, does so by a permission; such mutations are audited."""
        return False

    def may_take_privilege(self) -> bool:
        """Whether there can be a viewer who passes by a permission."""
        return False


class Public(Access):
    """Everybody, anonymous visitors included."""

    def admits(self, viewer: Viewer) -> bool:
        """Whether the viewer may pass."""
        return True


class IsAuthenticated(Access):
    """Any signed-in user, and services on behalf of one."""

    def admits(self, viewer: Viewer) -> bool:
        """Whether the viewer may pass."""
        return viewer.user_id is not None


class IsUser(Access):
    """A signed-in person; no service on their behalf, and no program they let act within limits."""

    def admits(self, viewer: Viewer) -> bool:
        """Whether the viewer may pass."""
        return viewer.user_id is not None and not viewer.is_service and not viewer.is_delegated


class IsService(Access):
    """Our own services alone: internal operations that no person calls."""

    def admits(self, viewer: Viewer) -> bool:
        """Whether the viewer may pass."""
        return viewer.is_service


class HasPermission(Access):
    """A holder of `resource:action` in the organization of the token."""

    def __init__(self, permission: str) -> None:
        self.permission = permission

    def admits(self, viewer: Viewer) -> bool:
        """Whether the viewer may pass."""
        return viewer.organization_id is not None and viewer.may(self.permission)

    def takes_privilege(self, viewer: Viewer) -> bool:
        """Whether the viewer, who may pass, does so by a permission."""
        return True

    def may_take_privilege(self) -> bool:
        """Whether there can be a viewer who passes by a permission."""
        return True


class AnyOf(Access):
    """Passes whom one of the rules admits."""

    def __init__(self, *rules: Access) -> None:
        self.rules = rules

    def admits(self, viewer: Viewer) -> bool:
        """Whether the viewer may pass."""
        return any(rule.admits(viewer) for rule in self.rules)

    def takes_privilege(self, viewer: Viewer) -> bool:
        """Whether the first rule that admits the viewer is one of a permission."""
        admitting = next((rule for rule in self.rules if rule.admits(viewer)), None)
        return admitting is not None and admitting.takes_privilege(viewer)

    def may_take_privilege(self) -> bool:
        """Whether one of the rules is of a permission."""
        return any(rule.may_take_privilege() for rule in self.rules)


class RequireAccess(FieldExtension):
    """Holds a field to its rule before the resolver runs."""

    def __init__(self, rule: Access) -> None:
        self.rule = rule

    def resolve(self, next_: SyncExtensionResolver, source: Any, info: Info, **kwargs: Any) -> Any:
        """Runs the resolver for a viewer who may."""
        self._check(info.context.viewer)
        return next_(source, info, **kwargs)

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: Info, **kwargs: Any
    ) -> Any:
        """Runs the resolver for a viewer who may."""
        self._check(info.context.viewer)
        return await next_(source, info, **kwargs)

    def _check(self, viewer: Viewer) -> None:
        if self.rule.admits(viewer) is True:
            return
        if not viewer.is_authenticated:
            raise Unauthenticated("Sign in first")
        raise Forbidden("You have no permission for this")
