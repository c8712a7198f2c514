"""Random secrets of the provider, and what is kept of them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode

SECRET_BYTES = 32
USER_CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # RFC 8628, section 6.1: no vowels, so no words
USER_CODE_LENGTH = 8


def new_secret() -> str:
    """Returns 256 random bits as text."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hash_secret(secret: str) -> bytes:
    """Returns what is stored of a secret."""
    return hashlib.sha256(secret.encode()).digest()


def is_secret(given: str, kept: bytes) -> bool:
    """Whether the secret is the one kept, in a time that tells nothing."""
    return hmac.compare_digest(hash_secret(given), kept)


def new_user_code() -> str:
    """Returns a code for a person to type."""
    return "".join(secrets.choice(USER_CODE_LETTERS) for _ in range(USER_CODE_LENGTH))


def read_user_code(text: str) -> str:
    """Returns the code as it was made, whatever dashes, spaces and small letters it was typed with."""
    return "".join(letter for letter in text.upper() if letter.isalnum())[: USER_CODE_LENGTH * 2]


def verifies_challenge(verifier: str, challenge: str) -> bool:
    """Whether the PKCE verifier is that of the S256 challenge (RFC 7636, section 4.6)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    made = urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(made.encode(), challenge.encode())
