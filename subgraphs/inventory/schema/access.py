"""Who may put stock aside and give it back."""

from __future__ import annotations

from subgraphs.kit.access import Access, AnyOf, HasPermission
from subgraphs.kit.auth.viewer import Viewer

READ = "inventory:read"
WRITE = "inventory:write"


class InternalService(Access):
    """One of our services whose token names the permission `internal`."""

    def admits(self, viewer: Viewer) -> bool:
        """Whether the viewer may pass."""
        return viewer.is_service and "internal" in viewer.permissions


STAFF_READ = HasPermission(READ)
STAFF_WRITE = HasPermission(WRITE)
RESERVING = AnyOf(InternalService(), STAFF_WRITE)
