"""Scopes in the words of the person who is asked."""

from __future__ import annotations

from collections.abc import Iterable

from subgraphs.identity.pages.texts import text_of
from subgraphs.identity.service.oauth.scopes import ACCOUNT, is_permission, permissions_in
from subgraphs.kit.locales import Locale


def scope_lines(scopes: Iterable[str], locale: Locale) -> list[str]:
    """Returns a line for each scope."""
    asked = list(scopes)
    own = [text_of("scope_reads_own", locale)] if permissions_in(asked) and ACCOUNT not in asked else []
    return own + [
        text_of("scope_permission", locale, permission=scope)
        if is_permission(scope)
        else text_of(f"scope_{scope}", locale)
        for scope in asked
    ]
