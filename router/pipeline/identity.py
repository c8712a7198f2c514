"""Who a request is counted for, as far as the router knows."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from router.pipeline.request import RequestContext

_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Identity:
    """An anonymous request has no id."""

    id: str | None = None
    organization: str | None = None
    scopes: frozenset[str] = frozenset()


ANONYMOUS = Identity()


def identity_of(context: RequestContext) -> Identity:
    """Returns whose request it is: without verified claims, of whoever shows these credentials."""
    caller = context.scope.caller
    if caller is not None and caller.is_authenticated:
        return Identity(caller.account, caller.organization, caller.scopes)
    shown = context.headers.get("authorization") or context.headers.get("cookie")
    if not shown:
        return ANONYMOUS
    text = shown.encode("utf-8", "surrogatepass")
    return Identity(blake2b(text, digest_size=_ID_BYTES).hexdigest())
