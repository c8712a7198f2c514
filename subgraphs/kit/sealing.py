"""Secrets that must be read again (TOTP seeds, private keys, links in events), kept so that a copy is no use.

AES-256-GCM; what a secret is for stands in the authenticated data, so one cannot be passed off as another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from subgraphs.kit.settings import KitSettings

SECRET_LENGTH_MIN = 32
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


class UnreadableSecretError(Exception):
    """The sealed text was made with a key that is not here any more, for another purpose, or was changed."""


class Sealing:
    """Seals with the first key and opens with any of them."""

    def __init__(self, secrets: Sequence[str]) -> None:
        keys = [_derive(secret) for secret in secrets]
        self._newest = keys[0]
        self._keys = {_key_id(key): AESGCM(key) for key in keys}
        self._raw = keys

    def seal(self, text: str, purpose: str) -> str:
        """Returns the sealed text, base64url; each sealing of one text is another."""
        nonce = os.urandom(_NONCE_BYTES)
        key_id = _key_id(self._newest)
        sealed = self._keys[key_id].encrypt(nonce, text.encode(), purpose.encode())
        return base64.urlsafe_b64encode(key_id + nonce + sealed).decode()

    def open(self, sealed: str, purpose: str) -> str:
        """Returns the text; raises UnreadableSecretError."""
        try:
            raw = base64.urlsafe_b64decode(sealed.encode())
            key = self._keys[raw[:_KEY_ID_BYTES]]
            body = raw[_KEY_ID_BYTES:]
            return key.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], purpose.encode()).decode()
        except (binascii.Error, KeyError, ValueError, InvalidTag) as error:
            raise UnreadableSecretError(f"A secret for {purpose} cannot be read") from error

    def fingerprint(self, text: str, purpose: str) -> bytes:
        """Returns what is stored of a secret too short for a plain hash: guessing it takes our key."""
        return _fingerprint(self._newest, text, purpose)

    def fingerprints(self, text: str, purpose: str) -> list[bytes]:
        """Returns what may have been stored of it, by each of the keys."""
        return [_fingerprint(key, text, purpose) for key in self._raw]


def event_sealing(settings: KitSettings) -> Sealing:
    """Returns what seals secrets in events: every domain can open them, the bus and its logs cannot."""
    return Sealing([_internal_secret(settings)])


def storage_sealing(settings: KitSettings) -> Sealing:
    """Returns what seals secrets in tables: `encryption_keys`, the newest first, else the internal secret."""
    keys = [each.strip() for each in (settings.encryption_keys or "").split(",") if each.strip()]
    if any(len(each) < SECRET_LENGTH_MIN for each in keys):
        raise RuntimeError(f"Each of ZELLIGE_ENCRYPTION_KEYS needs at least {SECRET_LENGTH_MIN} characters")
    return Sealing(keys or [_internal_secret(settings)])


def _internal_secret(settings: KitSettings) -> str:
    secret = settings.internal_secret
    if secret is None or len(secret) < SECRET_LENGTH_MIN:
        raise RuntimeError(f"ZELLIGE_INTERNAL_SECRET must have at least {SECRET_LENGTH_MIN} characters")
    return secret


def _derive(secret: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"zellige sealing").derive(secret.encode())


def _fingerprint(key: bytes, text: str, purpose: str) -> bytes:
    return hmac.digest(key, f"{purpose}\0{text}".encode(), "sha256")


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"id" + key).digest()[:_KEY_ID_BYTES]
