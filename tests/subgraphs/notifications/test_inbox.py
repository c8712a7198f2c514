"""What lies in an inbox, who sees it, and what is unread, exactly."""

from __future__ import annotations

import asyncio

from subgraphs.kit.ids import new_id
from tests.subgraphs.notifications.happenings import INBOX, Happenings, user_of
from tests.support.statements import recorded_statements
from tests.support.subgraph import Caller

READ = """
mutation ($id: ID!, $read: Boolean! = true) { markNotificationRead(id: $id, read: $read) {
  notification { id readAt seenAt } user { unreadNotificationCount } userErrors { code field }
} }
"""
READ_ALL = """
mutation ($topic: NotificationTopic, $upTo: ID) { markAllNotificationsRead(topic: $topic, upTo: $upTo) {
  changedCount user { unreadNotificationCount } userErrors { code field }
} }
"""
SEE_ALL = """
mutation { markAllNotificationsSeen { changedCount user { unreadNotificationCount } userErrors { code } } }
"""
ARCHIVE = """
mutation ($id: ID!) { archiveNotification(id: $id) {
  notification { id archivedAt readAt } user { unreadNotificationCount } userErrors { code field }
} }
"""
CHANGES = "SELECT count(*) FROM outbox_events WHERE type = 'notification.inbox_changed'"


async def filled(people: Happenings, orders: int = 3) -> tuple[Caller, list[str]]:
    """Returns a customer and the ids of the notifications of their orders, the newest first."""
    customer, shop = people.running.customer(), await people.organization()
    for number in range(1, orders + 1):
        await people.told(people.placed(shop, customer, number))
    return customer, [each["id"] for each in (await people.inbox(customer))["notifications"]["nodes"]]


async def change(people: Happenings, caller: Caller, mutation: str, **variables: object) -> dict[str, object]:
    """Returns the payload of a mutation of one field."""
    [payload] = (await people.running.data(mutation, variables, caller)).values()
    return payload


async def test_a_page_follows_the_other_and_filters_hold(people: Happenings) -> None:
    customer, ids = await filled(people, 5)
    first = (await people.inbox(customer, first=2))["notifications"]
    assert [each["id"] for each in first["nodes"]] == ids[:2]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (5, True)
    second = (await people.inbox(customer, first=3, after=first["pageInfo"]["endCursor"]))["notifications"]
    assert [each["id"] for each in second["nodes"]] == ids[2:]
    assert second["pageInfo"]["hasNextPage"] is False
    await change(people, customer, READ, id=ids[0])
    unread = (await people.inbox(customer, filter={"unread": True}))["notifications"]
    assert [each["id"] for each in unread["nodes"]] == ids[1:]
    assert (await people.inbox(customer, filter={"topic": "STOCK"}))["notifications"]["nodes"] == []


async def test_nobody_sees_or_changes_the_inbox_of_somebody_else(people: Happenings) -> None:
    customer, ids = await filled(people, 1)
    stranger = people.running.user(permissions=["*"])
    service = people.running.service("orders", customer.viewer)
    for reader in (stranger, service):
        assert await people.inbox(customer, reader) == {
            "unreadNotificationCount": None,
            "notifications": None,
        }
        [found] = await people.running.entities(
            [{"__typename": "Notification", "id": ids[0]}], "... on Notification { topic }", reader
        )
        assert found is None
    for mutation in (READ, ARCHIVE):
        payload = await change(people, stranger, mutation, id=ids[0])
        assert payload["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"]}]
    assert (await change(people, stranger, READ_ALL))["changedCount"] == 0
    assert (await people.inbox(customer))["unreadNotificationCount"] == 1


async def test_reading_twice_changes_once_and_tells_once(people: Happenings) -> None:
    customer, ids = await filled(people)
    once = await change(people, customer, READ, id=ids[1])
    again = await change(people, customer, READ, id=ids[1])
    assert once == again
    assert once["user"] == {"unreadNotificationCount": 2}
    assert await people.rows(CHANGES) == [(1,)]
    unread = await change(people, customer, READ, id=ids[1], read=False)
    assert unread["user"] == {"unreadNotificationCount": 3}
    assert await people.rows(CHANGES) == [(2,)]


async def test_what_is_archived_leaves_the_inbox_and_the_count(people: Happenings) -> None:
    customer, ids = await filled(people)
    payload = await change(people, customer, ARCHIVE, id=ids[0])
    assert payload["user"] == {"unreadNotificationCount": 2}
    assert [each["id"] for each in (await people.inbox(customer))["notifications"]["nodes"]] == ids[1:]
    archived = (await people.inbox(customer, filter={"archived": True}))["notifications"]["nodes"]
    assert [each["id"] for each in archived] == ids[:1]


async def test_all_are_read_up_to_the_newest_that_was_on_the_screen(people: Happenings) -> None:
    customer, ids = await filled(people)
    assert (await change(people, customer, SEE_ALL)) == {
        "changedCount": 3,
        "user": {"unreadNotificationCount": 3},
        "userErrors": [],
    }
    payload = await change(people, customer, READ_ALL, upTo=ids[1])
    assert (payload["changedCount"], payload["user"]) == (2, {"unreadNotificationCount": 1})
    payload = await change(people, customer, READ_ALL, topic="SECURITY")
    assert payload["changedCount"] == 0
    payload = await change(people, customer, READ_ALL, upTo=str(new_id()))
    assert payload["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"]}]
    payload = await change(people, customer, READ_ALL, topic="ORDERS")
    assert (payload["changedCount"], payload["user"]) == (1, {"unreadNotificationCount": 0})


async def test_fifty_readers_at_once_change_each_item_once_and_the_count_is_exact(people: Happenings) -> None:
    customer, ids = await filled(people, 5)
    mutations = [change(people, customer, READ, id=ids[number % 4]) for number in range(46)]
    mutations += [change(people, customer, READ_ALL, upTo=ids[1]) for _ in range(4)]
    payloads = await asyncio.gather(*mutations)
    assert all(each["userErrors"] == [] for each in payloads)
    assert (await people.inbox(customer))["unreadNotificationCount"] == 0
    read = sum(int(str(each["changedCount"])) for each in payloads if "changedCount" in each)
    [(changes,)] = await people.rows(CHANGES)
    assert changes <= 5
    assert read <= 4


async def test_new_ones_and_reading_at_once_leave_an_exact_count(people: Happenings) -> None:
    customer, ids = await filled(people, 4)
    shop = await people.organization()
    await asyncio.gather(
        *(change(people, customer, READ, id=each) for each in ids for _ in range(5)),
        *(people.told(people.placed(shop, customer, number)) for number in range(10, 20)),
    )
    assert (await people.inbox(customer))["unreadNotificationCount"] == 10
    assert await people.rows(CHANGES) == [(4,)]


async def test_an_inbox_costs_the_same_statements_whatever_is_in_it(people: Happenings) -> None:
    customer, _ = await filled(people, 2)
    shop = await people.organization()
    of_user = {"__typename": "User", "id": str(user_of(customer))}

    async def counted() -> int:
        with recorded_statements(people.running.app.database.engine) as statements:
            await people.running.data(INBOX, {"r": [of_user, of_user]}, customer)
        return len(statements)

    before = await counted()
    for number in range(10, 20):
        await people.told(people.placed(shop, customer, number))
    assert (before, await counted()) == (5, 5)
