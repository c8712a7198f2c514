"""WebAuthn's view of us: which passkeys are ours, what they must sign, and whether they did.

https://www.w3.org/TR/webauthn-3/ ; user verification is required, so that a passkey is two factors in one.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

import orjson
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from subgraphs.identity.errors import InvalidSecondFactor
from subgraphs.identity.model.tables import PasskeyRow, UserRow
from subgraphs.kit.settings import KitSettings

CHALLENGE_BYTES = 32
TIMEOUT_MS = 120_000
CREDENTIAL_LENGTH_MAX = 20_000
NAME = "Zellige"
_VERIFIED = UserVerificationRequirement.REQUIRED


class RelyingParty:
    """The installation as authenticators know it, by its public address."""

    def __init__(self, settings: KitSettings) -> None:
        address = urlsplit(settings.public_url)
        self.origin = f"{address.scheme}://{address.netloc}"
        self.id = address.hostname or "localhost"

    def new_challenge(self) -> bytes:
        """Returns what the next passkey is to sign."""
        return secrets.token_bytes(CHALLENGE_BYTES)

    def registration_options(self, user: UserRow, known: Sequence[PasskeyRow], challenge: bytes) -> str:
        """Returns the JSON for `navigator.credentials.create`."""
        options = generate_registration_options(
            rp_id=self.id,
            rp_name=NAME,
            user_name=user.email,
            user_id=user.id.bytes,
            user_display_name=user.name,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED, user_verification=_VERIFIED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each.credential_id) for each in known],
        )
        return options_to_json(options)

    def authentication_options(self, known: Sequence[PasskeyRow], challenge: bytes) -> str:
        """Returns the JSON for `navigator.credentials.get`; without known ones, any of this installation."""
        options = generate_authentication_options(
            rp_id=self.id,
            challenge=challenge,
            timeout=TIMEOUT_MS,
            user_verification=_VERIFIED,
            allow_credentials=[PublicKeyCredentialDescriptor(id=each.credential_id) for each in known],
        )
        return options_to_json(options)

    def read_registration(self, credential: str, challenge: bytes) -> VerifiedRegistration:
        """Returns the new credential; raises InvalidSecondFactor."""
        try:
            return verify_registration_response(
                credential=_bounded(credential),
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise _refusal() from error

    def read_assertion(self, credential: str, challenge: bytes, passkey: PasskeyRow) -> int:
        """Returns the authenticator's counter; raises InvalidSecondFactor."""
        try:
            verified = verify_authentication_response(
                credential=_bounded(credential),
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                # The counter is compared where it is stored, in one statement.
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except (WebAuthnException, ValueError, KeyError, TypeError) as error:
            raise _refusal() from error
        return verified.new_sign_count


def credential_id_of(credential: str) -> bytes:
    """Returns which credential an answer claims to come from; raises InvalidSecondFactor."""
    try:
        return base64url_to_bytes(orjson.loads(_bounded(credential))["rawId"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _refusal() from error


def _bounded(credential: str) -> str:
    if len(credential) > CREDENTIAL_LENGTH_MAX:
        raise _refusal()
    return credential


def _refusal() -> InvalidSecondFactor:
    return InvalidSecondFactor("This passkey's answer does not hold")
