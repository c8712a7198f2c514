"""What users want to hear of, where, when, and where they are reached."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from subgraphs.notifications.service.preferences.contact import read_phone
from subgraphs.notifications.service.preferences.devices import DEVICES_MAX
from tests.subgraphs.notifications.happenings import Happenings, user_of
from tests.support.subgraph import Caller

UPDATE = """
mutation ($input: UpdateNotificationPreferencesInput!) { updateNotificationPreferences(input: $input) {
  preferences { channel topic enabled changeable } userErrors { code field }
} }
"""
SET_QUIET = """
mutation ($input: SetNotificationQuietHoursInput!) { setNotificationQuietHours(input: $input) {
  quietHours { startsAt endsAt zone } userErrors { code field }
} }
"""
CLEAR_QUIET = "mutation { clearNotificationQuietHours { quietHours { zone } userErrors { code } } }"
SET_CONTACT = """
mutation ($input: SetNotificationContactInput!) { setNotificationContact(input: $input) {
  contact { email phone locale zone } userErrors { code field }
} }
"""
REGISTER = """
mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) {
  device { id platform name } userErrors { code field }
} }
"""
UNREGISTER = "mutation ($id: ID!) { unregisterDevice(id: $id) { removedDeviceId userErrors { code field } } }"
WISHES = """
... on User { notificationPreferences { channel topic enabled changeable }
              notificationQuietHours { startsAt endsAt zone } notificationContact { email phone locale zone }
              notificationDevices { id name } }
"""


async def change(people: Happenings, caller: Caller, mutation: str, **given: Any) -> dict[str, Any]:
    """Returns the payload of a mutation of one field."""
    [payload] = (await people.running.data(mutation, given, caller)).values()
    return payload


async def wishes(people: Happenings, user: Caller, reader: Caller | None = None) -> dict[str, Any]:
    """Returns what the reader sees of the user's wishes."""
    of_user = {"__typename": "User", "id": str(user_of(user))}
    [found] = await people.running.entities([of_user], WISHES, reader or user)
    return found


async def test_what_is_switched_off_is_skipped_from_then_on_and_nothing_else(people: Happenings) -> None:
    user, shop = await people.registered(), await people.organization()
    changes = [{"channel": "IN_APP", "topic": "ORDERS", "enabled": False}]
    payload = await change(people, user, UPDATE, input={"changes": changes})
    off = [each for each in payload["preferences"] if not each["enabled"]]
    assert off == [{**changes[0], "changeable": True}]
    await people.told(people.placed(shop, user))
    assert await people.rows(
        "SELECT channel, state, last_error FROM messages WHERE user_id = :user AND topic = 'ORDERS'"
        " ORDER BY step",
        user=user_of(user),
    ) == [
        ("IN_APP", "SKIPPED", "PREFERENCE_OFF"),
        ("EMAIL", "PENDING", None),
        ("PUSH", "PENDING", None),
        ("SMS", "PENDING", None),
    ]
    assert len(await people.titles(user)) == 1


async def test_a_critical_topic_cannot_be_switched_off_and_nothing_else_changes_then(
    people: Happenings,
) -> None:
    user = people.running.customer()
    changes = [
        {"channel": "EMAIL", "topic": "ORDERS", "enabled": False},
        {"channel": "EMAIL", "topic": "SECURITY", "enabled": False},
    ]
    payload = await change(people, user, UPDATE, input={"changes": changes})
    assert payload == {
        "preferences": None,
        "userErrors": [{"code": "CRITICAL_TOPIC", "field": ["input", "changes", "1", "enabled"]}],
    }
    found = (await wishes(people, user))["notificationPreferences"]
    assert (len(found), all(each["enabled"] for each in found)) == (24, True)
    assert {each["topic"] for each in found if not each["changeable"]} == {"SECURITY"}


async def test_wishes_are_shown_to_nobody_else(people: Happenings) -> None:
    user = await people.registered()
    await change(people, user, SET_QUIET, input={"startsAt": "22:00", "endsAt": "07:00"})
    assert await wishes(people, user, people.running.user(permissions=["*"])) == {
        "__typename": "User",
        "notificationPreferences": None,
        "notificationQuietHours": None,
        "notificationContact": None,
        "notificationDevices": None,
    }


async def test_quiet_hours_are_set_changed_and_taken_away(people: Happenings) -> None:
    user = people.running.customer()
    given = {"startsAt": "22:00", "endsAt": "07:30"}
    payloads = await asyncio.gather(*(change(people, user, SET_QUIET, input=given) for _ in range(5)))
    assert all(each["quietHours"]["zone"] == "Africa/Algiers" for each in payloads)
    assert (await wishes(people, user))["notificationQuietHours"] == {
        "startsAt": "22:00:00",
        "endsAt": "07:30:00",
        "zone": "Africa/Algiers",
    }
    await change(people, user, CLEAR_QUIET)
    assert (await wishes(people, user))["notificationQuietHours"] is None
    wrong = {"startsAt": "22:00", "endsAt": "22:00:30", "zone": "Africa/Tlemcen"}
    payload = await change(people, user, SET_QUIET, input=wrong)
    assert payload["userErrors"] == [
        {"code": "INVALID_INPUT", "field": ["input", "endsAt"]},
        {"code": "INVALID_INPUT", "field": ["input", "zone"]},
    ]


async def test_what_users_say_of_themselves_stands_beside_what_their_account_tells(
    people: Happenings,
) -> None:
    user = await people.registered("Amina", locale="ar")
    given = {"phone": "0550 12 34 56", "locale": "EN", "zone": "Europe/Paris"}
    payload = await change(people, user, SET_CONTACT, input=given)
    assert payload["contact"] == {
        "email": "amina@example.dz",
        "phone": "+213550123456",
        "locale": "EN",
        "zone": "Europe/Paris",
    }
    payload = await change(people, user, SET_CONTACT, input={"phone": "yes", "zone": "Mars"})
    assert [each["field"] for each in payload["userErrors"]] == [["input", "phone"], ["input", "zone"]]
    payload = await change(people, user, SET_CONTACT, input={})
    assert payload["contact"]["phone"] is None


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("+213 550-12.34.56", "+213550123456"),
        ("0550123456", "+213550123456"),
        ("021 63 12 34", "+21321631234"),
        ("+33 (0)6", None),
        ("+0550123456", None),
        ("", None),
    ],
)
def test_a_phone_is_kept_in_one_form(text: str, phone: str | None) -> None:
    assert read_phone(text) == phone


async def test_a_token_belongs_to_whoever_registered_it_last(people: Happenings) -> None:
    first, second = people.running.customer(), people.running.customer()
    given = {"platform": "ANDROID", "token": "t-1", "name": "Redmi"}
    one = await change(people, first, REGISTER, input=given)
    again = await change(people, first, REGISTER, input=given)
    assert one == again
    await change(people, second, REGISTER, input=given)
    assert (await wishes(people, first))["notificationDevices"] == []
    assert (await wishes(people, second))["notificationDevices"] == [
        {"id": one["device"]["id"], "name": "Redmi"}
    ]
    payload = await change(people, first, UNREGISTER, id=one["device"]["id"])
    assert payload["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"]}]
    payload = await change(people, second, UNREGISTER, id=one["device"]["id"])
    assert payload["removedDeviceId"] == one["device"]["id"]
    payload = await change(people, first, REGISTER, input={**given, "token": " "})
    assert payload["userErrors"] == [{"code": "INVALID_INPUT", "field": ["input", "token"]}]


async def test_the_device_registered_longest_ago_makes_room(people: Happenings) -> None:
    user = people.running.customer()
    for number in range(DEVICES_MAX + 1):
        await change(
            people, user, REGISTER, input={"platform": "WEB", "token": f"t-{number}", "name": str(number)}
        )
    names = [each["name"] for each in (await wishes(people, user))["notificationDevices"]]
    assert names == [str(number) for number in range(DEVICES_MAX, 0, -1)]
