"""What staff tell people, the texts they write, and what they see of it: their own organization's alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from subgraphs.kit.ids import new_id
from tests.subgraphs.notifications.happenings import Happenings, user_of
from tests.support.statements import recorded_statements
from tests.support.subgraph import Caller

TRIGGER = """
mutation ($input: TriggerNotificationInput!) { triggerNotification(input: $input) {
  transactionKey notificationIds userErrors { code field }
} }
"""
CANCEL = """
mutation ($input: CancelScheduledNotificationInput!) { cancelScheduledNotification(input: $input) {
  cancelledCount userErrors { code field }
} }
"""
LOG = """
query ($first: Int, $where: NotificationMessageWhere) { notificationMessages(first: $first, where: $where) {
  totalCount
  nodes { channel state topic lastError recipient { id } transitions { stateBefore stateAfter code } }
} }
"""
TEMPLATE = "id number status isOwn subject body"
CREATE = f"""
mutation ($input: NotificationTemplateInput!) {{ createTemplateVersion(input: $input) {{
  template {{ {TEMPLATE} }} userErrors {{ code field message }}
}} }}
"""
PUBLISH = f"""
mutation ($id: ID!) {{ publishTemplate(id: $id) {{
  template {{ {TEMPLATE} }} userErrors {{ code field message }}
}} }}
"""
RETIRE = (
    f"mutation ($id: ID!) {{ retireTemplate(id: $id) {{ template {{ {TEMPLATE} }} userErrors {{ code }} }} }}"
)
TEMPLATES = f"{{ notificationTemplates {{ nodes {{ {TEMPLATE} }} }} }}"
PREVIEW = """
query ($input: NotificationTemplateInput!) { previewTemplate(input: $input) {
  subject text html faults { code part line }
} }
"""
SUPPRESSIONS = "{ notificationSuppressions { nodes { id channel address reason } } }"
UNSUPPRESS = """
mutation ($id: ID!) { removeNotificationSuppression(id: $id) {
  removedSuppressionId userErrors { code field }
} }
"""
ADMIN = ("notifications:*",)


async def change(people: Happenings, caller: Caller, mutation: str, **given: Any) -> dict[str, Any]:
    """Returns the payload of a mutation of one field."""
    [payload] = (await people.running.data(mutation, given, caller)).values()
    return payload


def announcement(*recipients: Caller, key: str = "k", **more: Any) -> dict[str, Any]:
    """Returns the input of an announcement."""
    return {
        "idempotencyKey": key,
        "recipientIds": [str(user_of(each)) for each in recipients],
        "variables": [
            {"name": "title", "value": {"fr": "Fermeture"}},
            {"name": "text", "value": {"fr": "Fermé vendredi.", "ar": "مغلق يوم الجمعة."}},
        ],
        **more,
    }


async def test_staff_tell_members_and_customers_once_per_key(people: Happenings) -> None:
    owner = await people.organization(ADMIN)
    member = await people.member(owner, "seller", "orders:read")
    customer = await people.registered()
    await people.told(people.placed(owner, customer))
    given = announcement(member, customer)
    payloads = await asyncio.gather(*(change(people, owner, TRIGGER, input=given) for _ in range(8)))
    assert all(each == payloads[0] for each in payloads)
    assert (len(payloads[0]["notificationIds"]), payloads[0]["userErrors"]) == (2, [])
    node = (await people.inbox(customer))["notifications"]["nodes"][0]
    assert node["title"] == {"fr": "Fermeture", "ar": "Fermeture", "en": "Fermeture"}
    assert node["body"] == {"value": "مغلق يوم الجمعة."}
    assert (await people.titles(member))[0] == "Fermeture"
    other = await change(people, owner, TRIGGER, input=announcement(member))
    assert other["userErrors"] == [{"code": "IDEMPOTENCY_CONFLICT", "field": ["idempotencyKey"]}]


async def test_nobody_tells_strangers_or_starts_what_only_events_start(people: Happenings) -> None:
    owner, other = await people.organization(ADMIN), await people.organization(ADMIN)
    member = await people.member(owner, "seller", "orders:read")
    payload = await change(people, other, TRIGGER, input=announcement(other, member))
    assert payload["userErrors"] == [
        {"code": "RECIPIENT_NOT_REACHABLE", "field": ["input", "recipientIds", "1"]}
    ]
    wrongs: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"workflow": "new_login"}, "UNKNOWN_WORKFLOW", ["input", "workflow"]),
        ({"variables": []}, "INVALID_PAYLOAD", ["input", "variables"]),
        ({"recipientIds": []}, "INVALID_INPUT", ["input", "recipientIds"]),
        (
            {"sendAt": (people.now() - timedelta(hours=1)).isoformat()},
            "INVALID_INPUT",
            ["input", "sendAt"],
        ),
    ]
    for wrong, code, field in wrongs:
        payload = await change(people, owner, TRIGGER, input=announcement(member, **wrong))
        assert payload["userErrors"] == [{"code": code, "field": field}], wrong
    response = await people.running.execute(TRIGGER, {"input": announcement(member)}, member)
    assert response["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert await people.rows("SELECT count(*) FROM notifications") == [(0,)]


async def test_what_is_scheduled_waits_in_every_channel_and_can_be_called_off_once(
    people: Happenings,
) -> None:
    owner, other = await people.organization(ADMIN), await people.organization(ADMIN)
    member = await people.member(owner, "seller", "orders:read")
    later = (people.now() + timedelta(days=1)).isoformat()
    key = (await change(people, owner, TRIGGER, input=announcement(owner, member, sendAt=later)))[
        "transactionKey"
    ]
    assert await people.titles(member) == []
    assert await people.rows("SELECT DISTINCT channel, state FROM messages ORDER BY 1 DESC") == [
        ("IN_APP", "PENDING"),
        ("EMAIL", "PENDING"),
    ]
    payload = await change(people, other, CANCEL, input={"transactionKey": key})
    assert payload["userErrors"] == [{"code": "NOT_SCHEDULED", "field": ["input", "transactionKey"]}]
    one = {"transactionKey": key, "recipientId": str(user_of(member))}
    assert (await change(people, owner, CANCEL, input=one))["cancelledCount"] == 2
    both = [change(people, owner, CANCEL, input={"transactionKey": key}) for _ in range(6)]
    counts = [each["cancelledCount"] for each in await asyncio.gather(*both)]
    assert sorted(count or 0 for count in counts) == [0, 0, 0, 0, 0, 2]
    assert await people.rows("SELECT count(*) FROM notifications WHERE cancelled_at IS NULL") == [(0,)]


async def test_the_log_tells_of_ones_own_organization_in_as_many_statements_for_more(
    people: Happenings,
) -> None:
    owner, other = await people.organization(ADMIN), await people.organization(ADMIN)
    member = await people.member(owner, "seller", "orders:read")
    await change(people, owner, TRIGGER, input=announcement(member))

    async def counted() -> int:
        with recorded_statements(people.running.app.database.engine) as statements:
            await people.running.data(LOG, None, owner)
        return len(statements)

    before = await counted()
    where = {"channel": {"eq": "IN_APP"}, "recipientId": {"eq": str(user_of(member))}}
    [message] = (await people.running.data(LOG, {"where": where}, owner))["notificationMessages"]["nodes"]
    assert message == {
        "channel": "IN_APP",
        "state": "DELIVERED",
        "topic": "ANNOUNCEMENTS",
        "lastError": None,
        "recipient": {"id": str(user_of(member))},
        "transitions": [{"stateBefore": None, "stateAfter": "DELIVERED", "code": None}],
    }
    await change(people, owner, TRIGGER, input=announcement(owner, member, key="more"))
    assert (before, await counted()) == (3, 3)
    assert (await people.running.data(LOG, None, other))["notificationMessages"]["totalCount"] == 0
    response = await people.running.execute(LOG, None, member)
    assert response["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def mail(body: str = "Commande {{ number }}", **more: Any) -> dict[str, Any]:
    """Returns the input of a template."""
    text = {"subject": "n° {{ number }}", "body": body, "html": "<p>{{ number }}</p>"}
    return {"key": "order_confirmation", "channel": "EMAIL", "locale": "FR", **text, **more}


async def test_versions_are_numbered_without_gaps_and_one_is_published(people: Happenings) -> None:
    owner = await people.organization(ADMIN)
    made = await asyncio.gather(*(change(people, owner, CREATE, input=mail(f"{n}")) for n in range(8)))
    assert sorted(each["template"]["number"] for each in made) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {each["template"]["status"] for each in made} == {"DRAFT"}
    ids = [each["template"]["id"] for each in made]
    published = await asyncio.gather(*(change(people, owner, PUBLISH, id=each) for each in ids))
    assert all(each["userErrors"] == [] for each in published)
    found = (await people.running.data(TEMPLATES, None, owner))["notificationTemplates"]["nodes"]
    assert sorted(each["status"] for each in found) == ["PUBLISHED"] + ["RETIRED"] * 7
    again = await change(people, owner, PUBLISH, id=ids[0])
    assert again["template"]["status"] == "PUBLISHED"
    assert (await change(people, owner, RETIRE, id=ids[0]))["template"]["status"] == "RETIRED"


async def test_what_uses_its_variables_wrongly_is_not_published_and_says_where(people: Happenings) -> None:
    owner = await people.organization(ADMIN)
    wrong = mail("Bonjour {{ nobody }}", html="<p>{{ number </p>")
    template = (await change(people, owner, CREATE, input=wrong))["template"]
    payload = await change(people, owner, PUBLISH, id=template["id"])
    assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [
        ("INVALID_TEMPLATE", ["body"]),
        ("INVALID_TEMPLATE", ["html"]),
    ]
    assert "UNDECLARED_VARIABLE" in payload["userErrors"][0]["message"]
    assert await people.rows("SELECT status FROM templates") == [("DRAFT",)]
    shown = (await people.running.data(PREVIEW, {"input": wrong}, owner))["previewTemplate"]
    assert (shown["text"], [each["code"] for each in shown["faults"]]) == (
        None,
        ["UNDECLARED_VARIABLE", "BAD_TEMPLATE"],
    )
    shown = (await people.running.data(PREVIEW, {"input": mail(locale="AR")}, owner))["previewTemplate"]
    assert (shown["subject"], shown["faults"]) == ("n° 1007", [])
    assert 'dir="rtl"' in shown["html"]
    for more, code in (({"key": "none"}, "UNKNOWN_WORKFLOW"), ({"channel": "IN_APP"}, "INVALID_INPUT")):
        payload = await change(people, owner, CREATE, input=mail(**more))
        assert [each["code"] for each in payload["userErrors"]] == [code]


async def test_templates_of_others_and_of_the_platform_cannot_be_published(people: Happenings) -> None:
    owner, other = await people.organization(ADMIN), await people.organization(ADMIN)
    template = (await change(people, owner, CREATE, input=mail()))["template"]
    common = new_id()
    await people.rows(
        "INSERT INTO templates (id, organization_id, key, channel, locale, number, status, body, variables,"
        " example) SELECT :id, NULL, 'welcome', 'SMS', 'fr', 1, 'DRAFT', 'x', '{}', '{}' RETURNING 1",
        id=common,
    )
    for id_ in (template["id"], str(common), "nonsense"):
        payload = await change(people, other, PUBLISH, id=id_)
        assert [each["code"] for each in payload["userErrors"]] == ["NOT_FOUND"]
    seen = (await people.running.data(TEMPLATES, None, other))["notificationTemplates"]["nodes"]
    assert [(each["id"], each["isOwn"]) for each in seen] == [(str(common), False)]


async def test_an_address_is_taken_off_the_own_list_only(people: Happenings) -> None:
    owner, other = await people.organization(ADMIN), await people.organization(ADMIN)
    entry = new_id()
    await people.rows(
        "INSERT INTO suppressions (id, organization_id, channel, address_hash, address, reason)"
        " VALUES (:id, :organization, 'EMAIL', 'x', 'a@example.dz', 'BOUNCED') RETURNING 1",
        id=entry,
        organization=owner.viewer.organization_id,
    )
    assert (await people.running.data(SUPPRESSIONS, None, other))["notificationSuppressions"]["nodes"] == []
    payload = await change(people, other, UNSUPPRESS, id=str(entry))
    assert payload["userErrors"] == [{"code": "NOT_FOUND", "field": ["id"]}]
    assert (await people.running.data(SUPPRESSIONS, None, owner))["notificationSuppressions"]["nodes"] == [
        {"id": str(entry), "channel": "EMAIL", "address": "a@example.dz", "reason": "BOUNCED"}
    ]
    assert (await change(people, owner, UNSUPPRESS, id=str(entry)))["removedSuppressionId"] == str(entry)
    assert await people.rows("SELECT count(*) FROM suppressions") == [(0,)]
