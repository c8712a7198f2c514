"""For how long and for whom an answer may be kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from router.cache.cache_control import CacheControl
from router.config import SubgraphCacheConfig


class Scope(IntEnum):
    """Who may be given an answer, the strictest last."""

    PUBLIC = 0
    """Everybody: said so by the schema or by the answer."""
    UNSTATED = 1
    """Everybody where no credentials were sent, else only who asked."""
    PRIVATE = 2
    """Only who asked."""


@dataclass(frozen=True, slots=True)
class DeclaredPolicy:
    """What @cacheControl says of a selection.

    `max_age_s` is the smallest age given in it, None where none is; `has_gap` tells that something in it has
    no age.
    """

    max_age_s: float | None = None
    has_gap: bool = True
    scope: Scope = Scope.UNSTATED

    @property
    def forbids(self) -> bool:
        """Whether nothing an answer could say makes it cacheable."""
        return self.max_age_s is not None and self.max_age_s <= 0


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for one answer."""

    max_age_s: float
    scope: Scope
    stale_while_revalidate_s: float = 0.0
    stale_if_error_s: float = 0.0


def settle_policy(
    declared: DeclaredPolicy, header: CacheControl | None, config: SubgraphCacheConfig, age_s_max: float
) -> Policy:
    """Returns what schema, answer and settings say together: the smallest age, the strictest scope.

    A header with an age vouches for the whole answer, so the default of the settings fills gaps only where
    there is none.
    """
    ages: list[float] = [age_s_max]
    if declared.max_age_s is not None:
        ages.append(declared.max_age_s)
    if header is not None and header.lifetime_s is not None:
        ages.append(header.lifetime_s)
    elif declared.has_gap:
        ages.append(config.default_max_age_s)
    age = max(min(ages), 0.0)
    stale, stale_if_error = config.stale_while_revalidate_s, config.stale_if_error_s
    if header is not None:
        stale = stale if header.stale_while_revalidate_s is None else header.stale_while_revalidate_s
        stale_if_error = stale_if_error if header.stale_if_error_s is None else header.stale_if_error_s
    left = max(age_s_max - age, 0.0)
    return Policy(age, _scope(declared.scope, header), min(stale, left), min(stale_if_error, left))


def _scope(declared: Scope, header: CacheControl | None) -> Scope:
    if header is None or declared is Scope.PRIVATE:
        return declared
    if header.is_private:
        return Scope.PRIVATE
    return Scope.PUBLIC if header.is_public else declared
