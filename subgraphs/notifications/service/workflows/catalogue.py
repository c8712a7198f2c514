"""Every workflow there is, by its key."""

from __future__ import annotations

from collections.abc import Mapping

from subgraphs.notifications.service.workflows.workflow import Step, Workflow
from subgraphs.notifications.states import Channel, Topic

_HOUR_S = 3_600

_APP, _MAIL, _PUSH, _SMS = (
    Step(channel) for channel in (Channel.IN_APP, Channel.EMAIL, Channel.PUSH, Channel.SMS)
)
_MAIL_HOURLY = Step(Channel.EMAIL, digest_window_s=_HOUR_S)

WELCOME = Workflow(
    key="welcome",
    topic=Topic.ACCOUNT,
    steps=(_APP, _MAIL),
    description="Greets who has just signed up.",
)

ORDER_CONFIRMATION = Workflow(
    key="order_confirmation",
    topic=Topic.ORDERS,
    steps=(_APP, _MAIL, _PUSH, _SMS),
    description="Confirms an order to whoever placed it.",
)

ORDER_RECEIVED = Workflow(
    key="order_received",
    topic=Topic.SALES,
    steps=(_APP, _PUSH, _MAIL_HOURLY),
    description="Tells the staff of a shop of a new order.",
)

ORDER_CANCELLED = Workflow(
    key="order_cancelled",
    topic=Topic.ORDERS,
    steps=(_APP, _MAIL, _PUSH),
    description="Tells whoever placed an order that it is off.",
)

ORDER_LOST = Workflow(
    key="order_lost",
    topic=Topic.SALES,
    steps=(_APP, _PUSH, _MAIL_HOURLY),
    description="Tells the staff of a shop that a customer called an order off.",
)

STOCK_LOW = Workflow(
    key="stock_low",
    topic=Topic.STOCK,
    steps=(_APP, _MAIL_HOURLY),
    description="Warns those who look after the stock, once until it has risen again.",
)

NEW_LOGIN = Workflow(
    key="new_login",
    topic=Topic.SECURITY,
    steps=(_APP, _MAIL, _PUSH),
    description="Warns of a log-in from a device that was not seen before.",
)

REFRESH_TOKEN_REUSED = Workflow(
    key="refresh_token_reused",
    topic=Topic.SECURITY,
    steps=(_APP, _MAIL, _PUSH),
    description="Warns that a session was ended because its token may be stolen.",
)

ANNOUNCEMENT = Workflow(
    key="announcement",
    topic=Topic.ANNOUNCEMENTS,
    steps=(_APP, _MAIL),
    description="What an organization has to say to its members or customers.",
    by_staff=True,
)

REGISTRATION_REPEATED = Workflow(
    key="registration_repeated",
    topic=Topic.SECURITY,
    steps=(_MAIL,),
    description="Tells a user that somebody signed up with their address, once a day.",
)

PASSWORD_CHANGED = Workflow(
    key="password_changed",
    topic=Topic.SECURITY,
    steps=(_APP, _MAIL, _PUSH),
    description="Tells a user that their password has changed.",
)

WORKFLOWS: Mapping[str, Workflow] = {
    each.key: each
    for each in (
        WELCOME,
        ORDER_CONFIRMATION,
        ORDER_RECEIVED,
        ORDER_CANCELLED,
        ORDER_LOST,
        STOCK_LOW,
        NEW_LOGIN,
        REFRESH_TOKEN_REUSED,
        ANNOUNCEMENT,
        REGISTRATION_REPEATED,
        PASSWORD_CHANGED,
    )
}
