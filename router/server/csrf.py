"""Refuses what a foreign page can make a browser send behind the user's back.

A browser asks first (a preflight) before it sends a foreign request with a JSON body or an unusual header,
and our CORS answer decides. Without asking it sends forms, images, scripts and links: POST without JSON,
which the edge answers 415, and GET. A GET runs queries only, so it changes nothing; what is left to an
attacker is measuring its time or size. Browsers mark those requests themselves (Origin, Sec-Fetch-Site), so a
marked foreign GET is refused and a GET from curl, a server or our own page is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from router.config import CorsConfig, CsrfConfig
from router.response.codes import ErrorCode
from router.server.refusal import RefusedError

_OWN_SITE = frozenset({"same-origin", "none"})  # "none": typed into the address bar or a bookmark


def check_csrf(method: str, headers: Mapping[str, str], csrf: CsrfConfig, cors: CorsConfig) -> None:
    """Raises a 403 RefusedError for a GET that a foreign page started without a preflight.

    A POST needs no check here: any content type but JSON is refused, and JSON forces the preflight.
    """
    if not csrf.enabled or method != "GET" or _proves_preflight(headers, csrf):
        return
    if csrf.get_requires_header or is_foreign(headers, cors):
        names = ", ".join(csrf.required_headers)
        raise RefusedError(
            f"A GET from another site must carry one of these headers: {names}", ErrorCode.CSRF_PREVENTED
        )


def _proves_preflight(headers: Mapping[str, str], csrf: CsrfConfig) -> bool:
    if any(name in headers for name in csrf.required_headers):
        return True
    return headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def is_foreign(headers: Mapping[str, str], cors: CorsConfig) -> bool:
    """Whether a browser says that the request comes from a page of an origin that is not allowed."""
    origin = headers.get("origin")
    if origin is not None:
        is_allowed = "*" in cors.allow_origins or origin in cors.allow_origins
        return not is_allowed and urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    return headers.get("sec-fetch-site", "none") not in _OWN_SITE
