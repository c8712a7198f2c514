"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Viewer:
    """The caller: nobody, a user (perhaps acting in an organization), or one of our services.

    `organization_id` comes from the token and nowhere else; queries of tenant data filter by it.
    A service carries only the permissions its token names, on behalf of the user and organization in it.
    A service account is an organization's own program: it has permissions there and is no person.
    """

    user_id: UUID | None = None
    organization_id: UUID | None = None
    session_id: UUID | None = None
    roles: tuple[str, ...] = ()
    permissions: frozenset[str] = frozenset()
    service: str | None = None
    service_account_id: UUID | None = None
    project_grants: tuple[tuple[UUID, frozenset[str]], ...] = ()
    """What the viewer may do in single projects of the organization, beyond `permissions`."""
    authenticated_at: int | None = None
    """When the person last proved who they are, in Unix seconds."""
    has_second_factor: bool = False
    """Whether the session has shown a second factor."""
    is_delegated: bool = False
    """Whether a program of somebody else's acts for the user, within what they let it do."""

    @property
    def is_authenticated(self) -> bool:
        """Whether anybody at all stands behind the request."""
        who = (self.user_id, self.service, self.service_account_id)
        return any(each is not None for each in who)

    @property
    def is_service(self) -> bool:
        """Whether the caller is one of our own services."""
        return self.service is not None

    def may(self, permission: str) -> bool:
        """Whether the viewer holds `resource:action`, by name, by `resource:*` or by `*`."""
        return _holds(self.permissions, permission)

    def may_in(self, project_id: UUID, permission: str) -> bool:
        """Whether the viewer holds the permission in the organization, or by a grant in this project."""
        granted = (held for project, held in self.project_grants if project == project_id)
        return self.may(permission) or any(_holds(held, permission) for held in granted)


def _holds(permissions: frozenset[str], permission: str) -> bool:
    resource, _, _ = permission.partition(":")
    return not permissions.isdisjoint((permission, f"{resource}:*", "*"))


ANONYMOUS = Viewer()
