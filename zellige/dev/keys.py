"""The secrets of a development installation: made once, kept in the data directory, readable by its owner."""

from __future__ import annotations

import secrets
from pathlib import Path

from subgraphs.kit.auth.keys import generate_signing_key

SECRET_BYTES = 32


def ensure_keys(directory: Path) -> dict[str, str]:
    """Returns the settings that name the signing key and hold the internal secret."""
    signing_key = directory / "signing-key.pem"
    if not signing_key.exists():
        _write_private(signing_key, generate_signing_key())
    secret = directory / "internal-secret"
    if not secret.exists():
        _write_private(secret, secrets.token_urlsafe(SECRET_BYTES))
    return {
        "ZELLIGE_SIGNING_KEY": str(signing_key.absolute()),
        "ZELLIGE_INTERNAL_SECRET": secret.read_text(encoding="utf-8"),
    }


def _write_private(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".unfinished")  # an interrupted write must not leave half a key behind
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    unfinished.write_text(text, encoding="utf-8")
    unfinished.rename(path)
