"""Every workflow there is, by its key."""

from __future__ import annotations

from collections.abc import Mapping

from subgraphs.kit.locales import LocalizedText
from subgraphs.notifications.service.workflows.variables import Kind
from subgraphs.notifications.service.workflows.workflow import Step, Workflow
from subgraphs.notifications.states import Channel, Topic

_HOUR_S = 3_600

_APP, _MAIL, _PUSH = Step(Channel.IN_APP), Step(Channel.EMAIL), Step(Channel.PUSH)
_MAIL_HOURLY = Step(Channel.EMAIL, digest_window_s=_HOUR_S)
_SMS = Step(Channel.SMS)

_ORDER = {"order_id": Kind.ID, "number": Kind.NUMBER, "total": Kind.MONEY}
_NUMBERED = {"order_id": Kind.ID, "number": Kind.NUMBER}

WELCOME = Workflow(
    key="welcome",
    topic=Topic.ACCOUNT,
    description="Greets who has just signed up.",
    steps=(_APP, _MAIL),
    variables={"name": Kind.TEXT},
    title=LocalizedText("مرحبًا {name}", "Bienvenue, {name}", "Welcome, {name}"),
    body=LocalizedText(
        "تم إنشاء حسابك. يسعدنا انضمامك إلينا.",
        "Votre compte est ouvert. Nous sommes heureux de vous compter parmi nous.",
        "Your account is open. We are glad to have you with us.",
    ),
)

ORDER_CONFIRMATION = Workflow(
    key="order_confirmation",
    topic=Topic.ORDERS,
    description="Confirms an order to whoever placed it.",
    steps=(_APP, _MAIL, _PUSH, _SMS),
    variables=_ORDER,
    title=LocalizedText(
        "استلمنا طلبك رقم {number}", "Commande n° {number} bien reçue", "We have your order no. {number}"
    ),
    body=LocalizedText(
        "المجموع {total}. سنخبرك بكل خطوة.",
        "Total : {total}. Nous vous tiendrons au courant de chaque étape.",
        "Total: {total}. We will tell you of every step.",
    ),
)

ORDER_RECEIVED = Workflow(
    key="order_received",
    topic=Topic.SALES,
    description="Tells the staff of a shop of a new order.",
    steps=(_APP, _PUSH, _MAIL_HOURLY),
    variables=_ORDER,
    title=LocalizedText("طلب جديد رقم {number}", "Nouvelle commande n° {number}", "New order no. {number}"),
    body=LocalizedText(
        "قيمة الطلب {total}، وهو في انتظار التأكيد.",
        "Montant : {total}. Elle attend votre confirmation.",
        "It comes to {total} and waits to be confirmed.",
    ),
)

ORDER_CANCELLED = Workflow(
    key="order_cancelled",
    topic=Topic.ORDERS,
    description="Tells whoever placed an order that it is off.",
    steps=(_APP, _MAIL, _PUSH),
    variables=_NUMBERED,
    title=LocalizedText(
        "أُلغي طلبك رقم {number}", "Commande n° {number} annulée", "Order no. {number} is cancelled"
    ),
    body=LocalizedText(
        "لن يتم تحصيل أي مبلغ عن هذا الطلب.",
        "Rien ne vous sera facturé pour cette commande.",
        "You will not be charged for this order.",
    ),
)

ORDER_LOST = Workflow(
    key="order_lost",
    topic=Topic.SALES,
    description="Tells the staff of a shop that a customer called an order off.",
    steps=(_APP, _PUSH),
    variables=_NUMBERED,
    title=LocalizedText(
        "ألغى الزبون الطلب رقم {number}",
        "Commande n° {number} annulée par le client",
        "Order no. {number} was called off",
    ),
    body=LocalizedText(
        "أُعيدت السلع إلى المخزون.", "Les articles sont de nouveau en stock.", "The goods are back in stock."
    ),
)

LOW_STOCK = Workflow(
    key="low_stock",
    topic=Topic.STOCK,
    description="Warns those who look after the stock, once until it has risen again.",
    steps=(_APP, _MAIL_HOURLY),
    variables={"variant_id": Kind.ID, "available": Kind.NUMBER, "threshold": Kind.NUMBER},
    title=LocalizedText("المخزون على وشك النفاد", "Stock bas", "Stock is low"),
    body=LocalizedText(
        "الكمية المتبقية {available}، والحد الأدنى {threshold}.",
        "Il reste {available} unité(s) ; le seuil est de {threshold}.",
        "{available} left; the threshold is {threshold}.",
    ),
)

NEW_LOGIN = Workflow(
    key="new_login",
    topic=Topic.SECURITY,
    description="Warns of a log-in from a device that was not seen before.",
    steps=(_APP, _MAIL, _PUSH),
    variables={"session_id": Kind.ID, "device": Kind.TEXT},
    title=LocalizedText(
        "تسجيل دخول من جهاز جديد", "Connexion depuis un nouvel appareil", "Signed in on a new device"
    ),
    body=LocalizedText(
        "الجهاز: {device}. إن لم تكن أنت، فغيّر كلمة المرور فورًا.",
        "Appareil : {device}. Si ce n'était pas vous, changez votre mot de passe sans attendre.",
        "Device: {device}. If this was not you, change your password at once.",
    ),
)

REFRESH_REUSE = Workflow(
    key="refresh_reuse",
    topic=Topic.SECURITY,
    description="Warns that a session was ended because its token may be stolen.",
    steps=(_APP, _MAIL, _PUSH),
    variables={"session_id": Kind.ID},
    title=LocalizedText(
        "أنهينا إحدى جلساتك احتياطًا",
        "Nous avons fermé une de vos sessions par précaution",
        "We ended one of your sessions to be safe",
    ),
    body=LocalizedText(
        "استُعمل رمز دخول قديم مرة ثانية، وقد يكون مسروقًا. سجّل الدخول من جديد وغيّر كلمة المرور.",
        "Un jeton de connexion déjà utilisé est revenu : il a pu être volé. "
        "Reconnectez-vous et changez votre mot de passe.",
        "A used sign-in token came back, so it may be stolen. Sign in again and change your password.",
    ),
)

ANNOUNCEMENT = Workflow(
    key="announcement",
    topic=Topic.ANNOUNCEMENTS,
    description="What an organization has to say to its members or customers.",
    steps=(_APP, _MAIL),
    variables={"title": Kind.LOCALIZED, "text": Kind.LOCALIZED},
    title=LocalizedText("{title}", "{title}", "{title}"),
    body=LocalizedText("{text}", "{text}", "{text}"),
    by_staff=True,
)

WORKFLOWS: Mapping[str, Workflow] = {
    each.key: each
    for each in (
        WELCOME,
        ORDER_CONFIRMATION,
        ORDER_RECEIVED,
        ORDER_CANCELLED,
        ORDER_LOST,
        LOW_STOCK,
        NEW_LOGIN,
        REFRESH_REUSE,
        ANNOUNCEMENT,
    )
}
