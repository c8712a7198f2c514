"""Every word of the pages, in the three languages of the platform."""

from __future__ import annotations

from collections.abc import Mapping

from subgraphs.identity.pages.account_texts import ACCOUNT_TEXTS
from subgraphs.kit.locales import Locale

NAMES = {Locale.AR: "العربية", Locale.FR: "Français", Locale.EN: "English"}

_TEXTS: Mapping[str, tuple[str, str, str]] = {
    **ACCOUNT_TEXTS,
    # Arabic, French, English
    "log_in": ("تسجيل الدخول", "Se connecter", "Log in"),
    "log_in_for": ("للمتابعة إلى {client}", "pour continuer vers {client}", "to continue to {client}"),
    "email": ("البريد الإلكتروني", "Adresse e-mail", "E-mail"),
    "password": ("كلمة السر", "Mot de passe", "Password"),
    "log_in_with": ("الدخول عبر {name}", "Continuer avec {name}", "Continue with {name}"),
    "wrong_credentials": (
        "البريد الإلكتروني وكلمة السر غير متطابقين.",
        "L'adresse et le mot de passe ne correspondent pas.",
        "The e-mail and the password do not go together.",
    ),
    "too_many_attempts": (
        "محاولات كثيرة. انتظر قليلا ثم أعد المحاولة.",
        "Trop d'essais. Patientez un moment.",
        "Too many attempts. Wait a moment.",
    ),
    "second_factor": ("التحقق بخطوتين", "Validation en deux étapes", "Second step"),
    "second_factor_hint": (
        "أدخل الرمز الظاهر في تطبيق المصادقة، أو أحد رموز الاسترجاع.",
        "Entrez le code de votre application d'authentification, ou un code de secours.",
        "Enter the code of your authenticator app, or a recovery code.",
    ),
    "code": ("الرمز", "Code", "Code"),
    "confirm": ("تأكيد", "Valider", "Confirm"),
    "use_passkey": ("استعمال مفتاح مرور", "Utiliser une clé d'accès", "Use a passkey"),
    "passkey_failed": (
        "لم ينجح مفتاح المرور. أعد المحاولة أو أدخل رمزا.",
        "La clé d'accès n'a pas fonctionné. Réessayez, ou entrez un code.",
        "The passkey did not work. Try again, or enter a code.",
    ),
    "wrong_code": ("الرمز غير صحيح.", "Ce code n'est pas le bon.", "This is not the code."),
    "login_over": (
        "انتهت محاولة الدخول هذه. ابدأ من جديد.",
        "Cette connexion a expiré. Recommencez.",
        "This log-in has ended. Begin again.",
    ),
    "consent": ("السماح بالوصول", "Autoriser l'accès", "Allow access"),
    "consent_asks": (
        "يطلب {client} التابع لـ {owner} ما يلي:",
        "{client}, de {owner}, demande à :",
        "{client} of {owner} asks to:",
    ),
    "you_are": ("أنت {name} ({email})", "Vous êtes {name} ({email})", "You are {name} ({email})"),
    "other_person": ("حساب آخر", "Un autre compte", "Another account"),
    "in_organization": ("باسم المؤسسة", "Au nom de l'organisation", "In the organization"),
    "allow": ("السماح", "Autoriser", "Allow"),
    "deny": ("رفض", "Refuser", "Deny"),
    "returns_to": (
        "ستعود بعدها إلى {host}",
        "Vous reviendrez ensuite sur {host}",
        "You will then return to {host}",
    ),
    "scope_openid": ("معرفة هويتك", "savoir qui vous êtes", "know who you are"),
    "scope_profile": (
        "الاطلاع على اسمك ولغتك",
        "lire votre nom et votre langue",
        "read your name and your language",
    ),
    "scope_email": ("الاطلاع على بريدك الإلكتروني", "lire votre adresse e-mail", "read your e-mail address"),
    "scope_offline_access": (
        "الاحتفاظ بالوصول في غيابك",
        "garder cet accès en votre absence",
        "keep this access while you are away",
    ),
    "scope_account": (
        "التصرف في حسابك كأنه أنت",
        "agir sur votre compte comme vous-même",
        "act on your account as yourself",
    ),
    "scope_reads_own": (
        "الاطلاع على ما تراه في حسابك",
        "lire ce que vous voyez de votre propre compte",
        "read what you see of your own account",
    ),
    "scope_permission": (
        "استعمال صلاحيتك {permission} في المؤسسة",
        "utiliser votre droit {permission} dans l'organisation",
        "use your permission {permission} in the organization",
    ),
    "device": ("ربط جهاز", "Connecter un appareil", "Connect a device"),
    "device_hint": (
        "اكتب الرمز الظاهر على الجهاز.",
        "Tapez le code affiché par l'appareil.",
        "Type the code that the device shows.",
    ),
    "device_check": (
        "تأكد أن هذا الرمز هو الظاهر على جهازك: {code}",
        "Vérifiez que votre appareil affiche bien ce code : {code}",
        "Check that your device shows this code: {code}",
    ),
    "continue": ("متابعة", "Continuer", "Continue"),
    "device_connected": (
        "تم ربط الجهاز. يمكنك إغلاق هذه الصفحة.",
        "L'appareil est connecté. Vous pouvez fermer cette page.",
        "The device is connected. You may close this page.",
    ),
    "device_denied": (
        "لم يتم ربط الجهاز.",
        "L'appareil n'a pas été connecté.",
        "The device was not connected.",
    ),
    "done": ("تم", "C'est fait", "Done"),
    "error": ("تعذر ذلك", "Ce n'est pas possible", "This cannot be done"),
    "error_unknown_client": (
        "التطبيق الذي أرسلك غير معروف.",
        "Le programme qui vous envoie est inconnu.",
        "The program that sent you is unknown.",
    ),
    "error_unknown_redirect_uri": (
        "يريد التطبيق إعادتك إلى عنوان لم يسجله.",
        "Le programme veut vous renvoyer à une adresse qu'il n'a pas enregistrée.",
        "The program wants you sent back to an address that it did not register.",
    ),
    "error_state_too_long": (
        "الطلب غير سليم.",
        "La demande n'est pas correcte.",
        "The request is not well formed.",
    ),
    "error_bad_request": (
        "الطلب غير سليم.",
        "La demande n'est pas correcte.",
        "The request is not well formed.",
    ),
    "error_stale_form": (
        "انتهت صلاحية هذه الصفحة. عد إلى التطبيق وابدأ من جديد.",
        "Cette page a expiré. Revenez au programme et recommencez.",
        "This page has expired. Go back to the program and begin again.",
    ),
    "error_external_login": (
        "لم يكتمل الدخول عبر المزود الآخر.",
        "La connexion par l'autre fournisseur n'a pas abouti.",
        "The log-in by the other provider was not completed.",
    ),
    "error_external_unknown": (
        "لا حساب مرتبطا بهذا المزود. سجل الدخول بكلمة السر أولا.",
        "Aucun compte n'est lié à ce fournisseur. Connectez-vous d'abord par mot de passe.",
        "No account is linked to this provider. Log in by password first.",
    ),
}
_PLACE = {Locale.AR: 0, Locale.FR: 1, Locale.EN: 2}


def text_of(key: str, locale: Locale, **values: str) -> str:
    """Returns the text in the language; `values` fill its places."""
    return _TEXTS[key][_PLACE[locale]].format(**values)


def has_text(key: str) -> bool:
    """Whether there is such a text."""
    return key in _TEXTS


def choose_locale(wanted: str | None, accept_language: str | None) -> Locale:
    """Returns the first language we have of `ui_locales`, else of Accept-Language, else French.

    >>> choose_locale("de ar-DZ", None).value, choose_locale(None, "en-GB;q=0.8, fr;q=0.9").value
    ('ar', 'fr')
    """
    candidates = (wanted or "").split()[:10]
    weighed = []
    for part in (accept_language or "")[:500].split(","):
        tag, _, weight = part.partition(";q=")
        weighed.append((-_weight(weight), tag.strip()))
    candidates += [tag for _, tag in sorted(weighed, key=lambda each: each[0])]
    for candidate in candidates:
        language = candidate.split("-")[0].lower()
        if language in {each.value for each in Locale}:
            return Locale(language)
    return Locale.FR


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
