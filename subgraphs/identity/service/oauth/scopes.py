"""What a client can ask for.

`openid`, `profile`, `email`: who somebody is. `offline_access`: refresh tokens. `account`: all that a person
may do to their own account and belongings. `resource:action`: the permission of that name, as far as the
person holds it, in the organization they choose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from subgraphs.identity.service.oauth.errors import OAuthError
from subgraphs.kit.auth.viewer import Viewer

OPENID, PROFILE, EMAIL, OFFLINE, ACCOUNT = "openid", "profile", "email", "offline_access", "account"
PERSONAL = (OPENID, PROFILE, EMAIL, OFFLINE, ACCOUNT)
SCOPES_MAX = 50
_PERMISSION = re.compile(r"[a-z][a-z_]{0,39}:(\*|[a-z][a-z_]{0,39})")


def is_scope(text: str) -> bool:
    """Whether there is such a scope."""
    return text in PERSONAL or is_permission(text)


def is_permission(scope: str) -> bool:
    """Whether the scope is a permission in an organization."""
    return _PERMISSION.fullmatch(scope) is not None


def permissions_in(scopes: Iterable[str]) -> list[str]:
    """Returns the scopes that are permissions."""
    return [scope for scope in scopes if is_permission(scope)]


def reaches_api(scopes: Iterable[str]) -> bool:
    """Whether a token of these scopes is one for our API at all."""
    return any(scope == ACCOUNT or is_permission(scope) for scope in scopes)


def read_scopes(text: str | None, allowed: Sequence[str]) -> list[str]:
    """Returns the scopes asked for, each once; raises `invalid_scope` beyond what the client was given."""
    asked = list(dict.fromkeys((text or "").split()))
    if len(asked) > SCOPES_MAX or any(scope not in allowed for scope in asked):
        raise OAuthError("invalid_scope", "The client may not ask for one of these scopes")
    if not asked:
        raise OAuthError("invalid_scope", "Name at least one scope")
    return asked


def held_permissions(scopes: Iterable[str], holder: Viewer) -> list[str]:
    """Returns what of the scopes the holder may do: a grant never gives more than its giver has."""
    return sorted(scope for scope in permissions_in(scopes) if _holds(holder, scope))


def _holds(holder: Viewer, permission: str) -> bool:
    return holder.may(permission)
