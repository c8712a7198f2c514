"""What shall be done with one message, as things are at this moment. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from subgraphs.notifications.model.tables import (
    ContactRow,
    DeviceRow,
    MessageRow,
    NotificationRow,
    QuietHoursRow,
    SuppressionRow,
)
from subgraphs.notifications.service.preferences.choices import wants
from subgraphs.notifications.states import Channel, MessageState, Topic

Choices = Mapping[tuple[Channel, Topic], bool]


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is for, as of now."""

    contact: ContactRow | None
    devices: Sequence[DeviceRow]
    choices: Choices
    quiet_hours: QuietHoursRow | None


@dataclass(frozen=True, slots=True)
class Settle:
    """It ends here."""

    state: MessageState
    code: str


@dataclass(frozen=True, slots=True)
class Postpone:
    """Not before then."""

    until: datetime
    code: str


@dataclass(frozen=True, slots=True)
class Send:
    """It goes to these addresses; several only for push, one for each device."""

    addresses: Sequence[str]


@dataclass(frozen=True, slots=True)
class Show:
    """It goes into the inbox."""


Decision = Settle | Postpone | Send | Show


def decide(
    message: MessageRow,
    told: Sequence[NotificationRow],
    recipient: Recipient,
    suppressed: Mapping[str, SuppressionRow],
    now: datetime,
) -> Decision:
    """Returns what to do. `told` is what the message tells of and was not called off; `suppressed` holds
    those of the recipient's addresses that must not be written to.

    Whether it is its turn is asked afterwards: nothing takes a turn that is not going to be sent.
    """
    if not told:
        return Settle(MessageState.CANCELLED, "CANCELLED")
    if not message.critical and not wants(recipient.choices, message.channel, message.topic):
        return Settle(MessageState.SKIPPED, "PREFERENCE_OFF")
    if message.channel is Channel.IN_APP:
        return Show()
    addresses = addresses_of(message.channel, recipient)
    if not addresses:
        return Settle(MessageState.SKIPPED, "NO_ADDRESS")
    free = [address for address in addresses if address not in suppressed]
    if not free:
        return Settle(MessageState.SUPPRESSED, suppressed[addresses[0]].reason.value)
    if recipient.quiet_hours is not None and not message.critical:
        ends_at = end_of_quiet(recipient.quiet_hours, now)
        if ends_at is not None:
            return Postpone(ends_at, "QUIET_HOURS")
    return Send(free)


def addresses_of(channel: Channel, recipient: Recipient) -> list[str]:
    """Returns where the recipient is reached over the channel."""
    if channel is Channel.PUSH:
        return [device.token for device in recipient.devices]
    contact = recipient.contact
    if contact is None:
        return []
    address = contact.email if channel is Channel.EMAIL else contact.phone
    return [address] if address else []


def end_of_quiet(hours: QuietHoursRow, now: datetime) -> datetime | None:
    """Returns when the quiet hours end that `now` is in, or None when it is in none.

    They are times on the clocks of their zone: a night on which clocks change is an hour longer or shorter.
    """
    zone = ZoneInfo(hours.zone)
    local = now.astimezone(zone)
    moment, passes_midnight = local.time(), hours.starts_at > hours.ends_at
    if passes_midnight:
        is_quiet = moment >= hours.starts_at or moment < hours.ends_at
    else:
        is_quiet = hours.starts_at <= moment < hours.ends_at
    if not is_quiet:
        return None
    day = local.date()
    if passes_midnight and moment >= hours.starts_at:
        day += timedelta(days=1)
    # fold=1: of an hour that comes twice, the end is the later one, so that nobody is woken early.
    ends_at = datetime.combine(day, hours.ends_at, tzinfo=zone).replace(fold=1)
    return max(ends_at.astimezone(now.tzinfo), now + timedelta(minutes=1))
