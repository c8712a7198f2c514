"""What the page behind the link in a mail says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from subgraphs.kit.locales import Locale
from subgraphs.notifications.states import Topic


@dataclass(frozen=True, slots=True)
class PageTexts:
    """One language's."""

    title: str
    question: str
    button: str
    done: str
    bad_link: str
    topics: Mapping[Topic, str]


PAGE_TEXTS = {
    Locale.AR: PageTexts(
        title="إيقاف الرسائل",
        question="هل تريد إيقاف رسائل البريد الإلكتروني حول «{topic}»؟",
        button="نعم، أوقفها",
        done="تم. لن تصلك بعد الآن رسائل حول «{topic}». يمكنك تغيير ذلك في أي وقت من تفضيلاتك.",
        bad_link="هذا الرابط غير صالح أو انتهت مدته. يمكنك اختيار رسائلك من تفضيلاتك.",
        topics={
            Topic.ACCOUNT: "الحساب",
            Topic.SECURITY: "الأمان",
            Topic.ORDERS: "الطلبات",
            Topic.SALES: "المبيعات",
            Topic.STOCK: "المخزون",
            Topic.ANNOUNCEMENTS: "الإعلانات",
        },
    ),
    Locale.FR: PageTexts(
        title="Ne plus recevoir de messages",
        question="Voulez-vous ne plus recevoir d'e-mails au sujet de « {topic} » ?",
        button="Oui, les arrêter",
        done="C'est fait. Vous ne recevrez plus d'e-mails au sujet de « {topic} ». "
        "Vous pouvez changer d'avis à tout moment dans vos préférences.",
        bad_link="Ce lien n'est pas valable ou il a expiré. Choisissez vos messages dans vos préférences.",
        topics={
            Topic.ACCOUNT: "Compte",
            Topic.SECURITY: "Sécurité",
            Topic.ORDERS: "Commandes",
            Topic.SALES: "Ventes",
            Topic.STOCK: "Stock",
            Topic.ANNOUNCEMENTS: "Annonces",
        },
    ),
    Locale.EN: PageTexts(
        title="Stop receiving messages",
        question="Do you want to stop receiving e-mails about “{topic}”?",
        button="Yes, stop them",
        done="Done. You will receive no more e-mails about “{topic}”. "
        "You can change your mind at any time in your preferences.",
        bad_link="This link is not valid or has expired. Your preferences let you choose your messages.",
        topics={
            Topic.ACCOUNT: "Account",
            Topic.SECURITY: "Security",
            Topic.ORDERS: "Orders",
            Topic.SALES: "Sales",
            Topic.STOCK: "Stock",
            Topic.ANNOUNCEMENTS: "Announcements",
        },
    ),
}
