"""The words of the pages that letters' links open."""

from __future__ import annotations

from collections.abc import Mapping

ACCOUNT_TEXTS: Mapping[str, tuple[str, str, str]] = {
    # Arabic, French, English
    "verify_email": ("تأكيد بريدك الإلكتروني", "Confirmer votre adresse", "Confirm your address"),
    "verify_email_lead": (
        "أكّد أن هذا العنوان لك.",
        "Confirmez que cette adresse est la vôtre.",
        "Confirm that this address is yours.",
    ),
    "verify_email_done": ("تم تأكيد عنوانك.", "Votre adresse est confirmée.", "Your address is confirmed."),
    "change_email": ("تغيير بريدك الإلكتروني", "Changer votre adresse", "Change your address"),
    "change_email_lead": (
        "وافق على العنوان الجديد لحسابك.",
        "Acceptez la nouvelle adresse de votre compte.",
        "Agree to the new address of your account.",
    ),
    "change_email_done": ("تم تغيير عنوانك.", "Votre adresse a changé.", "Your address has changed."),
    "change_email_waits": (
        "شكرا. يتغير العنوان حين يوافق العنوان الآخر أيضا.",
        "Merci. L'adresse changera quand l'autre adresse aura accepté elle aussi.",
        "Thank you. The address changes when the other one has agreed as well.",
    ),
    "reset_password": ("كلمة سر جديدة", "Un nouveau mot de passe", "A new password"),
    "reset_password_lead": (
        "اختر كلمة سر من 10 أحرف على الأقل. ستُغلق جميع جلساتك.",
        "Choisissez au moins 10 caractères. Toutes vos sessions seront fermées.",
        "Choose at least 10 characters. All your sessions will end.",
    ),
    "reset_password_done": (
        "كلمة السر الجديدة صالحة الآن.",
        "Votre nouveau mot de passe est en place.",
        "Your new password is in place.",
    ),
    "new_password": ("كلمة السر الجديدة", "Nouveau mot de passe", "New password"),
    "weak_password": (
        "كلمة السر هذه قصيرة أو سهلة التخمين.",
        "Ce mot de passe est trop court ou trop facile à deviner.",
        "This password is too short or too easy to guess.",
    ),
    "accept_invitation": ("قبول الدعوة", "Accepter l'invitation", "Accept the invitation"),
    "accept_invitation_lead": (
        "انضم إلى المؤسسة التي دعتك.",
        "Rejoignez l'organisation qui vous invite.",
        "Join the organization that invites you.",
    ),
    "accept_invitation_done": (
        "أصبحت عضوا في المؤسسة.",
        "Vous faites partie de l'organisation.",
        "You belong to the organization now.",
    ),
    "already_a_member": (
        "أنت عضو في هذه المؤسسة.",
        "Vous faites déjà partie de cette organisation.",
        "You belong to this organization already.",
    ),
    "invalid_link": (
        "هذا الرابط لم يعد صالحا. اطلب رابطا جديدا.",
        "Ce lien n'est plus valable. Demandez-en un nouveau.",
        "This link is not valid any more. Ask for a new one.",
    ),
    "email_taken": (
        "هذا العنوان لحساب آخر.",
        "Cette adresse est celle d'un autre compte.",
        "This address belongs to another account.",
    ),
    "needs_script": (
        "فعّل جافاسكريبت لفتح هذا الرابط.",
        "Activez JavaScript pour ouvrir ce lien.",
        "Switch JavaScript on to open this link.",
    ),
}
