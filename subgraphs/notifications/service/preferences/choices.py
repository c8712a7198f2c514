"""Reading and changing which topics a user wants over which channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from subgraphs.kit.errors import InvalidInput
from subgraphs.notifications.errors import CriticalTopic
from subgraphs.notifications.model.preference_queries import Choice, choices_by_users, write_choices
from subgraphs.notifications.states import CRITICAL_TOPICS, Channel, Topic


@dataclass(frozen=True, slots=True)
class Preference:
    """Whether a topic comes over a channel, and whether that can be changed."""

    channel: Channel
    topic: Topic
    is_enabled: bool
    is_changeable: bool


def wants(chosen: Mapping[Choice, bool], channel: Channel, topic: Topic) -> bool:
    """Whether a user who chose this wants the topic over the channel."""
    return topic in CRITICAL_TOPICS or chosen.get((channel, topic), True)


def all_preferences(chosen: Mapping[Choice, bool]) -> list[Preference]:
    """Returns a user's preference for every topic and channel."""
    return [
        Preference(channel, topic, wants(chosen, channel, topic), topic not in CRITICAL_TOPICS)
        for topic in Topic
        for channel in Channel
    ]


async def change_preferences(
    session: AsyncSession, user_id: UUID, changes: Sequence[tuple[Channel, Topic, bool]]
) -> list[Preference]:
    """Returns all of the user's preferences after the changes: all of them, or none is made."""
    choices = {(channel, topic): is_enabled for channel, topic, is_enabled in changes}
    if len(choices) != len(changes):
        raise InvalidInput("A topic can be chosen once for each channel", field=["input", "changes"])
    for index, (_, topic, is_enabled) in enumerate(changes):
        if topic in CRITICAL_TOPICS and not is_enabled:
            raise CriticalTopic(
                f"Notifications about {topic.value} cannot be switched off",
                field=["input", "changes", str(index), "enabled"],
            )
    if choices:
        await write_choices(session, user_id, choices)
    return all_preferences((await choices_by_users(session, [user_id])).get(user_id, {}))
