"""From headers to a viewer, and what was verified before: the one verifier of every transport."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2

from router.authentication.credential import Credential, CredentialReader
from router.authentication.introspection import HttpIntrospection, Resolve
from router.authentication.passports import Passports
from router.authentication.refusal import refuse_credential
from router.authentication.service_tokens import ALGORITHM, verify_service_token
from router.authentication.sessions import EndedSessions
from router.authentication.tokens import TokenVerifier, unverified_header
from router.authentication.viewer import ANONYMOUS, Viewer, viewer_of_claims
from router.config import AuthenticationConfig
from router.errors import ClientError
from router.response.codes import ErrorCode
from router.telemetry import catalogue
from router.telemetry.catalogue import Reading


@dataclass(slots=True)
class _Known:
    """What a credential was found to say, None for a refusal; until when that holds, when to look again."""

    viewer: Viewer | None
    good_until: float
    recheck_at: float


class Authenticator:
    """Tells who asks. `resolve` says what opaque credentials stand for; else the settings' endpoint does.

    `transport` is another way to issuers and to the endpoint than the network. `now` gives Unix seconds,
    `clock` those of a steady clock. It belongs to one event loop.
    """

    def __init__(
        self,
        config: AuthenticationConfig,
        *,
        resolve: Resolve | None = None,
        passports: Passports | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self.sessions = EndedSessions(config.sessions)
        self._now = now
        self._headers = config.credential_headers
        self._tokens = TokenVerifier(config, now, clock, transport)
        self._introspection = (
            HttpIntrospection(config.introspection, passports, transport)
            if resolve is None and config.introspection.url
            else None
        )
        self._resolve = resolve or (self._introspection.resolve if self._introspection else None)
        self._reader = CredentialReader(config, resolves=self._resolve is not None)
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._asking: dict[bytes, asyncio.Task[Viewer]] = {}
        self._counts = {"anonymous": 0, "known": 0, "verified": 0, "refused": 0}

    def recall(self, headers: Mapping[str, str], address: str | None = None) -> Viewer | None:
        """Returns the viewer if that takes no waiting: nobody, or verified before. None: `authenticate`."""
        for name in self._headers:
            if name in headers:
                break
        else:
            self._counts["anonymous"] += 1
            return ANONYMOUS
        try:
            credential = self._reader.find(headers, address)
        except ClientError:
            return None
        if credential is None:
            return ANONYMOUS
        known = self._known.get(_fingerprint(credential))
        if known is None or known.viewer is None or not self._holds(known):
            return None
        self._counts["known"] += 1
        return known.viewer

    async def authenticate(self, headers: Mapping[str, str], address: str | None = None) -> Viewer:
        """Returns the viewer of the headers (lower-case names); nobody is a viewer, too.

        Raises ClientError UNAUTHENTICATED for a bad credential unless the settings make nobody of it, and
        AUTHENTICATION_UNAVAILABLE when it cannot be verified.
        """
        try:
            credential = self._reader.find(headers, address)
            if credential is None:
                return ANONYMOUS
            return await self._viewer_of(credential)
        except ClientError as error:
            is_bad = error.code == ErrorCode.UNAUTHENTICATED.name
            self._counts["refused"] += is_bad
            if is_bad and self.config.on_invalid_token == "anonymous":  # noqa: S105 - a choice
                return ANONYMOUS
            raise

    def end_session(self, session: str) -> None:
        """Refuses from now on what a session shows."""
        self.sessions.end(session)

    def readings(self) -> Iterator[Reading]:
        """Yields how requests were authenticated, for metrics."""
        for outcome, count in self._counts.items():
            yield Reading(catalogue.AUTHENTICATIONS, count, (outcome,))

    async def close(self) -> None:
        """Ends what is under way and closes connections."""
        asking = [*self._asking.values()]
        for task in asking:
            task.cancel()
        if asking:
            await asyncio.wait(asking)
        await self._tokens.close()
        await self.sessions.close()
        if self._introspection is not None:
            await self._introspection.close()

    # -- one credential ------------------------------------------------------------------------------

    async def _viewer_of(self, credential: Credential) -> Viewer:
        fingerprint = _fingerprint(credential)
        known = self._known.get(fingerprint)
        if known is not None:
            if known.viewer is None and self._now() < known.good_until:
                raise refuse_credential()
            if known.viewer is not None and self._holds(known):
                return known.viewer
            if known.viewer is not None and self._now() < known.good_until:
                return await self._look_again(known, known.viewer)
            del self._known[fingerprint]
        # All who show the same at the same time wait for one verification.
        task = self._asking.get(fingerprint)
        if task is None:
            task = self._asking[fingerprint] = asyncio.create_task(self._verify(credential, fingerprint))
            task.add_done_callback(lambda done: self._forget_asking(fingerprint, done))
        return await asyncio.shield(task)

    def _forget_asking(self, fingerprint: bytes, done: asyncio.Task[Viewer]) -> None:
        self._asking.pop(fingerprint, None)
        if not done.cancelled():
            done.exception()  # whoever waited has it; nobody may be left by now

    def _holds(self, known: _Known) -> bool:
        now = self._now()
        if now >= known.good_until or now >= known.recheck_at:
            return False
        return known.viewer is None or not self.sessions.is_known_ended(known.viewer.session)

    async def _look_again(self, known: _Known, viewer: Viewer) -> Viewer:
        if viewer.session is not None and await self.sessions.has_ended(viewer.session):
            raise refuse_credential()
        known.recheck_at = self._recheck_at(viewer)
        return viewer

    async def _verify(self, credential: Credential, fingerprint: bytes) -> Viewer:
        viewer, good_until = await self._resolve_or_verify(credential)
        if viewer is None or (viewer.session is not None and await self.sessions.has_ended(viewer.session)):
            refused_until = self._now() + self.config.introspection.keep_refused_s
            self._keep(fingerprint, _Known(None, refused_until, 0.0))
            raise refuse_credential()
        self._keep(fingerprint, _Known(viewer, good_until, self._recheck_at(viewer)))
        self._counts["verified"] += 1
        return viewer

    async def _resolve_or_verify(self, credential: Credential) -> tuple[Viewer | None, float]:
        """Returns the viewer and until when that holds; None for an opaque credential of nobody."""
        names = self.config.claims
        if credential.is_jwt and credential.kind != "api_key":
            header = unverified_header(credential.value)
            # The header only chooses between two closed worlds, each with its own keys and audience: a
            # shared secret never verifies what an issuer signs, and a public key never what services sign.
            if header.get("alg") == ALGORITHM:
                service, claims = verify_service_token(credential.value, self.config.services, self._now)
                viewer = viewer_of_claims(claims, names, service=service)
                return viewer, float(claims["exp"])
            claims = await self._tokens.verify(credential.value, header)
            return viewer_of_claims(claims, names), float(claims["exp"]) + self._leeway_of(claims)
        introspection = self.config.introspection
        if self._resolve is None or (credential.kind == "access_token" and not introspection.opaque_bearer):
            raise refuse_credential()
        return self._resolved(await self._resolve(credential))

    def _resolved(self, claims: Mapping[str, Any] | None) -> tuple[Viewer | None, float]:
        if not claims:
            return None, 0.0
        viewer = viewer_of_claims(claims, self.config.claims)
        holds_until = self._now() + self.config.introspection.keep_s
        if viewer.expires_at is not None:
            if viewer.expires_at <= self._now():
                return None, 0.0
            holds_until = min(holds_until, viewer.expires_at)
        return viewer, holds_until

    def _leeway_of(self, claims: Mapping[str, Any]) -> float:
        issuers = self.config.issuers
        return next((one.leeway_s for one in issuers if one.issuer == claims.get("iss")), 0.0)

    def _recheck_at(self, viewer: Viewer) -> float:
        recheck_s = self.sessions.recheck_s
        return self._now() + recheck_s if recheck_s is not None and viewer.session else float("inf")

    def _keep(self, fingerprint: bytes, known: _Known) -> None:
        self._known[fingerprint] = known
        self._known.move_to_end(fingerprint)
        while len(self._known) > self.config.viewers_max:
            self._known.popitem(last=False)


def _fingerprint(credential: Credential) -> bytes:
    # What an opaque key opens may depend on where it comes from; what a token says does not.
    address = "" if credential.is_jwt else credential.address or ""
    text = f"{credential.kind}\0{address}\0{credential.value}"
    return hashlib.sha256(text.encode()).digest()
