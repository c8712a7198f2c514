"""An authenticator in software: makes passkeys and signs with them as a browser and a security key would.

https://www.w3.org/TR/webauthn-3/ , with ES256 and no attestation.
"""

from __future__ import annotations

import hashlib
import json
import os
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

USER_PRESENT, USER_VERIFIED, HAS_CREDENTIAL = 0x01, 0x04, 0x40


class SoftwarePasskey:
    """One credential on one device, for one origin."""

    def __init__(self, origin: str = "http://localhost:4000") -> None:
        self.origin = origin
        self.credential_id = os.urandom(16)
        self.sign_count = 0
        self.verifies_user = True
        self._key = generate_private_key(SECP256R1())

    def register(self, options: str) -> str:
        """Returns the JSON of the new credential."""
        asked = json.loads(options)
        numbers = self._key.public_key().public_numbers()
        public_key = {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big"),
        }
        credential = (
            bytes(16)
            + len(self.credential_id).to_bytes(2, "big")
            + self.credential_id
            + cbor2.dumps(public_key)
        )
        data = self._authenticator_data(asked["rp"]["id"], HAS_CREDENTIAL) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client_data("webauthn.create", asked["challenge"])
        return self._answer({"clientDataJSON": client, "attestationObject": attestation})

    def sign(self, options: str) -> str:
        """Returns the JSON of an assertion."""
        asked = json.loads(options)
        self.sign_count += 1
        data = self._authenticator_data(asked["rpId"], 0)
        client = self._client_data("webauthn.get", asked["challenge"])
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ECDSA(SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signature})

    def _authenticator_data(self, party_id: str, flags: int) -> bytes:
        flags |= USER_PRESENT | (USER_VERIFIED if self.verifies_user else 0)
        return (
            hashlib.sha256(party_id.encode()).digest() + bytes([flags]) + self.sign_count.to_bytes(4, "big")
        )

    def _client_data(self, kind: str, challenge: str) -> bytes:
        assert base64url_to_bytes(challenge), "the challenge is base64url"
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, bytes]) -> str:
        credential: dict[str, Any] = {
            "id": bytes_to_base64url(self.credential_id),
            "rawId": bytes_to_base64url(self.credential_id),
            "type": "public-key",
            "response": {name: bytes_to_base64url(value) for name, value in response.items()},
        }
        return json.dumps(credential)
