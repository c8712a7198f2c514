"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller: nobody, a user (perhaps acting in an organization), or one of our services.

    `organization_id` comes from the token and nowhere else; queries of tenant data filter by it.
    A service carries only the permissions its token names, on behalf of the user and organization in it.
    """

    user_id: UUID | None = None
    organization_id: UUID | None = None
    session_id: UUID | None = None
    roles: tuple[str, ...] = ()
    permissions: frozenset[str] = frozenset()
    service: str | None = None

    @property
    def is_authenticated(self) -> bool:
        """Whether anybody at all stands behind the request."""
        return self.user_id is not None or self.service is not None

    @property
    def is_service(self) -> bool:
        """Whether the caller is one of our own services."""
        return self.service is not None

    def may(self, permission: str) -> bool:
        """Whether the viewer holds `resource:action`, by name, by `resource:*` or by `*`."""
        resource, _, _ = permission.partition(":")
        return not self.permissions.isdisjoint((permission, f"{resource}:*", "*"))


ANONYMOUS = Viewer()
