"""Ed25519 keys of the access tokens: made once, read by identity, published as a JWKS."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)


def generate_signing_key() -> str:
    """Returns a new private key as PEM text, for a first start or a rotation."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def read_signing_key(pem_or_path: str) -> Ed25519PrivateKey:
    """Returns the private key from PEM text or from the file of that path."""
    text = pem_or_path if pem_or_path.lstrip().startswith("-----") else Path(pem_or_path).read_text("utf-8")
    key = load_pem_private_key(text.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("The signing key must be an Ed25519 private key")
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """Returns the `kid`: the key's RFC 7638 thumbprint, so that it needs no registry."""
    members = {"crv": "Ed25519", "kty": "OKP", "x": _encode(key.public_bytes_raw())}
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":")).encode()
    return _encode(hashlib.sha256(canonical).digest())


def public_jwks(*keys: Ed25519PublicKey) -> dict[str, Any]:
    """Returns the JSON Web Key Set of the keys; several stand in it while one replaces the other."""
    return {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "alg": "EdDSA",
                "use": "sig",
                "kid": key_id(key),
                "x": _encode(key.public_bytes_raw()),
            }
            for key in keys
        ]
    }


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
