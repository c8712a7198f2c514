"""The built-in roles, and what a permission may look like."""

from __future__ import annotations

import re
from collections.abc import Sequence

from subgraphs.identity.errors import BeyondOwnPermissions
from subgraphs.identity.model.tables import RoleRow
from subgraphs.kit.auth.viewer import Viewer
from subgraphs.kit.errors import InvalidInput

OWNER, ADMIN, STAFF = "owner", "admin", "staff"

BUILT_IN_PERMISSIONS: dict[str, tuple[str, ...]] = {
    OWNER: ("*",),
    ADMIN: (
        "audit:read",
        "inventory:*",
        "members:*",
        "notifications:*",
        "orders:*",
        "organization:*",
        "products:*",
        "programs:*",
        "roles:*",
        "users:*",
    ),
    STAFF: ("inventory:*", "orders:*", "products:*", "users:read"),
}

PERMISSIONS_MAX = 200
_PERMISSION = re.compile(r"[a-z][a-z_]{0,39}:(\*|[a-z][a-z_]{0,39})")
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def permissions_of(role: RoleRow) -> tuple[str, ...]:
    """Returns what the role permits; built-in roles grow with the code, not with the rows."""
    return BUILT_IN_PERMISSIONS[role.name] if role.built_in else tuple(role.permissions)


def check_role_name(name: str) -> str:
    """Returns the name, or raises InvalidInput."""
    if _NAME.fullmatch(name) is None:
        raise InvalidInput("A role's name is lower case, without spaces", field=["input", "name"])
    return name


def check_permissions(
    permissions: Sequence[str], *, field: Sequence[str] = ("input", "permissions")
) -> list[str]:
    """Returns the permissions sorted and each once, or raises InvalidInput for one that cannot be."""
    unique = sorted(set(permissions))
    if len(unique) > PERMISSIONS_MAX or not all(_PERMISSION.fullmatch(each) for each in unique):
        raise InvalidInput("A permission is `resource:action`", field=field)
    return unique


def holds(permissions: Sequence[str], permission: str) -> bool:
    """Whether the permission is among these, by name, by `resource:*` or by `*`."""
    return Viewer(permissions=frozenset(permissions)).may(permission)


def check_holds(viewer: Viewer, permissions: Sequence[str]) -> None:
    """Raises BeyondOwnPermissions unless the viewer holds every one of them: nobody raises themselves."""
    missing = [each for each in permissions if not viewer.may(each)]
    if missing:
        raise BeyondOwnPermissions(f"You do not hold {', '.join(missing)} yourself")
