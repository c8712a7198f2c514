"""Whose turn it is: so many messages a minute for each user, organization and channel. Pure.

The generic cell rate algorithm, as a shaper: of each scope one time is kept, up to when its turns are given
away. A message takes a turn in each of its scopes; who comes too early gets the moment of its turn instead of
a no, so that a crowd that waits does not come back all at once, and nothing is lost. Critical messages have
scopes of their own, where no advertisement stands in front of them.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from subgraphs.notifications.channels.settings import RateLimits
from subgraphs.notifications.model.tables import MessageRow


@dataclass(frozen=True, slots=True)
class Rate:
    """One message each `interval`, and up to `burst` of them at once."""

    interval: timedelta
    burst: int


def rates_of(message: MessageRow, limits: RateLimits) -> Mapping[str, Rate]:
    """Returns the scopes a message takes a turn in."""
    channel = message.channel.value.lower()
    lane = f"{channel}:critical" if message.critical else channel
    rates = {
        f"user:{message.user_id}:{lane}": _rate(limits.user_per_minute, limits.user_burst),
        f"channel:{lane}": _rate(limits.channel_per_minute, limits.channel_burst),
    }
    if message.organization_id is not None:
        scope = f"organization:{message.organization_id}:{lane}"
        rates[scope] = _rate(limits.organization_per_minute, limits.organization_burst)
    return rates


def take_turns(
    wanted: Sequence[tuple[MessageRow, Mapping[str, Rate]]],
    given: MutableMapping[str, datetime],
    now: datetime,
) -> list[datetime]:
    """Returns the moment of each message's turn, in order; moves `given` on."""
    turns = []
    for _, rates in wanted:
        turn = now
        for scope, rate in rates.items():
            turn = max(turn, given[scope] - rate.interval * (rate.burst - 1))
            given[scope] = max(given[scope], now) + rate.interval
        turns.append(turn)
    return turns


def _rate(per_minute: float, burst: int) -> Rate:
    return Rate(timedelta(seconds=60.0 / per_minute), burst)
