"""The secret by which a guest comes back to a cart, and later to its order; only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new_secret() -> str:
    """Returns a secret nobody guesses."""
    return secrets.token_urlsafe(_BYTES)


def hash_secret(secret: str | None) -> bytes | None:
    """Returns the hash that is kept; the secret is random, so a fast hash gives nothing away."""
    return hashlib.sha256(secret.encode()).digest() if secret else None
