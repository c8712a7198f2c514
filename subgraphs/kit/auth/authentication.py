"""Picks how a token is verified, and remembers verified tokens until they expire."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping

import jwt

from subgraphs.kit.auth.internal import verify_service_token
from subgraphs.kit.auth.key_set import KeySet
from subgraphs.kit.auth.passport import PASSPORT_HEADER, verify_passport
from subgraphs.kit.auth.tokens import refuse_token, verify_access_token
from subgraphs.kit.auth.viewer import ANONYMOUS, Viewer
from subgraphs.kit.clock import Clock
from subgraphs.kit.errors import Unauthenticated
from subgraphs.kit.settings import KitSettings

TOKEN_LENGTH_MAX = 8_192


class Authenticator:
    """Turns the router's passport, else the Authorization header, into a viewer.

    `audience` is the subgraph's name: a passport for another one says nothing here.
    """

    def __init__(self, settings: KitSettings, clock: Clock, audience: str = "") -> None:
        self._settings = settings
        self._audience = audience
        self._clock = clock
        self._keys = KeySet(settings, clock)
        # An EdDSA verification costs 0.28 ms; a client sends the same token hundreds of times.
        self._verified: OrderedDict[bytes, tuple[Viewer, float]] = OrderedDict()

    async def viewer_of(self, headers: Mapping[str, str]) -> Viewer:
        """Returns the viewer; anonymous without a header, and raises Unauthenticated on a bad one.

        `headers` have lower-case names.
        """
        passport = headers.get(PASSPORT_HEADER)
        if passport is not None:
            return await self._viewer_of_token(passport, is_passport=True)
        header = headers.get("authorization")
        if header is None or not header.strip():
            return ANONYMOUS
        scheme, _, token = header.strip().partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > TOKEN_LENGTH_MAX:
            raise Unauthenticated("The Authorization header must be a bearer token")
        return await self._viewer_of_token(token.strip())

    async def _viewer_of_token(self, token: str, *, is_passport: bool = False) -> Viewer:
        if len(token) > TOKEN_LENGTH_MAX:
            raise refuse_token()
        # One kind of token is never taken for the other.
        fingerprint = hashlib.sha256((b"p" if is_passport else b"t") + token.encode()).digest()
        known = self._verified.get(fingerprint)
        if known is not None:
            viewer, expires_at = known
            if expires_at > self._clock.now().timestamp():
                self._verified.move_to_end(fingerprint)
                return viewer
            del self._verified[fingerprint]
            raise refuse_token()
        if is_passport:
            viewer, expires_at = verify_passport(token, self._audience, self._clock, self._settings)
        else:
            viewer, expires_at = await self._verify(token)
        self._verified[fingerprint] = (viewer, expires_at)
        while len(self._verified) > self._settings.token_cache_entries_max:
            self._verified.popitem(last=False)
        return viewer

    async def _verify(self, token: str) -> tuple[Viewer, float]:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise refuse_token() from error
        # The header only chooses between two closed worlds, each with its own key and audience: an HS256
        # token is never checked with a public key, and an EdDSA one never with the secret.
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm == "HS256":
            return verify_service_token(token, self._clock, self._settings)
        if algorithm == "EdDSA" and isinstance(kid, str):
            return await verify_access_token(token, kid, self._keys, self._clock, self._settings)
        raise refuse_token()
