"""What a browser may do with a page, and the proof that a form was filled in on one of ours."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from urllib.parse import urlsplit

from subgraphs.kit.settings import KitSettings


def page_headers(form_targets: Sequence[str] = (), *, has_script: bool = False) -> dict[str, str]:
    """Returns the headers of a page.

    Forms go to us alone; Chromium holds also what a form's answer redirects to against `form-action`, so the
    origins of `form_targets` are allowed on the page that leads there.
    """
    targets = " ".join(["'self'", *filter(None, map(_source_of, form_targets))])
    policy = (
        "default-src 'none'",
        "style-src 'self'",
        *(["script-src 'self'"] if has_script else []),
        "img-src 'self'",
        f"form-action {targets}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
    return {
        "content-security-policy": "; ".join(policy),
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=()",
    }


def form_token(settings: KitSettings, browser: str) -> str:
    """Returns what a form must carry in the browser that holds this cookie."""
    assert settings.internal_secret is not None, "the provider's routes need a secret to start"
    key = hashlib.sha256(b"zellige form token" + settings.internal_secret.encode()).digest()
    return hmac.new(key, browser.encode(), "sha256").hexdigest()


def is_form_token(settings: KitSettings, browser: str | None, given: str) -> bool:
    """Whether the form comes from a page we gave this browser."""
    return bool(browser) and hmac.compare_digest(form_token(settings, browser or ""), given)


def _source_of(uri: str) -> str:
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} else f"{parts.scheme}:"
